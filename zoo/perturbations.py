"""What every perturbation entry offers: predict, screen, with_genes.

This is the door for people's input: it is checked here, with messages of our own.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Literal

import numpy as np
from jaxtyping import Float64, Int64

from contracts.perturbations import KINDS
from zoo import results
from zoo.added_genes import carried, with_added
from zoo.composition import Composed, Sets, compose, compose_block
from zoo.other_tasks import WithoutPairs
from zoo.perturbation_inputs import located
from zoo.predictions import Predicted
from zoo.runtime import Graph
from zoo.scorer import Scorer
from zoo.screening import Screen, best_sets, ranking

BLOCK_SETS = 1 << 9
"""Sets that go through a graph at once: what is between its layers stays in the cache.

The attention of 1,024 sets over all genes does not (benchmarks/perturbation_head.py).
"""

ADDED = 0.02
"""How far predictions of known genes may move when a few genes are added, in units of fitness."""

SUPPORT = ("unseen", "some_seen", "all_seen")
MEMBERS = ("gene_a", "gene_b", "gene_c")

OnUnknown = Literal["raise", "skip"]
By = Literal["gene_interaction", "fitness", "expectation"]
Direction = Literal["lowest", "highest", "strongest"]
Progress = Callable[[int], object]


class PerturbationScorer(WithoutPairs, Scorer):
    """A loaded entry that predicts how cells with perturbed genes grow; made by `zoo.load`.

    Names may be systematic names, common names, or any other that the vocabulary has. Every method
    that takes names raises UnknownGene (with near names), AmbiguousGene, EmptyInput or
    ContractViolation for those it cannot use, and changes no input.

    Fitness is relative to the wildtype, which has 1; it is composed of single fitness and of the
    interactions of pairs and triples (see zoo.composition), and not clipped.
    """

    def _knows(self) -> str:
        return f"{len(self.vocabulary)} genes"

    @property
    def members_limit(self) -> int:
        """How many perturbed genes a set may have."""
        return self._head.sizes["members_limit"]

    @property
    def features(self) -> tuple[str, ...]:
        """The names of what a new gene may be described by, in order; none where it cannot be."""
        return tuple(self.manifest.config.get("features", ()))

    def predict(self, sets: Any, on_unknown: OnUnknown = "raise") -> Any:
        """Fitness and interaction of cells with these sets of perturbed genes.

        Args:
            sets: a list of sets, each a set, list or tuple of gene names (deleted), of (name,
                kind), or a dict of name to kind; the kinds are absent (or deletion), present, added
                and overexpressed (or overexpression). An empty set is the wildtype; what is present
                changes nothing, nor does a kind that training has not seen (see support).
            on_unknown: "skip" leaves out sets with a name that cannot be used: the index of the
                result has the rows of the input that it holds.

        Returns:
            A DataFrame with one row a set: perturbation ("YAL002W|YBR001C:added", "" for the
            wildtype), fitness, gene_interaction (epsilon of two genes, tau of three, of more what
            fitness differs from the expectation), expectation (the product of single fitness), and
            support: all_seen, some_seen or unseen in training.
        """
        predicted = self.predicted(sets, on_unknown)
        table = results.frame(predicted.columns())
        table.index = predicted.kept
        return table

    def predicted(
        self, sets: Any, on_unknown: OnUnknown = "raise", progress: Progress | None = None
    ) -> Predicted:
        """What `predict` shows, without pandas, and with the rows that were left out and why.

        `progress` is called with the number of sets done since its last call.
        """
        found = located(sets, self.vocabulary, self.members_limit, on_unknown)
        changed = found.sets.changed()
        return Predicted(
            symbols=self.vocabulary.genes,
            sets=found.sets,
            composed=self.composed(found.sets, progress),
            support=self._support(changed),
            kept=found.kept,
            skipped=found.skipped,
        )

    def screen(
        self,
        order: int = 2,
        top: int = 100,
        given: Iterable[str] = (),
        by: By = "gene_interaction",
        direction: Direction = "lowest",
        among: Iterable[str] | None = None,
        progress: Progress | None = None,
    ) -> Any:
        """The first of all sets of so many deleted genes, ranked; ties by name.

        Args:
            order: members of a set, from 1 to 3.
            top: how many sets to list.
            given: genes that every set has.
            by: "gene_interaction", "fitness" or "expectation".
            direction: "lowest" first, "highest", or "strongest", which is for interactions only.
            among: the other members are taken of these genes; None means all of the vocabulary.
            progress: called with the number of sets done since its last call.

        Returns:
            A DataFrame with columns rank (from 1), gene_a, gene_b and gene_c as far as there are
            so many, fitness, gene_interaction, expectation and support; fewer rows where there are
            fewer sets. Memory does not grow with their number.

        Raises:
            InvalidOption: an option outside of what is allowed, or too many sets.
            NothingLeft: there is no such set.
        """
        asked = Screen.of(self.vocabulary, order, given, among)
        rank = ranking(by, direction, top)

        def values(genes: Int64[np.ndarray, "sets order"]) -> Float64[np.ndarray, "sets"]:
            codes = genes * len(KINDS)
            if by == "fitness" or order <= 2:
                return rank.of(compose_block(codes, self.terms))
            interaction, expectation = self.terms(codes)
            return rank.of(Composed(expectation, interaction, expectation))

        genes = best_sets(asked, rank.top, values, progress)
        return results.frame(self._ranked(genes, rank.of))

    def screen_total(
        self, order: int = 2, given: Iterable[str] = (), among: Iterable[str] | None = None
    ) -> int:
        """How many sets `screen` would look at; raises what it would."""
        return Screen.of(self.vocabulary, order, given, among).total

    def with_genes(
        self, genes: Mapping[str, Mapping[str, float] | Iterable[float]]
    ) -> "PerturbationScorer":
        """A scorer that knows further genes, such as those brought in from another species.

        The cell is encoded again with one token more for each; what is known of the other genes is
        left as it is, and their predictions move as far as the new genes' presence moves the cell:
        by no more than ADDED for a few genes.

        Args:
            genes: for each new name its features: a mapping of feature name (see `features`) to
                value, where those left out are 0, the average; or all of them in order. Values are
                standardised over the vocabulary, not natural units, and `single_fitness` is taken
                as measured only with a `single_fitness_known` above 0.

        Raises:
            Unsupported: the entry has no encoder.
            ContractViolation: a name that a gene has already, an unknown feature, a wrong number of
                them, or one that is not finite.
        """
        return type(self)(with_added(self._opened, self._head, genes, self.features))

    def terms(
        self, codes: Int64[np.ndarray, "sets order"]
    ) -> tuple[Float64[np.ndarray, "sets"], Float64[np.ndarray, "sets"]]:
        """Interaction and expectation as the graph gives them, for sets of one order.

        Codes are gene * 4 + kind; see zoo.composition.Sets.
        """
        total, order = codes.shape
        out = np.empty((2, total))
        for start in range(0, total, BLOCK_SETS):
            rows = slice(start, min(start + BLOCK_SETS, total))
            size = rows.stop - start
            gene, kind = np.divmod(codes[rows].ravel(), len(KINDS))
            number = np.repeat(np.arange(size), order)
            counts = np.full(size, order)
            inputs = {"member": gene, "kind": kind, "set": number, "order": counts}
            outputs = self._head.run(inputs)
            out[0, rows], out[1, rows] = outputs["gene_interaction"], outputs["expectation"]
        return out[0], out[1]

    @cached_property
    def _head(self) -> Graph:
        """The head; what it needs of the cell is what this session's own encoder gives.

        The onnx backend on the CPU takes what the entry carries, any other encodes on first use.
        """
        graphs = self._opened.graphs
        if "encode" not in graphs or (self.backend, self.device) == ("onnx", "cpu"):
            return graphs["head"]
        return graphs["head"].carrying(carried(self._opened, graphs["encode"]))

    def composed(self, sets: Sets, progress: Progress | None = None) -> Composed:
        """What is predicted of sets; members of a kind that training has not seen change nothing.

        So such a member never makes an interaction of its own: `support` tells that it is there.
        """
        trained = np.asarray(self._opened.state["kind_records"]) > 0
        return compose(sets.changed().of_kinds(trained), self.terms, progress)

    def support_codes(self, sets: Sets) -> Int64[np.ndarray, "sets"]:
        """How many members of each set were seen in training, as a position in SUPPORT."""
        gene, kind = np.divmod(sets.code, len(KINDS))
        state = self._opened.state
        seen = (state["gene_records"][gene] > 0) & (state["kind_records"][kind] > 0)
        count = np.bincount(sets.set[seen], minlength=len(sets.order))
        return np.where(count == sets.order, 2, count > 0)

    def _support(self, sets: Sets) -> list[str]:
        return [SUPPORT[code] for code in self.support_codes(sets).tolist()]

    def _ranked(
        self,
        genes: Int64[np.ndarray, "sets order"],
        rank: Callable[[Composed], Float64[np.ndarray, "sets"]],
    ) -> results.Columns:
        """The columns of a screen, in the order of the numbers that they show."""
        total, order = genes.shape
        sets = Sets(genes.ravel() * len(KINDS), np.full(total, order))
        composed = compose(sets, self.terms)
        place = np.lexsort((*genes.T[::-1], rank(composed)))
        symbols, support = self.vocabulary.genes, self._support(sets)
        names = {
            column: [symbols[gene] for gene in genes[place, number].tolist()]
            for number, column in enumerate(MEMBERS[:order])
        }
        numbers = {
            name: getattr(composed, name)[place].astype(np.float32)
            for name in ("fitness", "gene_interaction", "expectation")
        }
        return {
            "rank": np.arange(1, total + 1),
            **names,
            **numbers,
            "support": [support[row] for row in place.tolist()],
        }
