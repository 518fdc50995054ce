"""The mean perturbation: every set changes expression as the perturbations of training do.

change(S) = mean of the training changes. It knows that something was done, and not what.
"""

from zoo.architectures._expression import TASK, Config, Model

__all__ = ["TASK", "Config", "Model"]
