"""The scorer of the toy family."""

from collections.abc import Iterable

import numpy as np

from zoo.scorer import Scorer


class LevelScorer(Scorer):
    """Levels of genes."""

    def _knows(self) -> str:
        return f"{len(self.vocabulary)} genes"

    def levels(self, names: Iterable[str]) -> np.ndarray:
        """The level of each gene."""
        return self.at(self.vocabulary.gene_index(list(names)))

    def at(self, positions: np.ndarray) -> np.ndarray:
        """The level of the genes at these positions."""
        return self._opened.graphs["level"].run({"gene": np.asarray(positions)})["value"]
