"""The real data sets, read once a process; not to be changed."""

from functools import cache

from training import data
from training.data import cell_graph as cells
from training.data.cell_graph import CellGraph
from training.data.files import DataFiles

load = cache(data.load)


@cache
def cell_graph() -> CellGraph:
    """The cell around the genes of yeast."""
    return cells.cell_graph(load("yeast"), DataFiles.find(None))
