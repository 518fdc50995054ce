"""Parity of perturbation sets: both outputs, and the ten lowest interactions of genes in order.

Where sets can be explained, how far nodes move as well: within the tolerance, or that part of it.
"""

from dataclasses import dataclass, field

import numpy as np

from export.family import Arrays, Figures, Probe, Sizes
from export.lanes import Run
from export.parity import BATCHES, TOLERANCE, TOP, check_order, near
from export.perturbations.samples import with_every_partner
from export.sets import flat, random_sets

QUERIES = 50
VALUES = ("gene_interaction", "expectation")
NAIVE_BATCHES, NAIVE_TOLERANCE = (1, 2, 7, 32), 1e-9
# Interactions are differences of fitness, and the wildtype's is 1: float32 cannot tell apart what
# is closer than its resolution there.
FITNESS = 1.0


@dataclass(frozen=True)
class Answers:
    """Outputs of every batch, and interactions [queries, partners] of double deletions.

    `explained` has what the graph `explain` gives, set by set.
    """

    batches: list[Arrays]
    ranked: np.ndarray
    explained: list[Arrays] = field(default_factory=list)


@dataclass(frozen=True)
class PerturbationProbe(Probe):
    """Batches of random sets, the wildtype alone, and genes against all their partners.

    `naive` are the smaller batches on which the algebra of a head is held against its naive form,
    which takes memory for every gene and set.
    """

    batches: tuple[Arrays, ...]
    naive: tuple[Arrays, ...]
    queries: np.ndarray
    genes_total: int
    explained: tuple[Arrays, ...] = ()

    @classmethod
    def draw(cls, sizes: Sizes, seed: int = 0, explained: int = 0) -> "PerturbationProbe":
        """A fixed sample of an entry with these sizes; so many sets are `explained`."""
        rng = np.random.default_rng(seed)
        batches, naive = (
            tuple(random_sets(rng, count, sizes) for count in counts)
            for counts in (BATCHES, NAIVE_BATCHES)
        )
        wildtype = flat([((), ())])
        total = sizes["genes_total"]
        queries = rng.choice(total, min(QUERIES, total), replace=False)
        alone = [rng.choice(total, min(n, total), replace=False) for n in range(explained)]
        asked = tuple({"member": genes} for genes in alone)
        return cls((wildtype, *batches), (wildtype, *naive), queries, total, asked)

    def about(self) -> Figures:
        """How many genes have their partners ranked; each of `compared` has its max_abs_ figure."""
        about = {"ranked_genes": len(self.queries), "top": TOP, "compared": list(VALUES)}
        return about | ({"explained_sets": len(self.explained)} if self.explained else {})

    def ask(self, run: Run) -> Answers:
        """Both outputs of the batches, and interactions of the queries with every other gene."""
        ranked = [
            np.concatenate(
                [
                    run("head", some)["gene_interaction"]
                    for some in with_every_partner(gene, self.genes_total)
                ]
            )
            for gene in self.queries.tolist()
        ]
        explained = [run("explain", one) for one in self.explained]
        return Answers([run("head", batch) for batch in self.batches], np.stack(ranked), explained)

    def compare(self, lane: str, truth: Answers, got: Answers) -> Figures:
        """Figures of one lane. Raises ParityFailed."""
        batches = [*truth.batches, {"gene_interaction": truth.ranked}]
        others = [*got.batches, {"gene_interaction": got.ranked}]
        figures = _differences(lane, "torch in float64", batches, others, TOLERANCE)
        if truth.explained:
            figures["max_explained"] = _explained(lane, truth.explained, got.explained)
        unit = max(FITNESS, float(np.abs(truth.ranked).max(initial=0)))
        check_order(lane, "lowest interactions", -truth.ranked, -got.ranked, unit)
        return {"status": "certified"} | figures | {"top_order_equal": True}

    def compare_naive(self, lane: str, run: Run, naive: Run) -> Figures:
        """Figures of a head against its naive form, both in float64. Raises ParityFailed."""
        answers = [[way("head", batch) for batch in self.naive] for way in (naive, run)]
        figures = _differences(lane, "the head in float64", *answers, NAIVE_TOLERANCE)
        about = {"tolerance": NAIVE_TOLERANCE, "batches": list(NAIVE_BATCHES)}
        return {"status": "certified"} | figures | about


def _differences(
    lane: str, reference: str, truth: list[Arrays], got: list[Arrays], tolerance: float
) -> Figures:
    """The largest difference in either output. Raises ParityFailed where it is too large."""
    figures = {}
    for name in VALUES:
        off = (
            float(np.abs(one[name] - other[name]).max(initial=0))
            for one, other in zip(truth, got, strict=True)
            if name in one
        )
        figures[f"max_abs_{name}"] = near(lane, name, off, tolerance, reference)
    return figures


def _explained(lane: str, truth: list[Arrays], got: list[Arrays]) -> float:
    """The largest difference of a node, as part of what is above 1. Raises ParityFailed."""
    return max(
        near(lane, name, [(np.abs(one[name] - other[name]) / np.maximum(one[name], 1)).max()])
        for one, other in zip(truth, got, strict=True)
        for name in one
    )
