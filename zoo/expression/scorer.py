"""What `zoo.load` gives for expression: sets of perturbed genes to changes of expression."""

import warnings
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Bool, Float32, Int64

from contracts.errors import InvalidOption, MissingDependency
from contracts.genes.vocabulary import Skipped, Vocabulary
from contracts.sets.kinds import KINDS, kind_code
from zoo.entry import OpenEntry
from zoo.expression.answers import Answer
from zoo.expression.control import Control, Unperturbed
from zoo.expression.evidence import Evidence
from zoo.expression.state import CONTROL, PERTURBED, READOUTS
from zoo.results import frame, warn_left_out
from zoo.scorer import Scorer
from zoo.sets.located import Located, located, sets_of
from zoo.sets.members import Sets
from zoo.sets.written import read_cells

if TYPE_CHECKING:
    import anndata
    import pandas as pd

BLOCK = 1 << 21
"""Changes that the graph computes at once."""

OnUnknown = Literal["raise", "skip"]
Progress = Callable[[int], object]
LEFT_OUT = "They have no row in the result."


class ExpressionPredictor(Scorer):
    """A loaded entry that predicts how expression changes when genes are perturbed.

    `vocabulary` has the genes that can be perturbed, all in the one way `kind`; `readouts` those
    whose change is predicted. Changes are in the entry's `unit`.
    """

    def __init__(self, opened: OpenEntry) -> None:
        super().__init__(opened)
        self.vocabulary = opened.vocabularies[PERTURBED]
        self.readouts: Vocabulary = opened.vocabularies[READOUTS]

    def _knows(self) -> str:
        genes, readouts = len(self.vocabulary), len(self.readouts)
        return f"{genes} genes to perturb, {readouts} genes whose change is predicted"

    @property
    def kind(self) -> str:
        """What is done to a gene of a set, as in training: `overexpressed`, `absent`, ..."""
        return str(self.manifest.config["kind"])

    @property
    def unit(self) -> str:
        """What expression is measured in, in words."""
        return str(self.manifest.config["unit"])

    @property
    def members_limit(self) -> int:
        """How many perturbed genes a set may have."""
        return self.manifest.sizes["members_limit"]

    def predict_expression(
        self,
        sets: Any,
        control: Any = None,
        top: int | None = None,
        on_unknown: OnUnknown = "raise",
    ) -> "pd.DataFrame":
        """The change of expression in cells with these sets of perturbed genes.

        Args:
            sets: a list of sets, each a set, list or tuple of gene names, which are of the entry's
                `kind`, or of (name, kind). The empty set, or the word "wildtype", changes nothing.
                A DataFrame with a column perturbation of texts such as "KLF1+MAP2K6" will do too.
            control: the unperturbed cells, in the entry's `unit`; None takes those of training. An
                AnnData or DataFrame of such cells, in memory or backed, whose mean is taken; a dict
                or Series of gene to expression; or numbers in the order of `readouts`. No change
                goes below no expression, and nothing else depends on the control.
            top: list only so many genes of each set, those that change most first; None lists all.
            on_unknown: "skip" leaves out sets that cannot be used, and warns.

        Returns:
            A DataFrame with a row for each set and gene: perturbation ("KLF1+MAP2K6", approved
            symbols), gene, change, low and high (the 95% interval of the true change), measured
            (the change of this very set in training, NaN where it was not measured) and support:
            measured, or how many genes of the set were perturbed in training (all_seen, some_seen,
            unseen).

        Raises:
            UnknownGene, AmbiguousGene: a name that leads to no gene that can be perturbed.
            UnsupportedKind: another kind than the entry's.
            ContractViolation: no list of sets, a gene twice, too many genes; or a control with
                negative or missing numbers, or of another length.
            OtherUnit: the control is in another unit. LowCoverage: it has too few readout genes.
            RepeatedGene: two of its columns are one gene.
            InvalidOption: `top` or `on_unknown` is none of those there are.
        """
        top = self.checked_top(top)
        return frame(self._warned(self.answer(sets, control, on_unknown)).columns(top))

    def expression_matrix(
        self, sets: Any, control: Any = None
    ) -> Float32[np.ndarray, "sets readouts"]:
        """The change of every readout gene, a row a set; see `predict_expression`."""
        return self._warned(self.answer(sets, control)).change

    def changed(self, perturbation: Any, top: int = 20, control: Any = None) -> "pd.DataFrame":
        """The genes that one set changes most, the most first.

        Returns:
            A DataFrame with columns rank (from 1), gene, direction (up or down), and change, low,
            high, measured and support as in `predict_expression`. Genes that do not change are left
            out.
        """
        answer = self._warned(self.answer([perturbation], control))
        columns = answer.columns(self.checked_top(top))
        change = np.asarray(columns["change"])
        chosen = {"rank": np.arange(1, len(change) + 1), "gene": columns["gene"]}
        chosen["direction"] = np.where(change > 0, "up", "down")
        shown = ("change", "low", "high", "measured", "support")
        chosen |= {name: columns[name] for name in shown}
        return frame(chosen)[change != 0]

    def to_anndata(self, sets: Any, control: Any = None) -> "anndata.AnnData":
        """The changes as an AnnData: a row a set, a column a readout gene.

        X has the change; the layers `low` and `high` its 95% interval, `expression` the control and
        the change together. obs has perturbation and support, var the control. See
        `predict_expression` for what may be given and what is raised.
        """
        return self.as_anndata(self._warned(self.answer(sets, control)))

    def as_anndata(self, answer: Answer) -> "anndata.AnnData":
        """An answer as `to_anndata` has it; raises MissingDependency without anndata."""
        try:
            import anndata
            import pandas as pd
        except ImportError:
            raise MissingDependency("anndata", "h5ad") from None
        rows = pd.Index(answer.kept.astype(str))
        about = {"entry": self.entry, "version": self.manifest.version}
        return anndata.AnnData(
            answer.change,
            pd.DataFrame({"perturbation": answer.texts, "support": answer.support}, rows),
            pd.DataFrame({"control": answer.control}, pd.Index(answer.readouts)),
            uns={**about, "unit": self.unit, "kind": self.kind},
            layers={
                "low": answer.low,
                "high": answer.high,
                "expression": answer.control + answer.change,
            },
        )

    def answer(
        self,
        sets: Any,
        control: Any = None,
        on_unknown: OnUnknown = "raise",
        progress: Progress | None = None,
    ) -> Answer:
        """What `predict_expression` shows, without pandas, and the rows that were left out.

        `progress` is called with the number of sets done since its last call.
        """
        read = self.unperturbed.read(control)
        found = sets_of(
            sets, self.vocabulary, self.members_limit, on_unknown, self.kinds, self.bare
        )
        return self.answer_of(found.sets, read, found.kept, found.skipped, progress)

    def answer_of(
        self,
        sets: Sets,
        control: Control,
        kept: Int64[np.ndarray, "sets"] | None = None,
        skipped: tuple[Skipped, ...] = (),
        progress: Progress | None = None,
    ) -> Answer:
        """The same for sets of positions, which are all rows of the input where `kept` is None."""
        total, readouts = len(sets.order), len(self.readouts)
        change, deviation = (np.empty((total, readouts), np.float32) for _ in range(2))
        ends, step = np.concatenate([[0], np.cumsum(sets.order)]), max(1, BLOCK // readouts)
        for start in range(0, total, step):
            stop = min(start + step, total)
            order = sets.order[start:stop]
            outputs = self._opened.graphs["response"].run(
                {
                    "member": sets.gene[ends[start] : ends[stop]],
                    "set": np.repeat(np.arange(stop - start), order),
                    "order": order,
                    "control": control.mean.copy(),  # The state is not for torch to write to.
                }
            )
            change[start:stop] = outputs["change"] + 0  # no -0
            deviation[start:stop] = outputs["deviation"]
            if progress is not None:
                progress(stop - start)
        return Answer(
            symbols=self.vocabulary.genes,
            readouts=self.readouts.genes,
            sets=sets,
            control=control.mean,
            change=change,
            deviation=deviation,
            measured=self.evidence.measured(sets),
            support=self.evidence.support(sets),
            kept=np.arange(total) if kept is None else kept,
            skipped=skipped,
            doubts=control.doubts,
        )

    def _warned(self, answer: Answer) -> Answer:
        """The answer, once whoever called the method that calls this was warned."""
        for doubt in answer.doubts:
            warnings.warn(doubt, stacklevel=3)
        warn_left_out(answer.skipped, len(answer.kept), "sets", LEFT_OUT, level=4)
        return answer

    def located(self, texts: list[str | None]) -> Located:
        """The sets that texts of a table stand for, and what is wrong with the others."""
        cells = read_cells(texts, True, self.bare)
        return located(cells, self.vocabulary, self.members_limit, self.kinds)

    def checked_top(self, top: object) -> int | None:
        """How many genes to list; raises InvalidOption for no whole number of at least 1."""
        if top is None:
            return None
        if isinstance(top, bool) or not isinstance(top, int | np.integer) or top < 1:
            raise InvalidOption("top", top, "a whole number of at least 1, or None for all genes")
        return min(int(top), len(self.readouts))

    @property
    def bare(self) -> int:
        """What is done to a gene of which nothing is said, as a position in KINDS."""
        return kind_code(self.kind)

    @property
    def kinds(self) -> Bool[np.ndarray, "kinds"]:
        """Which kinds can be predicted, in the order of KINDS: the entry's own."""
        return np.arange(len(KINDS)) == self.bare

    @cached_property
    def evidence(self) -> Evidence:
        """What training had of the genes, and what was measured."""
        return Evidence.of(self._opened.state)

    @cached_property
    def unperturbed(self) -> Unperturbed:
        """The control of training, and how another one is read."""
        control = np.asarray(self._opened.state[CONTROL])
        return Unperturbed(self.readouts, control, self.unit, self.manifest.species)
