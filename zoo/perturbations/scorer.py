"""What every perturbation entry offers: predict, screen, with_genes, explain.

This is the door for people's input: it is checked here, with messages of our own.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Float64, Int64

from contracts.genes.vocabulary import Skipped
from zoo import results
from zoo.perturbations.composition import compose_known
from zoo.perturbations.evidence import Evidence
from zoo.perturbations.explain import NodeKind, explained
from zoo.perturbations.head import head_of, terms
from zoo.perturbations.new_genes import told_of, with_added
from zoo.perturbations.predictions import Predicted
from zoo.perturbations.screen import Answer, Question, answered, doubts_before
from zoo.perturbations.screening import Screen, ranking
from zoo.runtime.graph import Graph
from zoo.scorer import Scorer
from zoo.sets.located import sets_of
from zoo.sets.members import Sets

if TYPE_CHECKING:
    import pandas as pd

ADDED = 0.001
"""How far fitness, interaction and expectation of known genes may move when a few are added."""

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
            on_unknown: "skip" leaves out sets that cannot be used, and warns: names that lead to no
                gene or are missing, a gene twice, too many genes, a kind that cannot be predicted.
            allow_unseen: give NaN for fitness and gene_interaction of sets with a kind that
                training has not seen, in place of raising UnsupportedKind.

        Returns:
            A DataFrame with one row a set, and the index of a DataFrame or Series `sets`, else the
            position in the list: perturbation ("YAL002W|YBR001C:added", "" for the wildtype), names
            ("VPS8|NTH2:added", a gene's symbol where it has no common name), fitness,
            gene_interaction (epsilon of two genes, tau of three, of four and more fitness minus
            expectation), expectation (the product of the single fitness of absent members),
            expectation_basis (for how many of these the single mutant was measured: measured,
            partly_measured or estimated; measured where none is absent), and support: all_seen,
            some_seen or unseen in training.

            The single mutant of most essential genes was not measured: training knows them from
            temperature-sensitive and other weak alleles, so that "absent" is that allele, and no
            deletion, which would not grow. Fitness of 0 and less: a cell that does not grow.

        Raises:
            UnsupportedKind: a kind that training has not seen, without `allow_unseen`.
        """
        predicted = self.predicted(sets, on_unknown, allow_unseen=allow_unseen)
        return results.indexed(predicted, sets, "sets")

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
        kinds = None if allow_unseen else self.evidence.trained_kinds
        found = sets_of(sets, self.vocabulary, self.members_limit, on_unknown, kinds)
        return self.predicted_of(found.sets, found.kept, found.skipped, progress)

    def predicted_of(
        self,
        sets: Sets,
        kept: Int64[np.ndarray, "sets"] | None = None,
        skipped: tuple[Skipped, ...] = (),
        progress: Progress | None = None,
    ) -> Predicted:
        """The same for sets of positions, which are all rows of the input where `kept` is None."""
        changed, evidence = sets.changed(), self.evidence
        return Predicted(
            symbols=self.vocabulary.genes,
            names=self.vocabulary.common_names,
            sets=sets,
            composed=compose_known(sets, evidence.trained_kinds, self.terms, progress),
            basis=evidence.basis(changed),
            support=evidence.support(changed),
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

        Warns where the ranking is worth little: by tau (order=3 by gene_interaction), and where all
        sets have the same value.

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
        wanted = self.evidence.wanted(measured_only)
        sets = Screen.of(self.vocabulary, order, given, among, wanted)
        doubts = doubts_before(self.manifest, sets.order, by)
        return Question(sets, ranking(by, direction, top), doubts)

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
        return self.asked(order, given=given, among=among, measured_only=measured_only).screen.total

    def with_genes(
        self, genes: Mapping[str, Mapping[str, float] | Iterable[float]]
    ) -> "PerturbationScorer":
        """A scorer that knows further genes, such as those brought in from another species.

        The cell is encoded again with one token more for each. Predictions of the other genes move
        as far as the new genes' presence moves the cell: by no more than ADDED for a few.

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

        Values are as the entry keeps them: to three digits, and cut at five deviations. Raises
        Unsupported where the entry has no encoder.
        """
        return told_of(self._opened, int(self.vocabulary.gene_index([gene])[0]), self.features)

    def explain(
        self, perturbation: Any, top: int = 20, kind: NodeKind | None = None
    ) -> "pd.DataFrame":
        """The nodes of the cell's graph that one set of deletions moves most.

        The cell is encoded with and without the set: no distance was measured. Not all that moves
        changes the prediction: only genes are pooled, and a model of one layer hears nothing from
        metabolites.

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
            that is gone, from its state to 0) and share (for a gene, the
            fraction of the change of the whole cell that it accounts for: the length of its part
            over the sum of all genes' lengths; NaN for other nodes).

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
        return explained(self._opened, perturbation, top, kind)

    def terms(
        self, codes: Int64[np.ndarray, "sets order"]
    ) -> tuple[Float64[np.ndarray, "sets"], Float64[np.ndarray, "sets"]]:
        """Interaction and expectation as the graph gives them, for sets of one order.

        Codes are those of contracts.sets.kinds.pack.
        """
        return terms(self._head, codes)

    @cached_property
    def _head(self) -> Graph:
        return head_of(self._opened)

    @cached_property
    def evidence(self) -> Evidence:
        """What training and measurements had of the entry's genes and kinds."""
        return Evidence.of(self._opened.state)
