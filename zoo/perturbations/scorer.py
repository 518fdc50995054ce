"""What every perturbation entry offers: predict, screen, with_genes, explain.

This is the door for people's input: it is checked here, with messages of our own.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64

from contracts.errors import InvalidOption, UnsupportedKind
from contracts.genes.vocabulary import Skipped
from contracts.perturbations.kinds import ABSENT, KINDS, PRESENT, unpack, written
from zoo import results
from zoo.perturbations.composition import Composed, Sets, compose
from zoo.perturbations.explain import NodeKind, check_offered, check_options, explained
from zoo.perturbations.new_genes import carried, told_of, with_added
from zoo.perturbations.predictions import Predicted
from zoo.perturbations.screen import Answer, Question, answered, doubts_before
from zoo.perturbations.screening import Screen, ranking
from zoo.perturbations.sets import located
from zoo.runtime.graph import Graph
from zoo.scorer import Scorer

if TYPE_CHECKING:
    import pandas as pd

BLOCK_SETS = 1 << 9
"""Sets that go through a graph at once: what is between its layers stays in the cache.

The attention of 1,024 sets over all genes does not (benchmarks/perturbation_head.py).
"""

ADDED = 0.001
"""How far fitness, interaction and expectation of known genes may move when a few are added."""

SUPPORT = ("unseen", "some_seen", "all_seen")
BASES = ("estimated", "partly_measured", "measured")

OnUnknown = Literal["raise", "skip"]
By = Literal["gene_interaction", "fitness", "expectation"]
Direction = Literal["lowest", "highest", "strongest"]
Progress = Callable[[int], object]


class PerturbationScorer(Scorer):
    """A loaded entry that predicts how cells with perturbed genes grow; made by `zoo.load`.

    Names may be systematic names, common names, or any other that the vocabulary has. Every method
    that takes names raises UnknownGene (with near names), AmbiguousGene, EmptyInput or
    ContractViolation for those it cannot use, and changes no input.

    Fitness is relative to the wildtype, which has 1; it is composed of single fitness and of the
    interactions of pairs and triples (see zoo.perturbations.composition), and not clipped.
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

    def predict(
        self, sets: Any, on_unknown: OnUnknown = "raise", allow_unseen: bool = False
    ) -> "pd.DataFrame":
        """Fitness and interaction of cells with these sets of perturbed genes.

        Args:
            sets: a list of sets, each a set, list or tuple of gene names (deleted), of (name,
                kind), or a dict of name to kind; the kinds are absent (or deletion, deleted),
                present, added and overexpressed (or overexpression). An empty set is the wildtype,
                and so is the word "wildtype" in place of a set. What is present changes nothing. A
                DataFrame with a column perturbation of texts such as "ADE2+YBR001C" will do too.
            on_unknown: "skip" leaves out sets with a name that cannot be used.
            allow_unseen: give NaN for fitness and gene_interaction of sets with a kind that
                training has not seen, in place of raising UnsupportedKind.

        Returns:
            A DataFrame with one row a set, and the index of a DataFrame or Series `sets`, else the
            position in the list: perturbation ("YAL002W|YBR001C:added", "" for the
            wildtype), names ("VPS8|NTH2:added", a gene's symbol where it has no common name),
            fitness, gene_interaction (epsilon of two genes, tau of three, of four and more fitness
            minus expectation), expectation (the product of the single fitness of absent members),
            expectation_basis (for how many of these the single mutant was measured: measured,
            partly_measured or estimated; measured where none is absent), and support: all_seen,
            some_seen or unseen in training.

            Most essential genes that the vocabulary has are among those whose single mutant was not
            measured: training knows most of them from temperature-sensitive and other weak alleles,
            so that "absent" is that allele, and no deletion, which would not grow. Fitness of 0 and
            less means a cell that does not grow.

        Raises:
            UnsupportedKind: a kind that training has not seen, without `allow_unseen`.
        """
        predicted = self.predicted(sets, on_unknown, allow_unseen=allow_unseen)
        return results.indexed(predicted.columns(), predicted.kept, sets)

    def predicted(
        self,
        sets: Any,
        on_unknown: OnUnknown = "raise",
        progress: Progress | None = None,
        allow_unseen: bool = False,
    ) -> Predicted:
        """What `predict` shows, without pandas, and with the rows that were left out and why.

        `progress` is called with the number of sets done since its last call.
        """
        found = located(sets, self.vocabulary, self.members_limit, on_unknown)
        if not allow_unseen:
            self._check_kinds(found.sets)
        return self.predicted_of(found.sets, found.kept, found.skipped, progress)

    def predicted_of(
        self,
        sets: Sets,
        kept: Int64[np.ndarray, "sets"] | None = None,
        skipped: tuple[Skipped, ...] = (),
        progress: Progress | None = None,
    ) -> Predicted:
        """The same for sets of positions, which are all rows of the input where `kept` is None."""
        changed = sets.changed()
        return Predicted(
            symbols=self.vocabulary.genes,
            names=self.vocabulary.common_names,
            sets=sets,
            composed=self.composed(sets, progress),
            basis=[BASES[code] for code in self.basis_codes(changed).tolist()],
            support=[SUPPORT[code] for code in self.support_codes(changed).tolist()],
            kept=np.arange(len(sets.order)) if kept is None else kept,
            skipped=skipped,
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
        measured_only: bool = False,
    ) -> "pd.DataFrame":
        """The first of all sets of so many deleted genes, ranked; ties by name.

        Warns where the ranking is worth little: by tau (order=3 by gene_interaction), with the
        entry's own figure for it, and where all sets have the same value.

        Args:
            order: members of a set, from 1 to 3.
            top: how many sets to list.
            given: genes that every set has.
            by: "gene_interaction", "fitness" or "expectation".
            direction: "lowest" first, "highest", or "strongest", which is for interactions only.
            among: the other members are taken of these genes; None means all of the vocabulary.
            progress: called with the number of sets done since its last call.
            measured_only: the other members are taken of the genes whose single mutant was
                measured. That leaves out most essential genes, whose "deletion" is a weak allele.

        Returns:
            A DataFrame with columns rank (from 1), given and given_names (the genes that every set
            has, joined by "|"; only where there are such), gene_a, gene_b and gene_c for the other
            members as far as there are so many, name_a to name_c (their common names), fitness,
            gene_interaction, expectation, expectation_basis and support (see predict); fewer rows
            where there are fewer sets. Memory does not grow with their number.

        Raises:
            InvalidOption: an option outside of what is allowed, or too many sets.
            NothingLeft: there is no such set.
        """
        asked = self.asked(order, top, given, by, direction, among, measured_only)
        for doubt in asked.doubts:
            warnings.warn(doubt, stacklevel=2)
        answer = self.answered(asked, progress)
        for doubt in answer.doubts:
            warnings.warn(doubt, stacklevel=2)
        return results.frame(answer.columns)

    def asked(
        self,
        order: int = 2,
        top: int = 100,
        given: Iterable[str] = (),
        by: By = "gene_interaction",
        direction: Direction = "lowest",
        among: Iterable[str] | None = None,
        measured_only: bool = False,
    ) -> Question:
        """What `screen` is asked, checked; raises what it would."""
        sets = self._sets_of(order, given, among, measured_only)
        return Question(
            sets, ranking(by, direction, top), doubts_before(self.manifest, sets.order, by)
        )

    def answered(self, asked: Question, progress: Progress | None = None) -> Answer:
        """What `screen` shows, without pandas, and what it warns of once it is done."""
        return answered(asked, self.terms, self.predicted_of, progress)

    def screen_total(
        self,
        order: int = 2,
        given: Iterable[str] = (),
        among: Iterable[str] | None = None,
        measured_only: bool = False,
    ) -> int:
        """How many sets `screen` would look at; raises what it would."""
        return self._sets_of(order, given, among, measured_only).total

    def with_genes(
        self, genes: Mapping[str, Mapping[str, float] | Iterable[float]]
    ) -> "PerturbationScorer":
        """A scorer that knows further genes, such as those brought in from another species.

        The cell is encoded again with one token more for each; what is known of the other genes is
        left as it is, and their predictions move as far as the new genes' presence moves the cell:
        by no more than ADDED for a few genes.

        Args:
            genes: for each new name its features: a mapping of feature name (see `features`) to
                value, or all of them in order. Values are in natural units: `single_fitness` is
                that of a cell without the gene, relative to the wildtype's 1; degrees and metabolic
                roles are counts; places in networks and profiles are those of singular vectors (see
                `features_of` for what they are like). Of what is left out, `single_fitness` counts
                as not measured, and is estimated; all else is 0: no neighbours, no reactions, no
                profile. Like in training, values are cut at five deviations from the average. The
                interactions of a gene without a profile are those of a gene that nobody knows.

        Raises:
            Unsupported: the entry has no encoder.
            ContractViolation: a name that a gene has already or that cannot be written in a set,
                an unknown feature, a wrong number of them, or one that is not finite or in no
                natural unit (a fitness above 2, a count below 0).
        """
        return type(self)(with_added(self._opened, self._head, genes, self.features))

    def features_of(self, gene: str) -> dict[str, float]:
        """What the entry is told of a gene, by `features`, in the natural units of `with_genes`.

        Values are as the entry keeps them: to three digits, and cut at five deviations.

        Raises:
            Unsupported: the entry has no encoder.
            UnknownGene, AmbiguousGene: a name that leads to no gene, or to several.
        """
        return told_of(self._opened, int(self.vocabulary.gene_index([gene])[0]), self.features)

    def explain(
        self, perturbation: Any, top: int = 20, kind: NodeKind | None = None
    ) -> "pd.DataFrame":
        """The nodes of the cell's graph that one set of deletions moves most.

        The cell is encoded with and without the set. What this tells is how the model sees the set;
        no distance was measured. Not all that moves has a say in the prediction: only genes are
        pooled, and a model of one layer hears nothing from metabolites.

        Args:
            perturbation: one set as `predict` takes it, such as ["ADE2", "YBR001C"]; its genes are
                deleted. The wildtype moves nothing.
            top: how many nodes to list.
            kind: "gene", "reaction" or "metabolite", for these alone.

        Returns:
            A DataFrame with a row for each of those that moved, the farthest first, ties by name:
            rank (from 1), node (a gene's symbol, a reaction, a metabolite), name (a gene's common
            name, the node's own otherwise), kind, status (deleted, lost with a deleted gene, or
            changed), moved (Euclidean distance between the last layer's states of the node; of one
            that is gone, from its state to 0) and share (for a gene, the length of its part of what
            the whole cell moves; NaN for other nodes).

        Raises:
            Unsupported: the entry has no graph of the cell.
            UnknownGene, AmbiguousGene: a name that leads to no gene, or to several.
            ContractViolation: several sets, another kind than deletion, a gene twice, too many.
            InvalidOption: `top` or `kind` is none of those there are.
        """
        return results.frame(self.explained(perturbation, top, kind))

    def explained(
        self, perturbation: Any, top: int = 20, kind: str | None = None
    ) -> results.Columns:
        """What `explain` shows, without pandas."""
        check_offered(self._opened)
        check_options(top, kind)
        return explained(self._opened, perturbation).columns(top, kind)

    def terms(
        self, codes: Int64[np.ndarray, "sets order"]
    ) -> tuple[Float64[np.ndarray, "sets"], Float64[np.ndarray, "sets"]]:
        """Interaction and expectation as the graph gives them, for sets of one order.

        Codes are those of contracts.perturbations.kinds.pack.
        """
        total, order = codes.shape
        out = np.empty((2, total))
        for start in range(0, total, BLOCK_SETS):
            rows = slice(start, min(start + BLOCK_SETS, total))
            size = rows.stop - start
            gene, kind = unpack(codes[rows].ravel())
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
        """What is predicted of sets.

        Sets with a member of a kind that training has not seen have no fitness and no interaction:
        NaN. Their expectation is that of the other members.
        """
        changed = sets.changed()
        composed = compose(changed.of_kinds(self.trained_kinds), self.terms, progress)
        unseen = changed.set[~self.trained_kinds[changed.kind]]
        composed.fitness[unseen] = composed.gene_interaction[unseen] = np.nan
        return composed

    @cached_property
    def trained_kinds(self) -> Bool[np.ndarray, "kinds"]:
        """Which kinds training has seen, in the order of KINDS; what is present needs no record."""
        trained = np.asarray(self._opened.state["kind_records"]) > 0
        trained[PRESENT] = True
        return trained

    def _check_kinds(self, sets: Sets) -> None:
        """Raise UnsupportedKind for the first member of a kind that training has not seen."""
        unseen = np.flatnonzero(~self.trained_kinds[sets.kind])
        if len(unseen):
            first = unseen[0]
            shown = written(self.vocabulary.common_names[sets.gene[first]], int(sets.kind[first]))
            kinds = [KINDS[kind] for kind in np.flatnonzero(self.trained_kinds).tolist()]
            raise UnsupportedKind(shown, KINDS[sets.kind[first]], kinds)

    def support_codes(self, sets: Sets) -> Int64[np.ndarray, "sets"]:
        """How many members of each set were seen in training, as a position in SUPPORT."""
        state = self._opened.state
        seen = (state["gene_records"][sets.gene] > 0) & (state["kind_records"][sets.kind] > 0)
        count = np.bincount(sets.set[seen], minlength=len(sets.order))
        return np.where(count == sets.order, 2, count > 0)

    def basis_codes(self, sets: Sets) -> Int64[np.ndarray, "sets"]:
        """How many absent members of each set were measured alone, as a position in BASES."""
        absent, total = sets.kind == ABSENT, len(sets.order)
        known = absent & self._measured[sets.gene]
        of, measured = (np.bincount(sets.set[some], minlength=total) for some in (absent, known))
        return np.where(measured == of, 2, measured > 0)

    @cached_property
    def _measured(self) -> Bool[np.ndarray, "genes"]:
        """Whether the single mutant of each gene was measured."""
        return np.asarray(self._opened.state["single_measured"]) > 0

    def _sets_of(self, order: Any, given: Any, among: Any, measured_only: object) -> Screen:
        """The sets of a screen."""
        if not isinstance(measured_only, bool | np.bool_):
            raise InvalidOption("measured_only", measured_only, "True or False")
        wanted = self._measured if measured_only else None
        return Screen.of(self.vocabulary, order, given, among, wanted)
