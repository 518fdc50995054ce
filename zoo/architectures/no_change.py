"""No change: a perturbation moves no gene.

change(S) = 0. Whatever claims to predict a response must be nearer to it than this.
"""

from zoo.architectures._expression import TASK, Config, Model

__all__ = ["TASK", "Config", "Model"]
