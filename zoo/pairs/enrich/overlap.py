"""How much of something a draw without replacement holds by chance: exact, by formula."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

Counts = Int64[np.ndarray, "tfs"]
PerTf = Float[np.ndarray, "tfs"]


@dataclass(frozen=True, eq=False)
class Draw:
    """For each regulator, `drawn` genes of a `pool` in which it has `totals` targets."""

    totals: Counts
    drawn: Counts
    pool: Counts

    @property
    def mean(self) -> PerTf:
        """Targets expected in the draw."""
        return self.drawn * self.totals / self.pool

    def z_score(self, hits: Counts) -> PerTf:
        """(hits - mean) / sqrt(variance + 1/2); the half keeps a single rare hit from the top."""
        share = self.totals / self.pool
        left = (self.pool - self.drawn) / np.maximum(self.pool - 1, 1)
        return (hits - self.mean) / np.sqrt(self.mean * (1 - share) * left + 0.5)

    def p_value(self, hits: Counts) -> PerTf:
        """Probability of so many hits or more: the upper tail of the hypergeometric distribution.

        The terms of all regulators' tails are summed at once: there are fewer than listed edges.
        """
        from scipy.special import gammaln

        def log_choose(n: Counts, k: Counts) -> PerTf:
            return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

        fewest = np.maximum(0, self.drawn + self.totals - self.pool)
        some = np.flatnonzero(hits > fewest)
        tail = np.ones(len(hits))
        if not len(some):
            return tail
        terms = (np.minimum(self.totals, self.drawn) - hits + 1)[some]
        first = np.cumsum(terms) - terms
        k = np.repeat(hits[some] - first, terms) + np.arange(terms.sum())
        total, n, size = (np.repeat(x[some], terms) for x in (self.totals, self.drawn, self.pool))
        log = log_choose(total, k) + log_choose(size - total, n - k) - log_choose(size, n)
        tail[some] = np.minimum(1, np.add.reduceat(np.exp(log), first))
        return tail
