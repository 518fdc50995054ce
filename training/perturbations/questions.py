"""What a protocol asks of an entry: which records of which source, and which of their labels.

Sources and units are never pooled: each question has one source and one quantity. An entry has one
interaction for pairs, epsilon. S-scores of pairs (emap_s) are another quantity, so they are asked
for their order alone: correlations and precision, and no squared error.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int64

from training.data.perturbations import PerturbationData, Records
from training.perturbations.split import PARTS, PROTOCOLS, SetSplit, part_of
from training.scoring.correlations import MSE, PEARSON, PRECISION, SPEARMAN
from training.scoring.question import Measure, Question
from training.scoring.table import COMPLETE

MEASURES = (PEARSON, SPEARMAN, PRECISION, MSE)
SMALLEST = 20
"""Fewer sets than this say nothing, and are not asked."""
QUERY = 0.5
"""A gene of more than this share of the sets is the query that they were made with."""
DIGITS = 6
"""Significant digits that are saved of a figure."""

EPSILON, FITNESS, SELECTED, DERIVED = "epsilon", "fitness", "_selected", "_derived"
QUANTITIES = ("epsilon", "tau", "epsilon_selected", "emap_s", "fitness", "fitness_derived")
"""In the order that tables have; `_selected` was published because it interacts, `_derived` fitness
is epsilon plus a product of single fitness."""

ASKS = {
    "random": "gene sets drawn by chance, which no training record of any source has",
    "one_new": "sets with one gene that no training record of the source has",
    "both_new": "pairs of two genes that no training record of the source has",
    "unseen": "sets with one gene that was held out of the training records of every source; "
    "another may be new to its source",
    "query_disjoint": "all sets of one query strain's gene, which no training record of the source "
    "has",
}


@dataclass(frozen=True)
class Spec:
    """Which label of which source is asked; `complete`: only where all singles were measured."""

    source: str
    quantity: str
    complete: bool = False

    @property
    def of_fitness(self) -> bool:
        """Whether fitness is asked, and not an interaction."""
        return self.quantity.startswith(FITNESS)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that mean something: no error against a label in another unit.

        Precision is about the strongest negative interactions, and not asked of fitness.
        """
        other_unit = self.quantity.startswith("emap_s")
        left_out = PRECISION if self.of_fitness else MSE if other_unit else None
        return tuple(each for each in MEASURES if each is not left_out)


def headline(data: PerturbationData) -> str:
    """The question that says how well interactions are predicted: those that nobody selected."""
    return f"{EPSILON}/{data.headline_source}"


def offered(stage: str) -> tuple[str, ...]:
    """The protocols that have a part at a stage."""
    return tuple(name for name in PROTOCOLS if part_of(name, stage) in PARTS)


def queries(members: Int64[np.ndarray, "sets 3"]) -> Int64[np.ndarray, "queries"]:
    """Genes that stand in more than half of the sets; they are not drawn again."""
    gene, times = np.unique(members[members >= 0], return_counts=True)
    return gene[times > QUERY * len(members)]


def questions(
    data: PerturbationData, split: SetSplit, protocol: str, stage: str
) -> Iterator[Question]:
    """All questions of a protocol, the headline first.

    Of what is held out by gene, only the sources that the gene is new to are asked: a set may
    stand in further sources, whose training records do know its genes.
    """
    rows, first = split.rows(data, part_of(protocol, stage)), headline(data)
    found: list[tuple[Spec, np.ndarray]] = []
    for source in np.unique(data.records.source[rows]).tolist():
        own = rows[data.records.source[rows] == source]
        if protocol == "random" or _all_new(data.records, split.rows(data, "train"), own, source):
            found += [(Spec(source, quantity), own) for quantity, own in _asked(data.records, own)]
    asked = [(spec, own) for spec, own in found if len(own) >= SMALLEST]
    for spec, own in sorted(asked, key=lambda each: _order(each[0], first)):
        question = _question(data, protocol, spec, own)
        if spec.of_fitness:
            complete = _complete(data, own)
            facts = question.facts | {"complete": int(complete.sum())}
            yield replace(question, facts=facts)
            if complete.sum() >= SMALLEST:
                again = _question(data, protocol, replace(spec, complete=True), own[complete])
                yield replace(again, name=question.name + COMPLETE, listed=False)
        else:
            yield question


def _order(spec: Spec, first: str) -> tuple[bool, int, str]:
    name = f"{spec.quantity}/{spec.source}"
    return name != first, QUANTITIES.index(spec.quantity), spec.source


def _question(
    data: PerturbationData, protocol: str, spec: Spec, rows: Int64[np.ndarray, "sets"]
) -> Question:
    records, members = data.records, data.records.members[rows]
    fixed = queries(members)
    of_source = int((records.source == spec.source).sum())
    return Question(
        protocol=protocol,
        name=f"{spec.quantity}/{spec.source}",
        asks=ASKS[protocol],
        rows=rows,
        label=(records.fitness if spec.of_fitness else records.interaction)[rows],
        units=members,
        unit="gene",
        measures=spec.measures,
        spec=spec,
        fixed=fixed,
        digits=DIGITS,
        facts={
            "source": spec.source,
            "quantity": spec.quantity,
            "sets": len(rows),
            "share": round(len(rows) / of_source, 4),
            "order": int((members >= 0).sum(axis=1).max()),
            "genes": len(np.unique(members[members >= 0])),
            "queries": [data.vocabulary.genes[gene] for gene in fixed.tolist()],
        },
    )


def _complete(data: PerturbationData, rows: Int64[np.ndarray, "sets"]) -> np.ndarray:
    """The sets of which every single mutant was measured.

    The multiplicative model has no more than an average for a gene that was not measured.
    """
    members = data.records.members[rows]
    return ((members < 0) | np.isfinite(data.single_fitness)[members]).all(axis=1)


def _all_new(
    records: Records, train: Int64[np.ndarray, "train"], rows: np.ndarray, source: str
) -> bool:
    """Whether each of these sets has a gene that no training record of the source has."""
    known = records.members[train[records.source[train] == source]]
    members = records.members[rows]
    return bool((~np.isin(members, known) & (members >= 0)).any(axis=1).all())


def _asked(
    records: Records, rows: Int64[np.ndarray, "sets"]
) -> Iterator[tuple[str, Int64[np.ndarray, "some"]]]:
    """Quantities of one source's records, and the records that have each."""
    there = rows[np.isfinite(records.interaction[rows])]
    for unit in np.unique(records.unit[there]).tolist():
        for selected in (False, True):
            mask = (records.unit[there] == unit) & (records.selected[there] == selected)
            yield f"{unit}{SELECTED if selected else ''}", there[mask]
    there = rows[np.isfinite(records.fitness[rows])]
    for derived in (False, True):
        mask = records.derived[there] == derived
        yield f"{FITNESS}{DERIVED if derived else ''}", there[mask]
