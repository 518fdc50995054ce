"""The fixed split: which edges a model may learn from, and the questions that it is tested with.

Positives are split first and negatives drawn inside each part. Whole genes and whole regulators are
held out besides single edges, so one set of weights answers every protocol. A data set without
parts of its own is split into folds: all have the same validation parts, and no edge, gene or
regulator is tested in two of them.
"""

import contextlib
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64, UInt8

from contracts.errors import ArtefactError
from training.data.pairs import PairData
from training.pairs.negatives import KnownEdges, NotRewirable, Pairs, degree_preserving, uniform
from training.split import Parts

COLD_BOTH = "cold_both_test"
PARTS = (
    "train", "valid", "test",
    "cold_gene_valid", "cold_gene_test", "cold_tf_valid", "cold_tf_test", "unused", COLD_BOTH,
)  # fmt: skip
HELD_OUT = tuple(name for name in PARTS if name.endswith(("valid", "test")))

WARM = ("valid", "test")


FOLDS = 5
VALID, TEST = 1, 2


@dataclass(frozen=True)
class Shares:
    """Shares of edges (valid, test) and of whole genes and regulators held out in each fold.

    A hub, with more than `hub` edges, is never held out whole: a part in which one regulator has
    most of the edges can't be rewired, and would measure that regulator alone.
    """

    valid: float = 0.10
    test: float = 0.10
    cold_gene: tuple[float, float] = (0.04, 0.06)
    cold_tf: tuple[float, float] = (0.03, 0.05)
    hub: int = 100


class Split(Parts):
    """The part of every edge of the sorted table, and each held-out part's fixed negatives."""

    PARTS = PARTS
    TABLE = "edge table"
    DIGEST = "edges_digest"

    def positives(self, data: PairData, part: str) -> Pairs:
        """Benchmark edges of `part`, as positions (regulator, gene). Raises StaleSplit."""
        return data.pairs[self.rows(data, part)]


def make_split(data: PairData, seed: int, fold: int = 0, shares: Shares | None = None) -> Split:
    """Split the benchmark edges once, then draw every held-out part's negatives inside it.

    An edge of a held-out gene and a held-out regulator at once is in `cold_both_test`, one outside
    the benchmark `unused`. Negatives are named `<part>/uniform` and `<part>/degree_preserving`; the
    parts valid and test have `<part>/within_source` besides, rewired only among edges of the same
    resources, so that knowing which resource lists an entity helps as little as knowing how often.
    The folds 0 to FOLDS - 1 have the same validation parts, and other test parts.
    A data set that comes split keeps its own parts and negatives (`<part>/given`).
    """
    if data.given is not None:
        return _given_split(data, seed)
    shares = shares or Shares()
    core = data.edges["core"].to_numpy()
    part = np.full(len(core), PARTS.index("unused"), np.uint8)
    part[core] = _assign(data.pairs[core], np.random.default_rng(seed), shares, fold)
    known = KnownEdges.of(data.pairs, len(data.vocabulary.genes))
    negatives: dict[str, Pairs] = {}
    for name in HELD_OUT:
        rng = np.random.default_rng([seed, PARTS.index(name), fold * name.endswith("test")])
        negatives |= _draw(data, part, name, known, rng)
        if name in WARM:
            rows = part == PARTS.index(name)
            negatives[f"{name}/within_source"] = _within_source(data, rows, known, rng)
    split = Split(part, data.digest, seed, negatives)
    assert_no_leak(data, split)
    return split


def undivided(data: PairData, seed: int) -> Split:
    """All benchmark edges in training, nothing held out."""
    core = data.edges["core"].to_numpy()
    part = np.where(core, PARTS.index("train"), PARTS.index("unused")).astype(np.uint8)
    return Split(part, data.digest, seed, {})


def draw_uniform(data: PairData, split: Split, part: str, ratio: int) -> Pairs:
    """`ratio` uniform negatives an edge of `part`, from the split's seed: always the same ones."""
    split.require(data)
    known = KnownEdges.of(data.pairs, len(data.vocabulary.genes))
    tfs, genes = _pool(data.pairs, split.part, part)
    rng = np.random.default_rng([split.seed, PARTS.index(part), ratio])
    return uniform(ratio * int((split.part == PARTS.index(part)).sum()), tfs, genes, known, rng)


def _draw(
    data: PairData,
    part: UInt8[np.ndarray, "edges"],
    name: str,
    known: KnownEdges,
    rng: np.random.Generator,
) -> dict[str, Pairs]:
    """Uniform and degree-preserving negatives of one part, as far as there is room for them.

    A star can't be rewired, and few entities may be listed with each other throughout.
    """
    positives = data.pairs[part == PARTS.index(name)]
    if not len(positives):
        return {}
    tfs, genes = _pool(data.pairs, part, name)
    drawn: dict[str, Pairs] = {}
    with contextlib.suppress(NotRewirable):
        drawn[f"{name}/uniform"] = uniform(len(positives), tfs, genes, known, rng)
    with contextlib.suppress(NotRewirable):
        drawn[f"{name}/degree_preserving"] = degree_preserving(positives, known, rng)
    return drawn


def _given_split(data: PairData, seed: int) -> Split:
    """The split that a data set brings: its own negatives, named `<part>/given`, and rewired ones.

    A set so dense that its edges can't be rewired has no degree-preserving negatives.
    """
    assert data.given is not None
    known = KnownEdges.of(data.pairs, len(data.vocabulary.genes))
    keys = known.key(data.pairs)
    order = np.argsort(keys)
    part = np.full(len(keys), PARTS.index("unused"), np.uint8)
    negatives: dict[str, Pairs] = {}
    rng = np.random.default_rng(seed)
    for name, given in data.given.items():
        rows = order[np.searchsorted(keys[order], known.key(given.positives))]
        part[rows] = PARTS.index(name)
        negatives[f"{name}/given"] = given.negatives
        with contextlib.suppress(NotRewirable):
            rewired = degree_preserving(given.positives, known, rng)
            negatives[f"{name}/degree_preserving"] = rewired
    split = Split(part, data.digest, seed, negatives)
    assert_no_leak(data, split)
    return split


def _within_source(
    data: PairData, rows: Bool[np.ndarray, "edges"], known: KnownEdges, rng: np.random.Generator
) -> Pairs:
    """Degree-preserving negatives drawn apart in each combination of resources, none twice.

    A combination with too few edges to be rewired is drawn together with the next larger one.
    """
    drawn = left = np.empty((0, 2), np.int64)
    combinations, counts = np.unique(data.stratum[rows], return_counts=True)
    for one in combinations[np.argsort(counts, kind="stable")]:
        positives = np.concatenate([left, data.pairs[rows & (data.stratum == one)]])
        try:
            more = degree_preserving(positives, known.also(drawn), rng)
        except NotRewirable:
            left = positives
            continue
        drawn, left = np.concatenate([drawn, more]), np.empty((0, 2), np.int64)
    if len(left):
        raise NotRewirable(f"{len(left)} edges could not be rewired among edges of their sources.")
    return drawn


def _pool(
    pairs: Pairs, part: UInt8[np.ndarray, "edges"], name: str
) -> tuple[Int64[np.ndarray, "tfs"], Int64[np.ndarray, "genes"]]:
    """Regulators and genes that uniform negatives of a part are drawn from.

    All that stand in the training, validation or test edges; on a cold side, the held-out ones
    alone.
    """
    own = pairs[part == PARTS.index(name)]
    warm = pairs[part < PARTS.index("cold_gene_valid")]
    tfs = own[:, 0] if name.startswith(("cold_tf", "cold_both")) else warm[:, 0]
    genes = own[:, 1] if name.startswith(("cold_gene", "cold_both")) else warm[:, 1]
    return np.unique(tfs), np.unique(genes)


def _assign(
    pairs: Pairs, rng: np.random.Generator, shares: Shares, fold: int
) -> UInt8[np.ndarray, "pairs"]:
    """The part of every benchmark edge in a fold."""
    cold_tf = _hold_out(pairs[:, 0], shares.cold_tf, shares.hub, rng, fold)
    cold_gene = _hold_out(pairs[:, 1], shares.cold_gene, shares.hub, rng, fold)
    draw = rng.random(len(pairs)) - shares.valid
    test = (draw >= fold * shares.test) & (draw < (fold + 1) * shares.test)
    # Validation goes first, for it is the same in all folds.
    parts = {
        "cold_gene_valid": cold_gene == VALID,
        "cold_tf_valid": cold_tf == VALID,
        "valid": draw < 0,
        COLD_BOTH: (cold_gene == TEST) & (cold_tf == TEST),
        "cold_gene_test": cold_gene == TEST,
        "cold_tf_test": cold_tf == TEST,
        "test": test,
    }
    numbers = [PARTS.index(name) for name in parts]
    return np.select(list(parts.values()), numbers, PARTS.index("train")).astype(np.uint8)


def _hold_out(
    entities: Int64[np.ndarray, "pairs"],
    shares: tuple[float, float],
    hub: int,
    rng: np.random.Generator,
    fold: int,
) -> Int64[np.ndarray, "pairs"]:
    """VALID or TEST for an edge whose entity is held out, 0 for others."""
    unique, row, degree = np.unique(entities, return_inverse=True, return_counts=True)
    order = rng.permutation(np.flatnonzero(degree <= hub))
    valid, test = (round(share * len(unique)) for share in shares)
    group = np.zeros(len(unique), np.int64)
    first = valid + fold * test
    group[order[:valid]], group[order[first : first + test]] = VALID, TEST
    return group[row]


def assert_no_leak(data: PairData, split: Split) -> None:
    """Raise ArtefactError where a held-out gene, regulator or pair reaches the training edges."""
    train = split.positives(data, "train")
    for part in HELD_OUT:
        sides = [(0, "tf")] * part.startswith(("cold_tf", "cold_both"))
        sides += [(1, "gene")] * part.startswith(("cold_gene", "cold_both"))
        for column, side in sides:
            held = split.positives(data, part)[:, column]
            if np.isin(train[:, column], held).any():
                raise ArtefactError(f"A {side} held out for {part} stands in training.")
    known = KnownEdges.of(data.pairs, len(data.vocabulary.genes))
    for name, pairs in split.negatives.items():
        if known.contains(pairs).any():
            raise ArtefactError(f"The negatives {name} hold a listed edge.")
    if len(known.keys) != len(data.pairs):
        raise ArtefactError("An edge stands twice in the edge table, so it may stand in two parts.")
