"""What the study reported, beside which our figures are printed.

Accuracy is a share, not a percentage. From the study's report and the result files of its public
repository (Evintkoo/module-regularized-grn, `results/model_comparison.json` for 1:1 and 5:1,
`two_tower_10to1.json` for 10:1; `train_extended.log`, which has the cross-encoder at 10:1 and ends
after four of five seeds of the two towers at 50:1, all at the same accuracy). What was not reported
is missing.
"""

PUBLISHED: dict[tuple[str, int], dict[str, float]] = {
    ("two_tower", 1): {"accuracy": 0.8090, "auroc": 0.810, "f1": 0.807},
    ("cross_encoder", 1): {"accuracy": 0.8303, "auroc": 0.904, "f1": 0.831},
    ("two_tower", 5): {"accuracy": 0.7403, "auroc": 0.743, "f1": 0.660},
    ("cross_encoder", 5): {"accuracy": 0.8147, "auroc": 0.915, "f1": 0.783},
    ("two_tower", 10): {"accuracy": 0.6592, "auroc": 0.659},
    ("cross_encoder", 10): {"accuracy": 0.7740, "auroc": 0.911},
    ("two_tower", 50): {"accuracy": 0.5019},
}
COLLAPSED = 0.50
GRADIENT_NORM = 1766


def gap(figure: str, ratio: int = 1) -> float:
    """By how much the cross-encoder was reported above the two towers."""
    return PUBLISHED["cross_encoder", ratio][figure] - PUBLISHED["two_tower", ratio][figure]


def loss(model: str, ratio: int) -> float:
    """The accuracy that a network was reported to lose from 1:1 to `ratio`:1."""
    return PUBLISHED[model, 1]["accuracy"] - PUBLISHED[model, ratio]["accuracy"]
