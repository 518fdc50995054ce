"""tiny_response-toy, loaded: see tests/tiny_expression.py."""

from pathlib import Path

import pytest

import zoo
from tests import tiny
from zoo.expression.scorer import ExpressionPredictor
from zoo.store import folders


@pytest.fixture(scope="session")
def model(tiny_root: Path) -> ExpressionPredictor:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(folders._registered, tiny.RESPONDING, tiny_root / tiny.RESPONDING)
        return zoo.load(tiny.RESPONDING, device="cpu")
