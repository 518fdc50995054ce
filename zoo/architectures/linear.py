"""The linear model: changes by the vectors of perturbed genes and of readout genes.

Y ~ G W P^T + b with W = (G^T G + l I)^-1 G^T (Y - b) P (P^T P + l I)^-1, from Ahlmann-Eltze, Huber
and Anders (Nature Methods 2025). `loading` holds P and `direction` is (G W)^T; a set has the sum of
the vectors of its members.
"""

from zoo.architectures._expression import TASK, Config, Model

__all__ = ["TASK", "Config", "Model"]
