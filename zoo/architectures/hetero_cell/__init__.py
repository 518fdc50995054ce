"""HeteroCell: a graph network on genes, reactions and metabolites of a cell."""

from zoo.architectures.hetero_cell.model import TASK, Config, Model

__all__ = ("TASK", "Config", "Model")
