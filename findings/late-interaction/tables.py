"""The findings page on late interaction, from what its result files hold and from nothing else."""

from collections.abc import Iterator
from typing import Any

from rule import (
    DEGREE,
    NETWORKS,
    OURS,
    RUNG,
    SEEDED,
    Verdict,
    cost,
    judge,
)
from training.cards import markdown as md

COLUMNS = {
    "degree_preserving/auroc": "AUROC, degree-preserving",
    "within_source/auroc": "AUROC, within source",
    "cold_gene/auroc": "AUROC, unseen gene",
    "uniform/auroc": "AUROC, uniform",
    "retrieval/mrr": "MRR",
    "retrieval/hits@10": "hits@10",
}
TUNED = ("vectors", "dim", "smoothing", "initial_scale")

TITLE = """\
# Late interaction: does it earn a place?

The seed study found a cross-encoder ahead of two towers and left a question: can the towers'
precomputed vectors be kept and the gap closed *through architectural modifications such as late
interaction*? Between the two networks shipped here no such gap is left
([why](../modular-vs-monolithic/README.md)), so we ask whether late interaction is ahead of both.

**The model.** `late_interaction` gives each regulator and each gene {vectors} vectors of {dim}
numbers and unit length. For each vector of the regulator the best-matching vector of the gene is
taken, and the cosines are summed (max-sim; [ColBERT](https://arxiv.org/abs/2004.12832), Khattab and
Zaharia 2020), scaled, and shifted by a learned constant. All else is as in the two towers: encoder,
training pairs, loss, popularity terms.

**The rule**, written before the comparison. The rival is the shipped network with the higher
degree-preserving AUROC on validation. Late interaction earns a place where the paired difference
in that figure has a 95% confidence interval (CI) above zero; or where this interval includes zero
and that of
the difference in retrieval MRR is above zero."""

DECISION = """\
**Decision.** Against `{rival}`: degree-preserving AUROC {auroc}, MRR {mrr}. {reason} By the rule
late interaction **{earned}**."""

TABLE = """\
The exported graphs on the validation pairs; the test split was not touched. Intervals
(95%, {resamples:,} resamples) are over regulators, for MRR and hits@10 over genes.
Edge table {digest}."""

GAPS = """\
Late interaction less each of the others, on the same pairs and resamples:"""

SEEDS = """\
Validation AUROC of a training's best epoch over seeds, mean ± standard deviation; an interval
above covers the choice of pairs, not this:"""

COST = """\
## Cost

Multiply-adds of a pair, and the vectors and numbers that an entity keeps, when all that belongs to
one entity alone is computed once. The graphs of the two that are exported whole, late interaction
and cross-encoder, encode both sides again for each pair."""

TRIED = """\
## How it was chosen

By the mean of the two validation AUROCs that every training here monitors, at the best epoch of
each of {count} trainings. Smoothing 0 is the maximum itself, t the smooth one, t ln Σ exp(s / t).
The pairs that decide are those that chose, for late interaction as for the shipped networks before
it, so its lead may be a little kind."""

AFRESH = """\
The same two networks, both from other seeds, which took no part in the choice:"""

AGAIN = """\
## Again

```sh
zoo train late_interaction-brain
zoo export late_interaction-brain --output entries    # and the three others, where they changed
python findings/late-interaction/page.py --entries entries
```

`--trials` gathers the trials from a folder of run folders, and `--afresh` compares other seeds from
a folder of such folders of entries."""


def render(
    valid: dict[str, Any], trials: list[dict[str, Any]], afresh: list[dict[str, Any]]
) -> str:
    """The page as Markdown, from what results/ holds: valid.json, trials.json and afresh.json."""
    verdict, config = judge(valid), valid["networks"][OURS]["config"]
    resamples = valid["protocols"]["degree_preserving"]["resamples"]
    sections = (
        TITLE.format(vectors=config["vectors"], dim=config["dim"]),
        md.paragraph(_decision(verdict)),
        "## On validation",
        md.paragraph(TABLE.format(resamples=resamples, digest=valid["edges_digest"][:12])),
        md.table(("model", *COLUMNS.values()), _figures(valid)),
        GAPS,
        md.table(("less", *COLUMNS.values()), _gaps(valid)),
        SEEDS,
        md.table(("model", "seeds", *(COLUMNS[name] for name in SEEDED)), _seeds(valid)),
        COST,
        md.table(
            (
                "model",
                "parameters",
                "vectors an entity",
                "numbers an entity",
                "multiply-adds a pair",
            ),
            _costs(valid),
        ),
        TRIED.format(count=len(trials)),
        md.table((*TUNED, "epochs", *(COLUMNS[n] for n in SEEDED), "mean"), _trials(trials)),
        AFRESH,
        md.table(("less", "seed", *COLUMNS.values()), _afresh(afresh)),
        AGAIN,
    )
    return "\n\n".join(sections) + "\n"


def _decision(verdict: Verdict) -> str:
    auroc, mrr = verdict.auroc, verdict.mrr
    if auroc["low"] > 0:
        reason = "The first interval is above zero."
    elif auroc["high"] < 0:
        reason = "The first interval is below zero."
    elif mrr["low"] > 0:
        reason = "The first interval includes zero and the second is above it."
    else:
        reason = "The first interval includes zero and the second is not above it."
    return DECISION.format(
        rival=verdict.rival,
        auroc=md.difference(auroc),
        mrr=md.difference(mrr),
        reason=reason,
        earned="earns a place" if verdict.earned else "earns no place",
    )


def _named(valid: dict[str, Any]) -> dict[str, str]:
    """What the tables call each model, in the order of the page."""
    entries = {name: f"`{name}`" for name in (OURS, *NETWORKS)}
    return entries | {RUNG: valid["rungs"][RUNG], DEGREE: f"`{DEGREE}`"}


def _figures(valid: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, shown in _named(valid).items():
        yield shown, *(md.figure(_at(valid, "metrics", name, column)) for column in COLUMNS)


def _gaps(valid: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, shown in _named(valid).items():
        if name != OURS:
            gaps = (_at(valid, "difference", name, column) for column in COLUMNS)
            yield shown, *map(md.difference, gaps)


def _at(valid: dict[str, Any], kind: str, name: str, column: str) -> dict[str, float]:
    protocol, figure = column.split("/")
    return valid["protocols"][protocol][kind][name][figure]


def _afresh(afresh: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for each in afresh:
        gaps = (column.split("/") for column in COLUMNS)
        shown = (md.difference(each["difference"].get(at, {}).get(name)) for at, name in gaps)
        yield f"`{each['rival']}`", str(each["seed"]), *shown


def _seeds(valid: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name in (OURS, *NETWORKS):
        seeds = valid["networks"][name]["seeds"]
        if seeds is None:
            yield f"`{name}`", "1", *[md.NOT_MEASURED] * len(SEEDED)
            continue
        spreads = (seeds["figures"][column] for column in SEEDED)
        shown = (f"{spread['mean']:.3f} ± {spread['sd']:.3f}" for spread in spreads)
        yield f"`{name}`", str(seeds["count"]), *shown


def _costs(valid: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name in (OURS, *NETWORKS):
        each = valid["networks"][name]
        spent = cost(name, each["config"])
        counts = (each["parameters"], spent.vectors, spent.numbers, spent.multiply_adds)
        yield f"`{name}`", *map(md.count, counts)


def _trials(trials: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Best mean first."""

    def mean(trial: dict[str, Any]) -> float:
        return sum(trial[name] for name in SEEDED) / len(SEEDED)

    for trial in sorted(trials, key=mean, reverse=True):
        tuned = (str(trial["model"][name]) for name in TUNED)
        yield (
            *tuned,
            str(trial["epochs"]),
            *(f"{trial[n]:.4f}" for n in SEEDED),
            f"{mean(trial):.4f}",
        )
