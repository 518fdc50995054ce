"""What a protocol asks: rows, their labels, what is drawn again, and what is measured."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from jaxtyping import Int64

from training.scoring.measures import Measure, Values
from training.scoring.table import Fact, QuestionInfo


@dataclass(frozen=True, eq=False)
class Question:
    """Rows of one protocol that are answered and measured together.

    `asks` is the sentence that a card prints. `units` [rows] or [rows, k] are what the bootstrap
    draws again (`unit` says what they are), but for those that are `fixed`; `strata` [rows] are the
    groups that it draws within. The first of `measures` leads. `about` is what the family needs to
    ask it. `rungs` and `rivals` name the baselines and the other entries that stand beside the
    answer; None means all. A `subset` are rows of the question before it that are measured again:
    their answers are taken from that one's, and nothing is said of it but its figures. `column`
    names the answer in a table of predictions. With `digits` figures are kept to so many
    significant digits; `fewer` divides the number of resamples. With few units figures have no
    interval: they are not `drawn`. The rows of a question `elsewhere` are of other data than the
    split's. Of a rotation, `folds` has the question of each fold; their rows
    follow one another, and a figure is the mean of those of the folds. Units are the same in all
    folds, and are drawn together.
    """

    protocol: str
    name: str
    asks: str
    rows: np.ndarray
    label: np.ndarray
    units: np.ndarray
    unit: str
    measures: tuple[Measure, ...]
    about: Any = None
    fixed: np.ndarray | tuple[int, ...] = ()
    strata: np.ndarray | None = None
    fewer: int = 1
    rungs: tuple[str, ...] | None = None
    rivals: tuple[str, ...] | None = None
    facts: dict[str, Fact] = field(default_factory=dict)
    subset: np.ndarray | None = None
    column: str = "score"
    digits: int | None = None
    drawn: bool = True
    elsewhere: bool = False
    folds: tuple["Question", ...] = ()

    @property
    def fold(self) -> Int64[np.ndarray, "rows"]:
        """The fold of every row; 0 where there is no rotation."""
        counts = [len(each.rows) for each in self.folds or (self,)]
        return np.repeat(np.arange(len(counts)), counts)

    @property
    def digest(self) -> str:
        """What an answer depends on beside the model: the protocol, the rows and their labels."""
        digest = hashlib.sha256(f"{self.protocol} {self.name}".encode())
        for array in (self.rows, self.label):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def info(self, resamples: int, further: dict[str, Fact]) -> QuestionInfo:
        """What the table says of it once."""
        return QuestionInfo(
            protocol=self.protocol,
            question=self.name,
            asks=self.asks,
            unit=self.unit,
            resamples=resamples,
            facts=self.facts | further,
        )


Ask = Callable[[Question], Values | None]
"""A model: its answer to every row of a question, or None for one that it has no answer to."""


def joined(questions: Sequence[Question]) -> Question:
    """The same question of all folds as one; counts among the facts are of all folds together."""
    first, *others = questions
    if not others:
        return first
    facts = dict(first.facts)
    for name in COUNTED & facts.keys():
        facts[name] = sum(each.facts[name] for each in questions)
    arrays = {
        name: np.concatenate([getattr(each, name) for each in questions])
        for name in ("rows", "label", "units")
    }
    changed = {"fewer": FEWER * first.fewer, "facts": facts | {"folds": len(questions)}}
    return replace(first, **arrays, **changed, folds=tuple(questions))


FEWER = 2
"""A rotation has rows enough for an interval from half as many resamples."""
COUNTED = {"positives", "negatives"}
"""Facts of a question that are counts of its rows."""


def of_folds(whole: Ask, folds: Sequence[Ask]) -> Ask:
    """A model that answers the question of each fold by that fold's own model.

    A question that is not of a rotation is answered by the `whole`.
    """

    def ask(question: Question) -> Values | None:
        if not question.folds:
            return whole(question)
        pairs = zip(folds, question.folds, strict=True)
        return np.concatenate([one(part) for one, part in pairs])

    return ask
