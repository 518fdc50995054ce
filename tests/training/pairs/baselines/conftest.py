"""A context over the planted data."""

import pytest

from tests.training.pairs.baselines import planted
from training.pairs.baselines import Context


@pytest.fixture(scope="session")
def context() -> Context:
    """Planted modules, split."""
    data = planted.data()
    return Context.of(data, planted.split(data))
