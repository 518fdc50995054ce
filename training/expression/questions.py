"""What is asked of a model of expression: the change by perturbations that a fold left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from jaxtyping import Float64, Int64

from contracts.errors import InvalidOption
from training.data.expression import ExpressionData, Members
from training.expression import folds
from training.expression.folds import DOUBLE, FOLDS, GUIDE, LEFT_OUT, REPLICATE, SINGLE, Fold
from training.expression.measures import MEASURES, OF_PAIRS, SUM_ERROR, by_chance, interactions
from training.family import Ground
from training.scoring.question import Question
from training.scoring.table import Fact, Headline

BOTH_SEEN, ONE_SEEN, NONE_SEEN = "both_seen", "one_seen", "none_seen"
SEEN = (NONE_SEEN, ONE_SEEN, BOTH_SEEN)
"""By how many genes of a pair are in training alone."""
MOST = 1000
"""Readout genes that are measured on: those that control cells express most."""
FEWEST = 10
"""Perturbations that are drawn again; of fewer a figure has no interval."""
PAIR = "the change of expression by two genes together, each pair left out of training in turn"
ASKS = {
    (DOUBLE, BOTH_SEEN): f"{PAIR}; training has both genes alone",
    (DOUBLE, ONE_SEEN): f"{PAIR}; training has one of the genes alone",
    (DOUBLE, NONE_SEEN): f"{PAIR}; training has neither gene alone",
    (SINGLE, ""): "the change of expression by a gene that training has not seen perturbed, each "
    "gene left out in turn with all sets that it is in",
    (LEFT_OUT, ""): "the change of expression by a perturbation, each left out of training in "
    "turn; other sets of the same genes stay in training",
}
OF_BATCH = {
    REPLICATE: "the change of expression by a perturbation in one replicate, from the other "
    "replicates",
    GUIDE: "the change of expression by a gene with half of its guides, from the other half",
}


@dataclass(frozen=True, eq=False)
class Asked:
    """The folds of a question, and the readout genes that it is measured on."""

    folds: tuple[Fold, ...]
    columns: Int64[np.ndarray, "readouts"]

    @property
    def sets(self) -> tuple[Members, ...]:
        """The perturbation of every row."""
        return tuple(chain.from_iterable(fold.test.sets for fold in self.folds))


def offered(ground: Ground) -> tuple[str, ...]:
    """The protocols that the data can answer; raises InvalidOption for another stage than test."""
    if ground.stage != "test":
        raise InvalidOption("--stage", ground.stage, "test: folds leave nothing to validate on")
    return folds.offered(ground.data)


def headline(data: ExpressionData) -> Headline:
    """The distance for pairs of genes that were seen alone; of unseen genes where there is none."""
    if any(_seen(fold) == BOTH_SEEN for fold in _doubles(data)):
        return Headline(protocol=DOUBLE, question=BOTH_SEEN, measure=MEASURES[0].name)
    return Headline(protocol=SINGLE, question="", measure=MEASURES[0].name)


def most_expressed(control: Float64[np.ndarray, "readouts"]) -> Int64[np.ndarray, "some"]:
    """The readout genes that figures are of, in their order."""
    return np.sort(np.argsort(-control, kind="stable")[:MOST])


def questions(ground: Ground, protocol: str) -> Iterator[Question]:
    """Pairs by how many of their genes are known alone; a question for each batch; else one."""
    data, every = ground.data, list(FOLDS[protocol](ground.data))
    if protocol == DOUBLE:
        for name in reversed(SEEN):
            yield from _question(data, protocol, name, [f for f in every if _seen(f) == name])
    elif protocol in OF_BATCH:
        for fold in every:
            yield from _question(data, protocol, fold.batch, [fold])
    else:
        yield from _question(data, protocol, "", every)


def _doubles(data: ExpressionData) -> Iterable[Fold]:
    return FOLDS[DOUBLE](data)


def _seen(fold: Fold) -> str:
    """How many genes of the pair that is left out the training has alone."""
    (genes,) = fold.test.sets
    known = sum((gene,) in fold.train.place for gene in genes)
    return BOTH_SEEN if known == len(genes) else ONE_SEEN if known else NONE_SEEN


def _question(
    data: ExpressionData, protocol: str, name: str, asked: list[Fold]
) -> Iterator[Question]:
    """One question; none where no fold is left."""
    if not asked:
        return
    about = Asked(tuple(asked), most_expressed(data.profiles.control))
    rows = np.array([data.profiles.place[genes] for genes in about.sets], np.int64)
    both = name == BOTH_SEEN
    label = labels(asked, about.columns)
    facts: dict[str, Fact] = {
        "perturbations": [data.set_name(genes) for genes in about.sets],
        "training_perturbations": min(len(fold.train) for fold in asked),
        "readouts": len(about.columns),
        "readouts_measured": len(data.readouts),
    }
    yield Question(
        protocol,
        name,
        OF_BATCH.get(protocol) or ASKS[protocol, name],
        rows,
        label,
        rows,
        "perturbation",
        OF_PAIRS if both else MEASURES,
        about,
        facts=facts | (counted(label) if both else {}),
        column="predicted",
        drawn=len(rows) >= FEWEST,
    )


def labels(
    asked: Iterable[Fold], columns: Int64[np.ndarray, "readouts"]
) -> Float64[np.ndarray, "rows 4 readouts"]:
    """What measures compare with: see training.expression.measures."""
    return np.concatenate([_label(fold)[:, :, columns] for fold in asked])


def _label(fold: Fold) -> Float64[np.ndarray, "rows 4 readouts"]:
    test, train = fold.test, fold.train
    added, error = (np.full_like(test.mean, np.nan) for _ in range(2))
    for row, genes in enumerate(test.sets):
        singles = [train.place[gene,] for gene in genes if (gene,) in train.place]
        if len(singles) == len(genes) > 1:
            added[row] = train.change[singles].sum(axis=0)
            # Every change is against the same controls: all but one of their errors cancel out.
            own = (len(genes) - 1) ** 2 * test.control_error
            error[row] = test.error[row] + train.error[singles].sum(axis=0) + own
    return np.stack([test.change, test.error, added, error], axis=1)


def counted(label: Float64[np.ndarray, "rows 4 readouts"]) -> dict[str, Fact]:
    """How many changes lie beyond the noise of the sum, and how many would by chance.

    Genes that no cell expresses vary in none, and do not count.
    """
    synergy, buffering = interactions(label)
    changes = int((label[:, SUM_ERROR] > 0).sum())
    return {
        "changes": changes,
        "synergy": int(synergy.sum()),
        "buffering": int(buffering.sum()),
        "by_chance": by_chance(label),
    }
