"""What the zoo must know of entries that predict expression; found by the name of this folder."""

from zoo.entry import OpenEntry, StateRules
from zoo.scorer import Offer, Scorer

OFFER = Offer(
    methods=("predict_expression", "expression_matrix", "changed", "to_anndata"),
    instead="It predicts expression: type .predict_expression([['KLF1', 'MAP2K6']])",
    ways="zoo predict-expression, .predict_expression in Python, or POST /predict_expression",
)


def scorer(opened: OpenEntry) -> Scorer:
    """What answers for an opened entry."""
    from zoo.expression.scorer import ExpressionPredictor

    return ExpressionPredictor(opened)


def rules() -> StateRules:
    """What entries keep beside their graphs."""
    from zoo.expression.state import RULES

    return RULES
