"""A planted screen: 50 genes of ten complexes, five sources, and interactions that are known.

epsilon of a pair is the sum of its genes' weights and, within a complex, COMPLEX; tau of a triple
is a tenth of the sum of its weights. Every source adds noise of its own.
"""

from collections.abc import Iterable
from functools import cache
from itertools import combinations

import numpy as np
from scipy.sparse import coo_array, csr_array

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from training.data.perturbations import Network, PerturbationData, Records
from training.perturbations.split import SetSplit, Shares, make_split

GENES, COMPLEXES = 50, 10
COMPLEX, NOISE = -0.3, 0.01
MAIN, CHOSEN, MEASURED, TRIPLES, OTHER = "main", "chosen", "measured", "triples", "other"
QUERIES = ((0, 1), (2, 3))
SHARES = Shares(sets=(0.15, 0.2), genes=(0.16, 0.16), unseen=0.04)

_draw = np.random.default_rng(3)
MEMBER_OF = _draw.integers(COMPLEXES, size=GENES)
WEIGHT = _draw.normal(0, 0.05, GENES)
SINGLE = np.round(_draw.uniform(0.6, 1.05, GENES), 3)
UNMEASURED = 7
"""A gene without a measured single mutant."""


def epsilon(first: int, second: int) -> float:
    """The truth of a pair."""
    together = MEMBER_OF[first] == MEMBER_OF[second]
    return float(WEIGHT[first] + WEIGHT[second] + COMPLEX * together)


def tau(members: Iterable[int]) -> float:
    """The truth of a triple."""
    return float(WEIGHT[list(members)].sum() / 10)


@cache
def data() -> PerturbationData:
    """The planted data set; gene names are G00 to G49."""
    rng = np.random.default_rng(5)
    rows = [row for source in SOURCES for row in SOURCES[source](rng)]
    members = np.full((len(rows), 3), -1, np.int64)
    for place, (genes, *_) in enumerate(rows):
        members[place, : len(genes)] = genes
    fitness, interaction, unit, source = map(np.array, list(zip(*rows, strict=True))[1:])
    single = SINGLE.copy()
    single[UNMEASURED] = np.nan
    return PerturbationData(
        name="planted",
        vocabulary=Vocabulary.from_records(GeneRecord(f"G{i:02d}") for i in range(GENES)),
        records=Records(
            members=members,
            order=(members >= 0).sum(axis=1),
            fitness=fitness,
            interaction=interaction,
            unit=unit,
            source=source,
            derived=np.isin(source, (MAIN, CHOSEN)),
            selected=np.isin(source, (CHOSEN,)),
        ),
        single_fitness=single,
        networks=_networks(),
        metabolism=rng.integers(0, 5, (GENES, 2)).astype(np.float64),
        metabolic_features=("reactions", "metabolites"),
        headline_source=MAIN,
        coverage={"genes/named": 1.0},
        digests={},
        licences={"planted screens": "CC0-1.0"},
        description="Interactions that nobody measured.",
    )


@cache
def split() -> SetSplit:
    """The split of the planted data."""
    return make_split(data(), 4, SHARES)


Row = tuple[tuple[int, ...], float, float, str, str]


def _pair(rng: np.random.Generator, source: str, first: int, second: int) -> Row:
    label = epsilon(first, second) + rng.normal(0, NOISE)
    return (first, second), SINGLE[first] * SINGLE[second] + label, label, "epsilon", source


def _main(rng: np.random.Generator) -> list[Row]:
    """Every pair without a query."""
    return [_pair(rng, MAIN, a, b) for a, b in combinations(range(4, GENES), 2)]


def _chosen(rng: np.random.Generator) -> list[Row]:
    """The strongest interactions."""
    pairs = sorted(combinations(range(4, GENES), 2), key=lambda pair: -abs(epsilon(*pair)))
    return [_pair(rng, CHOSEN, a, b) for a, b in sorted(pairs[:300])]


def _measured(rng: np.random.Generator) -> list[Row]:
    """Every gene with each of the first four."""
    queries = sorted({gene for pair in QUERIES for gene in pair})
    others = range(len(queries), GENES)
    return [_pair(rng, MEASURED, query, gene) for query in queries for gene in others]


def _triples(rng: np.random.Generator) -> list[Row]:
    """Every gene with each pair of queries; fitness by the definition of tau."""
    rows = []
    for a, b in QUERIES:
        for c in range(4, GENES):
            label = tau((a, b, c)) + rng.normal(0, NOISE / 10)
            fitness = SINGLE[[a, b, c]].prod() + label
            for pair, rest in (((a, b), c), ((a, c), b), ((b, c), a)):
                fitness += epsilon(*pair) * SINGLE[rest]
            rows.append(((a, b, c), float(fitness), label, "tau", TRIPLES))
    return rows


def _other(rng: np.random.Generator) -> list[Row]:
    """Another quantity of pairs of half of the genes; no fitness."""
    pairs = combinations(range(0, GENES, 2), 2)
    labels = ((pair, 20 * epsilon(*pair) + rng.normal()) for pair in pairs)
    return [(pair, np.nan, label, "emap_s", OTHER) for pair, label in labels]


SOURCES = {MAIN: _main, CHOSEN: _chosen, MEASURED: _measured, TRIPLES: _triples, OTHER: _other}


def _networks() -> dict[str, Network]:
    """Complexes as a physical network; one directed and two of a kind at random."""
    rng = np.random.default_rng(9)
    together = (MEMBER_OF[:, None] == MEMBER_OF) & ~np.eye(GENES, dtype=bool)
    dense = {"physical": together, "regulatory": rng.random((GENES, GENES)) < 0.1}
    for name in ("string_fusion", "string_database"):
        half = np.triu(rng.random((GENES, GENES)) < 0.05, 1)
        dense[name] = half | half.T
    return {name: _network(edges & ~np.eye(GENES, dtype=bool)) for name, edges in dense.items()}


def _network(edges: np.ndarray) -> Network:
    return Network(csr_array(coo_array(edges)), edges.any(0) | edges.any(1))
