"""What an entry for pairs has beside its scores: training edges, listed pairs, signs, verdicts."""

from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
from jaxtyping import Float32, Int64

from contracts.errors import InvalidOption
from zoo.entry import OpenEntry
from zoo.pairs.answers import Column, Terms, Words
from zoo.pairs.known import FILE, Known
from zoo.pairs.verdict import VERDICTS, Typical, verdicts

SUPPORT = ("unseen", "tf_only", "gene_only", "both_seen")
TYPICAL_PAIRS = 2048
"""Pairs drawn to know a typical one."""
BLOCK_PAIRS = 1 << 11
"""Pairs that go through a graph at once: few enough for what is between the layers to stay in the
cache, a third faster than 65,536 for the cross-encoder."""

Positions = Int64[np.ndarray, "pairs"]


class Evidence:
    """What an opened entry knows of pairs; `terms` scores them."""

    def __init__(self, opened: OpenEntry, terms: Callable[[Positions, Positions], Terms]) -> None:
        self._opened, self._terms = opened, terms
        self.members = opened.manifest.sizes.get("members", 1)
        self.tf_edges = opened.state["tf_edges"].astype(np.int64)
        self.gene_edges = opened.state["gene_edges"].astype(np.int64)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that the entry can fill, in the order of a table."""
        scored = ("tf", "gene", "score", "pair_specific", "tf_popularity", "gene_popularity")
        listed = FILE in self._opened.manifest.files
        return (
            *scored,
            "support",
            *(("known", "references") if listed else ()),
            "tf_edges",
            "gene_edges",
            *(("activates",) if "sign" in self._opened.graphs else ()),
            *(("uncertainty",) if self.members > 1 else ()),
            *(("verdict",) if listed else ()),
        )

    def chosen(self, names: Iterable[str] | None) -> tuple[str, ...]:
        """The columns of these names; None means all. Raises InvalidOption for one not there."""
        if names is None:
            return self.names
        chosen = tuple(names)
        for name in chosen:
            if name not in self.names:
                raise InvalidOption("columns", name, f"some of {', '.join(self.names)}")
        return chosen

    @cached_property
    def known(self) -> Known | None:
        """The pairs that resources list; None where the entry has no such file."""
        manifest = self._opened.manifest
        return Known.read(self._opened.folder / FILE, manifest) if FILE in manifest.files else None

    def columns(
        self, tf: Positions, gene: Positions, terms: Terms, names: Iterable[str]
    ) -> dict[str, Column]:
        """The columns of these names for scored pairs."""
        fill: dict[str, Callable[[], Column]] = {
            "tf": lambda: Words(self._opened.vocabulary.regulators, tf),
            "gene": lambda: Words(self._opened.vocabulary.genes, gene),
            "score": lambda: terms.probability,
            "pair_specific": lambda: terms.pair_specific,
            "tf_popularity": lambda: terms.tf_popularity,
            "gene_popularity": lambda: terms.gene_popularity,
            "support": lambda: Words(SUPPORT, self.support(tf, gene)),
            "known": lambda: self.known.words(tf, gene),
            "references": lambda: self.known.reference_counts(tf, gene),
            "tf_edges": lambda: self.tf_edges[tf],
            "gene_edges": lambda: self.gene_edges[gene],
            "activates": lambda: self.activates(tf, gene),
            "uncertainty": lambda: terms.uncertainty,
            "verdict": lambda: Words(VERDICTS, self.verdicts(tf, gene, terms)),
        }
        return {name: fill[name]() for name in names}

    def support(self, tf: Positions, gene: Positions) -> Positions:
        """How much the model knew of each pair, as a position in SUPPORT."""
        return (self.tf_edges[tf] > 0) + np.int64(2) * (self.gene_edges[gene] > 0)

    def activates(self, tf: Positions, gene: Positions) -> Float32[np.ndarray, "pairs"]:
        """Probabilities that the effect is an activation, given that there is one."""
        graph, out = self._opened.graphs["sign"], np.empty(len(tf), np.float32)
        for start in range(0, len(tf), BLOCK_PAIRS):
            rows = slice(start, start + BLOCK_PAIRS)
            out[rows] = graph.run({"tf": tf[rows], "gene": gene[rows]})["activates"]
        return out

    def verdicts(self, tf: Positions, gene: Positions, terms: Terms) -> Positions:
        """The verdict on each pair, as a position in VERDICTS."""
        listed = self.known.pairs.holds(tf, gene)
        return verdicts(terms, self._typical, self.tf_edges[tf], self.gene_edges[gene], listed)

    @cached_property
    def _typical(self) -> Typical:
        """Of pairs drawn from all: the same ones each time."""
        draw = np.random.default_rng(0)
        totals = len(self.tf_edges), len(self.gene_edges)
        return Typical.of(self._terms(*(draw.integers(t, size=TYPICAL_PAIRS) for t in totals)))
