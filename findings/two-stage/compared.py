"""Results side by side: a row a training, and paired differences over seeds and folds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from results import Record
from training.cells.questions import PROTOCOLS
from training.finding import Spread

RUN = ["variant", "seed", "fold"]
SPECIES = ("human", "mouse")


class Compared:
    """Figures of all trainings."""

    def __init__(self, records: Sequence[Record]):
        self.rows = pd.DataFrame([_row(each) for each in records]).set_index(RUN)
        self.looks = pd.concat([_looks(each) for each in records], ignore_index=True)

    @property
    def variants(self) -> list[str]:
        """Those that were trained."""
        return list(dict.fromkeys(self.rows.index.get_level_values("variant")))

    def spread(self, variant: str, figure: str) -> Spread | None:
        """The mean of a figure; None where the variant was not trained or has no such figure."""
        return Spread.of(self._values(variant, figure))

    def difference(
        self, one: str, other: str, figure: str, relative: bool = False
    ) -> Spread | None:
        """The first less the second, from the same seed on the same fold, or as a share of it."""
        first, second = self._values(one, figure), self._values(other, figure)
        paired = pd.concat([first, second], axis=1, join="inner").to_numpy()
        apart = paired[:, 0] - paired[:, 1]
        return Spread.of(pd.Series(apart / paired[:, 1] if relative else apart))

    def change(self, variant: str, figure: str) -> Spread | None:
        """What a figure is at the end less what it was at the beginning."""
        return Spread.of(
            self._values(variant, f"{figure}_end") - self._values(variant, f"{figure}_begin")
        )

    def _values(self, variant: str, figure: str) -> pd.Series:
        if variant not in self.variants or figure not in self.rows:
            return pd.Series(dtype=np.float64)
        return self.rows.loc[variant][figure].dropna()


def _row(record: Record) -> dict[str, Any]:
    """Figures of a training, with means over both ways and both species."""
    found, looks = dict(record["figures"]), _looks(record)
    for name in ("balanced_accuracy", "accuracy"):
        found[name] = np.mean([found[f"{name}_{way}"] for way in PROTOCOLS])
    for name in ("begin", "end"):
        found[f"rank_{name}"] = np.mean([found[f"rank_{each}_{name}"] for each in SPECIES])
    found["moved"] = np.mean([found[f"moved_{each}"] for each in SPECIES])
    counted = [each for each in looks["stage"] if "zinb" in record["losses"].get(each, {})]
    if counted:
        found["held_out_zinb"] = looks.loc[looks["stage"] == counted[-1], "held_out_zinb"].iloc[-1]
    found["cosine"] = looks.loc[looks["stage"] == looks["stage"].iloc[-1], "cosine_both"].mean()
    return {name: record[name] for name in RUN} | found


def _looks(record: Record) -> pd.DataFrame:
    """The epochs that were looked at, and which share of their stage was behind them.

    Where no triplet costs anything there is no gradient, and so no cosine.
    """
    looks = pd.DataFrame(record["looks"]).assign(**{name: record[name] for name in RUN})
    looks["cosine_both"] = looks["cosine_both"].where(looks["length_triplet"] > 0)
    last = looks.groupby("stage")["epoch"].transform("max").clip(lower=1)
    return looks.assign(share=looks["epoch"] / last)
