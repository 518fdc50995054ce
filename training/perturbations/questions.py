"""What a protocol asks of an entry: which records of which source, and which of their labels.

Sources and units are never pooled: each question has one source and one quantity. An entry has one
interaction for pairs, epsilon. S-scores of pairs (emap_s) are another quantity, so they are asked
for their order alone: correlations and precision, and no squared error.

A new protocol is one entry of `PROTOCOLS`; it asks the part of the split that has its name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Int64

from training.data.perturbations import PerturbationData, Records
from training.family import Ground
from training.perturbations.split import PARTS
from training.scoring.continuous import MSE, PEARSON, PRECISION, SPEARMAN
from training.scoring.measures import Measure
from training.scoring.question import Question
from training.scoring.table import COMPLETE, Fact

Members = Int64[np.ndarray, "sets 3"]

MEASURES = (PEARSON, SPEARMAN, PRECISION, MSE)
SMALLEST = 20
"""Fewer sets than this say nothing, and are not asked."""
QUERY = 0.5
"""A gene of more than this share of the sets is the query that they were made with."""
DIGITS = 6
"""Significant digits that are kept of a figure."""

EPSILON, FITNESS, SELECTED, DERIVED = "epsilon", "fitness", "_selected", "_derived"
QUANTITIES = ("epsilon", "tau", "epsilon_selected", "emap_s", "fitness", "fitness_derived")
"""In the order that tables have; `_selected` was published because it interacts, `_derived` fitness
is epsilon plus a product of single fitness."""
CIRCULAR = "multiplicative"
"""Derived fitness is epsilon plus the product that this model predicts."""

RANDOM = "random"
PROTOCOLS = {
    RANDOM: "gene sets drawn by chance, which no training record of any source has",
    "one_new": "sets with one gene that no training record of the source has",
    "both_new": "pairs of two genes that no training record of the source has",
    "query_disjoint": "all sets of one query strain's gene, which no training record of the source "
    "has",
    "unseen": "sets with one gene that was held out of the training records of every source; "
    "another may be new to its source",
}


@dataclass(frozen=True)
class Asked:
    """One source, which of its labels is asked, and the records that are."""

    source: str
    quantity: str
    members: Members

    @property
    def of_fitness(self) -> bool:
        """Whether fitness is asked, and not an interaction."""
        return self.quantity.startswith(FITNESS)

    @property
    def derived(self) -> bool:
        """Whether the label was computed from single fitness and epsilon."""
        return self.quantity.endswith(DERIVED)

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


def part_of(protocol: str, stage: str) -> str:
    """The part that answers a protocol at a stage: `test` of random, `one_new_test`, ..."""
    return stage if protocol == RANDOM else f"{protocol}_{stage}"


def offered(stage: str) -> tuple[str, ...]:
    """The protocols that have a part at a stage."""
    return tuple(name for name in PROTOCOLS if part_of(name, stage) in PARTS)


def queries(members: Members) -> Int64[np.ndarray, "queries"]:
    """Genes that stand in more than half of the sets: they are not drawn again."""
    gene, times = np.unique(members[members >= 0], return_counts=True)
    return gene[times > QUERY * len(members)]


def questions(ground: Ground, protocol: str) -> Iterator[Question]:
    """All questions of a protocol, the headline first.

    Of what is held out by gene, only the sources that the gene is new to are asked: a set may
    stand in further sources, whose training records do know its genes. Of fitness, the sets of
    which every single mutant was measured are measured again: the multiplicative model has no more
    than an average for a gene that was not.
    """
    data, split = ground.data, ground.split
    records, first = data.records, headline(data)
    rows = split.rows(data, part_of(protocol, ground.stage))
    found = []
    for source in np.unique(records.source[rows]).tolist():
        own = rows[records.source[rows] == source]
        if protocol == RANDOM or _all_new(records, split.rows(data, "train"), own, source):
            found += [_question(data, protocol, source, *each) for each in _asked(records, own)]
    asked = (each for each in found if len(each.rows) >= SMALLEST)
    for question in sorted(asked, key=lambda q: _place(q, first)):
        if not question.about.of_fitness:
            yield question
            continue
        known = _measured_apart(data, question.about.members)
        yield replace(question, facts=question.facts | {"complete": int(known.sum())})
        if known.sum() >= SMALLEST:
            yield _some(question, known)


def _place(question: Question, first: str) -> tuple[bool, int, str]:
    about = question.about
    return question.name != first, QUANTITIES.index(about.quantity), about.source


def _question(
    data: PerturbationData,
    protocol: str,
    source: str,
    quantity: str,
    rows: Int64[np.ndarray, "sets"],
) -> Question:
    records = data.records
    members = records.members[rows]
    about, symbols = Asked(source, quantity, members), data.vocabulary.genes
    fixed = queries(members)
    facts: dict[str, Fact] = {
        "source": source,
        "quantity": quantity,
        "sets": len(rows),
        "share": round(len(rows) / int((records.source == source).sum()), 4),
        "order": int((members >= 0).sum(axis=1).max()) if len(rows) else 0,
        "genes": len(np.unique(members[members >= 0])),
        "queries": [symbols[gene] for gene in fixed.tolist()],
    }
    return Question(
        protocol,
        f"{quantity}/{source}",
        PROTOCOLS[protocol],
        rows,
        (records.fitness if about.of_fitness else records.interaction)[rows],
        members,
        "gene",
        about.measures,
        about,
        fixed,
        facts=facts,
        column="prediction",
        digits=DIGITS,
    )


def _some(question: Question, known: Bool[np.ndarray, "sets"]) -> Question:
    """Some rows of a question again, for the entry and the multiplicative model."""
    members = question.about.members[known]
    return replace(
        question,
        name=question.name + COMPLETE,
        rows=question.rows[known],
        label=question.label[known],
        units=members,
        about=replace(question.about, members=members),
        fixed=queries(members),
        rungs=(CIRCULAR,),
        rivals=(),
        subset=known,
    )


def _measured_apart(data: PerturbationData, members: Members) -> Bool[np.ndarray, "sets"]:
    """Whether every single mutant of a set was measured."""
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
