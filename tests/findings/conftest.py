"""The fixtures of training serve the findings as well: toy entries, planted data, a toy sweep."""

from tests.training.conftest import *  # noqa: F403
from tests.training.perturbations.conftest import *  # noqa: F403
from tests.training.sweep.conftest import *  # noqa: F403
