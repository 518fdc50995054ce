"""What a protocol asks of an entry: which records of which source, and which of their labels.

Sources and units are never pooled: each question has one source and one quantity. An entry has one
interaction for pairs, epsilon. S-scores of pairs (emap_s) are another quantity, so they are asked
for their order alone: correlations and precision, and no squared error.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from contracts.errors import InvalidOption
from training.data.perturbations import PerturbationData, Records
from training.perturbations.split import PARTS, PROTOCOLS, SetSplit, part_of

STAGES = ("valid", "test")
MEASURES = ("pearson", "spearman", "precision", "mse")
SMALLEST = 20
"""Fewer sets than this say nothing, and are not asked."""

EPSILON, FITNESS, SELECTED, DERIVED = "epsilon", "fitness", "_selected", "_derived"
QUANTITIES = ("epsilon", "tau", "epsilon_selected", "emap_s", "fitness", "fitness_derived")
"""In the order that tables have; `_selected` was published because it interacts, `_derived` fitness
is epsilon plus a product of single fitness."""

DESCRIPTIONS = {
    "random": "gene sets drawn by chance, which no training record of any source has",
    "one_new": "sets with one gene that no training record of the source has",
    "both_new": "pairs of two genes that no training record of the source has",
    "unseen": "sets with one gene that was held out of the training records of every source; "
    "another may be new to its source",
    "query_disjoint": "all sets of one query strain's gene, which no training record of the source "
    "has",
}


@dataclass(frozen=True)
class Question:
    """Records of one source, by position, and which of their labels is asked."""

    source: str
    quantity: str
    rows: Int64[np.ndarray, "sets"]

    @property
    def name(self) -> str:
        """epsilon/costanzo2016_dcell_subset, say."""
        return f"{self.quantity}/{self.source}"

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that mean something: no error against a label in another unit.

        Precision is about the strongest negative interactions, and not asked of fitness.
        """
        other_unit = self.quantity.startswith("emap_s")
        left_out = "precision" if self.of_fitness else "mse" if other_unit else ""
        return tuple(each for each in MEASURES if each != left_out)

    @property
    def of_fitness(self) -> bool:
        """Whether fitness is asked, and not an interaction."""
        return self.quantity.startswith(FITNESS)

    def label(self, records: Records) -> Float64[np.ndarray, "sets"]:
        """What was measured."""
        return (records.fitness if self.of_fitness else records.interaction)[self.rows]


def headline(data: PerturbationData) -> str:
    """The question that says how well interactions are predicted: those that nobody selected."""
    return f"{EPSILON}/{data.headline_source}"


def offered(stage: str) -> tuple[str, ...]:
    """The protocols that have a part at a stage."""
    return tuple(name for name in PROTOCOLS if part_of(name, stage) in PARTS)


def check_protocol(name: str, known: tuple[str, ...] = PROTOCOLS) -> str:
    """`name`, or InvalidOption with the protocols there are."""
    if name not in known:
        raise InvalidOption("--protocol", name, f"one of {', '.join(known)}")
    return name


def check_stage(stage: str) -> str:
    """`stage`, or InvalidOption with those there are."""
    if stage not in STAGES:
        raise InvalidOption("--stage", stage, f"one of {', '.join(STAGES)}")
    return stage


def questions(
    data: PerturbationData, split: SetSplit, protocol: str, stage: str
) -> tuple[Question, ...]:
    """All questions of a protocol, the headline first.

    Of what is held out by gene, only the sources that the gene is new to are asked: a set may
    stand in further sources, whose training records do know its genes.
    """
    rows, first = split.rows(data, part_of(protocol, stage)), headline(data)
    found = []
    for source in np.unique(data.records.source[rows]).tolist():
        own = rows[data.records.source[rows] == source]
        if protocol == "random" or _all_new(data.records, split.rows(data, "train"), own, source):
            found += [Question(source, *each) for each in _asked(data.records, own)]
    asked = (each for each in found if len(each.rows) >= SMALLEST)
    return tuple(
        sorted(asked, key=lambda q: (q.name != first, QUANTITIES.index(q.quantity), q.source))
    )


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
