"""The study's claims, each with what our runs say about it and a verdict worked out from them.

A verdict is never typed: it follows from the results by the rules in the functions below. Where
the runs that it needs are missing it is "not run"; with one seed, "undecided".
"""

from collections.abc import Callable

from training.reproduce import claims_gradients as gradients
from training.reproduce.cells import FAILURES, SEEDS, Cell
from training.reproduce.finding import (
    EXPLAINED,
    NOT,
    NOT_RUN,
    REPRODUCED,
    UNDECIDED,
    Finding,
    around,
    points,
)
from training.reproduce.published import PUBLISHED, gap, loss
from training.reproduce.results import Results, Spread, figured


def gap_verdict(as_it_was: Spread | None, reported: float, causes: dict[str, Spread | None]) -> str:
    """Whether a difference was seen, and whether one change takes away at least half of it.

    `causes` are the differences after one change each, by what was changed. An interval that
    holds both zero and the reported difference decides nothing.
    """
    if as_it_was is None:
        return NOT_RUN
    if as_it_was.low <= 0:
        return UNDECIDED if as_it_was.high >= reported else NOT
    halved = [c for c, s in causes.items() if s is not None and s.mean <= as_it_was.mean / 2]
    return EXPLAINED.format(cause=" and ".join(halved)) if halved else REPRODUCED


def higher_auroc(results: Results) -> Finding:
    """The gap in AUROC at 1:1, as the study took it and after either change."""
    last, kept = results.gap("last", "auroc"), results.gap("restored", "auroc")
    unrounded = results.gap("last", "auroc_logit")
    causes = {"not keeping the best epoch": kept, "ties of rounded probabilities": unrounded}
    seen = "No pair of runs yet."
    if last and kept and unrounded:
        seen = (
            f"Cross-encoder less two towers over {len(last.values)} of {len(SEEDS)} seeds: "
            f"{around(last)} in the last epoch, {around(unrounded)} when the same weights are "
            f"ranked by their logit, {around(kept)} with the best validation epoch kept."
        )
    claim = (
        "At 1:1 the cross-encoder's AUROC is higher, "
        f"{PUBLISHED['cross_encoder', 1]['auroc']:.3f} against "
        f"{PUBLISHED['two_tower', 1]['auroc']:.3f} ({gap('auroc'):+.3f})."
    )
    return Finding(claim, seen, gap_verdict(last, gap("auroc"), causes))


def higher_accuracy(results: Results) -> Finding:
    """The gap in accuracy at 1:1."""
    last, kept = results.gap("last", "accuracy"), results.gap("restored", "accuracy")
    seen = "No pair of runs yet."
    if last and kept:
        seen = f"{around(last, True)} in the last epoch, {around(kept, True)} with the best epoch."
    claim = f"At 1:1 the cross-encoder is more accurate ({points(gap('accuracy'))})."
    causes = {"not keeping the best epoch": kept}
    return Finding(claim, seen, gap_verdict(last, gap("accuracy"), causes))


def imbalance(ratio: int) -> Callable[[Results], Finding]:
    """The claim that the two towers lose more than the cross-encoder at `ratio`:1."""

    def finding(results: Results) -> Finding:
        claim = (
            f"Trained at {ratio}:1 the two towers lose {points(loss('two_tower', ratio))[1:]} of "
            f"accuracy, the cross-encoder {points(loss('cross_encoder', ratio))[1:]}."
        )
        models = ("two_tower", "cross_encoder")
        tt, ce = (results.loss(m, ratio, "last", "accuracy") for m in models)
        mended = [results.loss(m, ratio, "restored", "corrected/accuracy") for m in models]
        if tt is None or ce is None:
            return Finding(claim, "Not both networks were run.", NOT_RUN)
        tt_mended, ce_mended = mended
        seen = (
            f"Lost in the last epoch: two towers {around(tt, True)}, cross-encoder "
            f"{around(ce, True)}. Lost with the best epoch kept and the logit corrected for the "
            f"prior: {around(tt_mended, True)} and {around(ce_mended, True)}."
        )
        return Finding(claim, seen, _imbalance_verdict(tt, ce, tt_mended, loss("two_tower", ratio)))

    return finding


def _imbalance_verdict(towers: Spread, cross: Spread, mended: Spread, reported: float) -> str:
    """Reproduced where the towers lose more; explained where the correction halves their loss."""
    if towers.low <= max(cross.mean, 0):
        return UNDECIDED if towers.high >= reported else NOT
    if mended.mean <= towers.mean / 2:
        return EXPLAINED.format(cause="the shift of the prior and not keeping the best epoch")
    return REPRODUCED


def expression(results: Results) -> Finding:
    """The claim that the cross-encoder gains from co-expression."""
    claim = "The cross-encoder's joint processing captures co-expression of regulator and gene."
    rule = results.one(Cell(model="namespace_rule"))
    if rule is None:
        return Finding(claim, "Not run.", NOT_RUN)
    found = rule["expression_coverage"]
    seen = (
        f"Expression was joined by name to a table of Ensembl ids: {found['tfs']} of "
        f"{found['tfs_total']:,} regulators and {found['genes']} of {found['genes_total']:,} genes "
        "have such a name. Every profile is eleven zeros, in the study and here."
    )
    absent = found["tfs"] == 0 or found["genes"] == 0
    return Finding(claim, seen, NOT if absent else UNDECIDED)


def inductive_bias(results: Results) -> Finding:
    """The claim that the gap shows how well each network models regulation."""
    claim = "Joint encoding is the better inductive bias for predicting regulation."
    rival = results.one(Cell(model="degree_logistic"))
    rule = results.one(Cell(model="namespace_rule"))
    tops = [results.spread(m, 1, "restored", "auroc_logit") for m in ("two_tower", "cross_encoder")]
    if rival is None or rule is None or None in tops:
        return Finding(claim, "Not run.", NOT_RUN)
    degree = rival["variants"]["fitted"]["auroc"]
    seen = (
        f"Logistic regression on degree counts and the kinds of names: AUROC {degree['value']:.3f} "
        f"[{degree['low']:.3f}, {degree['high']:.3f}]; the networks at their best epochs "
        f"{tops[0].mean:.3f} (two towers) and {tops[1].mean:.3f}. Whether both names are of one "
        f"kind gives {figured(rule, 'fitted', 'auroc'):.3f} by itself."
    )
    beaten = degree["low"] > max(top.mean for top in tops)
    cause = EXPLAINED.format(cause="degrees and identifiers")
    return Finding(claim, seen, cause if beaten else UNDECIDED)


CLAIMS: tuple[Callable[[Results], Finding], ...] = (
    higher_auroc,
    higher_accuracy,
    imbalance(5),
    imbalance(10),
    *(gradients.collapse(failures) for failures in FAILURES),
    gradients.norm,
    gradients.corrected_network,
    expression,
    inductive_bias,
)
