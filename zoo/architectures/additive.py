"""The additive model: the changes of single perturbations, added up.

change(S) = sum over i in S of the measured change of i alone. It answers for genes that were
measured alone, and nothing is fitted. It is exact where genes do not interact.
"""

from zoo.architectures._expression import TASK, Config, Model

__all__ = ["TASK", "Config", "Model"]
