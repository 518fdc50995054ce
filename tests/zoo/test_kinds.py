"""Scorers of one kind where only that kind will do."""

import pytest

from contracts.errors import Unsupported
from tests import tiny
from zoo import kinds


@pytest.mark.parametrize("entry", tiny.PAIRS)
@pytest.mark.usefixtures("only_tiny")
def test_pairs(entry: str):
    model = kinds.load_pairs(entry, "zoo score", device="cpu")
    assert kinds.pair_scorer(model, "zoo score") is model
    with pytest.raises(Unsupported, match=f"{entry} does not offer zoo predict.*zoo score") as told:
        kinds.perturbation_scorer(model, "zoo predict")
    assert told.value.method == "zoo predict"
    assert model.manifest.task in told.value.instead


@pytest.mark.parametrize("entry", tiny.CELLS)
@pytest.mark.usefixtures("only_tiny")
def test_perturbations(entry: str):
    model = kinds.load_perturbations(entry, "zoo predict", device="cpu")
    assert kinds.perturbation_scorer(model, "zoo predict") is model
    with pytest.raises(Unsupported, match=r"does not offer vectors.*POST /score_perturbations"):
        kinds.load_pairs(entry, "vectors")
