"""The additive model on changes that are shrunk by how well they were measured.

change(S) = sum over i in S of the posterior mean of the change of i alone, by empirical Bayes: a
change that is within its own noise counts little. See training.expression.shrinkage.
"""

from zoo.architectures._expression import TASK, Config, Model

__all__ = ["TASK", "Config", "Model"]
