"""What a protocol asks: rows, their labels, what is drawn again, and what is measured."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

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
    interval: they are not `drawn`.
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
