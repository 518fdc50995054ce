"""The study's claims about gradients, each with what our runs say and a verdict worked out."""

from collections.abc import Callable
from typing import Any

from training.reproduce.cells import SEEDS, Cell
from training.reproduce.finding import EXPLAINED, NOT, NOT_RUN, REPRODUCED, Finding, points
from training.reproduce.gradients import CLIP, FAILURE_NAMES, TIGHT_CLIP, Failures
from training.reproduce.published import COLLAPSED, GRADIENT_NORM, PUBLISHED, gap
from training.reproduce.results import Results, figured

# Training accuracy up to here counts as "about 50 %".
COLLAPSE = 0.55


def collapse(failures: Failures) -> Callable[[Results], Finding]:
    """The claim that a gradient failure by itself takes training to about one half."""

    def finding(results: Results) -> Finding:
        names = [FAILURE_NAMES[name] for name in failures.names]
        what = "All three together" if len(names) > 1 else f"By itself, {names[0]}"
        claim = f"{what}: training stays at about {COLLAPSED:.0%} accuracy."
        broken = results.failure(failures)
        if broken is None:
            return Finding(claim, "Not run.", NOT_RUN)
        end = broken["history"][-1]
        seen = (
            f"Training accuracy {end['train_accuracy']:.3f} after epoch {broken['epochs']}, test "
            f"{figured(broken, 'last', 'accuracy'):.3f}; median norm {end['norm_median']:.3g}."
        )
        return Finding(claim, seen, REPRODUCED if end["train_accuracy"] <= COLLAPSE else NOT)

    return finding


def norm(results: Results) -> Finding:
    """The claim that gradients explode unless they are clipped."""
    claim = (
        f"Without clipping the updates explode (a gradient norm of about {GRADIENT_NORM:,} was "
        "reported; the code clipped at 1.0)."
    )
    sound = results.one(Cell(model="two_tower", seed=SEEDS[0]))
    if sound is None:
        return Finding(claim, "Not run.", NOT_RUN)
    largest = _largest(sound)
    clipped = sum(epoch["clipped"] for epoch in sound["history"]) / len(sound["history"])
    seen = (
        f"Largest norm of a batch with sound gradients: {largest:.3g}; {clipped:.1%} of all "
        f"batches are above {CLIP}."
    )
    tight = results.failure(Failures(tight_clip=True))
    if tight is not None:
        change = figured(tight, "last", "accuracy") - figured(sound, "last", "accuracy")
        seen += f" Clipping at {TIGHT_CLIP} changes the test accuracy by {points(change)}."
    if largest >= GRADIENT_NORM / 2:
        return Finding(claim, seen, REPRODUCED)
    replaced = results.failure(Failures(replaced_gradient=True))
    if replaced is None:
        return Finding(claim, seen, NOT)
    seen += f" With the gradient replaced the largest norm is {_largest(replaced):.3g}."
    cause = EXPLAINED.format(cause=FAILURE_NAMES["replaced_gradient"])
    return Finding(claim, seen, cause if _largest(replaced) >= GRADIENT_NORM / 2 else NOT)


def _largest(result: dict[str, Any]) -> float:
    """The largest gradient norm of any batch."""
    return max(epoch["norm_max"] for epoch in result["history"])


def corrected_network(results: Results) -> Finding:
    """The claim that the published two towers had sound gradients."""
    claim = "The published two towers were trained with all three failures corrected."
    sound = results.one(Cell(model="two_tower", seed=SEEDS[0]))
    twice = results.failure(Failures(double_sigmoid=True))
    if sound is None or twice is None:
        return Finding(claim, "Not run.", NOT_RUN)
    aim = PUBLISHED["two_tower", 1]
    off = {
        name: {f: figured(r, "last", f) - aim[f] for f in ("accuracy", "auroc")}
        for name, r in (("sound", sound), ("twice", twice))
    }
    seen = (
        f"Off the published AUROC by {off['sound']['auroc']:+.3f} with sound gradients and by "
        f"{off['twice']['auroc']:+.3f} with the second sigmoid derivative; off the accuracy by "
        f"{points(off['sound']['accuracy'])} and {points(off['twice']['accuracy'])}. Saturated "
        f"test pairs: {figured(sound, 'last', 'saturated'):.1%} and "
        f"{figured(twice, 'last', 'saturated'):.1%}. A comment in the public training program of "
        "these results says that the backward pass multiplies by the sigmoid's derivative."
    )
    cross = results.one(Cell(model="cross_encoder", seed=SEEDS[0]))
    if cross is not None:
        between = figured(cross, "last", "auroc") - figured(twice, "last", "auroc")
        seen += (
            f" With it on, the same seed's cross-encoder is {between:+.3f} above the towers; "
            f"{gap('auroc'):+.3f} was published."
        )
    closer = abs(off["twice"]["auroc"]) < abs(off["sound"]["auroc"])
    return Finding(claim, seen, NOT if closer else REPRODUCED)
