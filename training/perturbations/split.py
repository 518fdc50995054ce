"""The fixed split of perturbation records: by gene set, whatever the source, and by gene.

A gene set has one part in all its records, so that no set is met twice. Besides sets, genes are
held out: `one_new` and `both_new` genes have no training record in the headline source (their sets
of that source are gone from every source, their other sets are not); `unseen` genes have no
training record of several genes at all; and every set of one query strain's gene, in the sources
whose query it was, is kept for `query_disjoint`. One set of weights answers all of it.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64, UInt8

from contracts.errors import ArtefactError
from training.data.perturbations import PerturbationData, Records
from training.split import Parts

PARTS = (
    "train", "valid", "test",
    "one_new_valid", "one_new_test", "both_new_valid", "both_new_test",
    "unseen_test", "query_disjoint_test", "unused",
)  # fmt: skip
NEW = {"one_new_valid": 1, "one_new_test": 1, "both_new_valid": 2, "both_new_test": 2}
"""Genes of each set that no training record of the headline source has."""
QUERY_SHARE = 0.15
"""A gene in more than this share of a source's sets was a query strain's, and one of few."""


@dataclass(frozen=True)
class Shares:
    """How much is held out of training.

    Shares of sets (valid, test), of the headline source's genes (valid, test), and of all genes,
    for those that no source may know.
    """

    sets: tuple[float, float] = (0.08, 0.10)
    genes: tuple[float, float] = (0.05, 0.08)
    unseen: float = 0.02


class SetSplit(Parts):
    """The part of every record."""

    PARTS = PARTS
    TABLE = "records"
    DIGEST = "records_digest"


def make_split(data: PerturbationData, seed: int, shares: Shares | None = None) -> SetSplit:
    """Split the gene sets once; the same seed gives the same split.

    First genes unseen everywhere are drawn, then the headline source's genes to be new, then one
    query gene; every set that these do not claim is drawn by itself. A set with a gene unseen
    everywhere is `unseen_test` also where its other gene is new to the headline source. Sets of two
    unseen genes, of an unseen gene and the query, or of a validation and a test gene are `unused`.
    Raises ArtefactError as `assert_no_leak`, and where no gene was a query of pairs and of triples.
    """
    shares = shares or Shares()
    rng = np.random.default_rng(seed)
    records, genes = data.records, len(data.vocabulary)
    headline = records.source == data.headline_source
    own = _genes_of(records.take(headline))
    queries = _query_genes(records)
    others = np.setdiff1d(_genes_of(records), np.concatenate([own, *queries.values()]))
    unseen = np.concatenate(
        [rng.choice(each, round(shares.unseen * len(each)), False) for each in (own, others)]
    )
    new = rng.permutation(np.setdiff1d(own, unseen))
    valid, test = (round(share * len(new)) for share in shares.genes)
    groups = {"unseen": unseen, "valid": new[:valid], "test": new[valid : valid + test]}
    met = {name: _count(records, group) for name, group in groups.items()}
    key = records.keys(genes)
    part = _drawn_by_set(key, shares.sets, rng)
    claimed = np.isin(key, key[headline])
    for name, number in NEW.items():
        part[claimed & (met[name.rpartition("_")[2]] == number)] = PARTS.index(name)
    query = _query_gene(records, queries, rng)
    of_query = np.isin(key, key[_queried(records, query)])
    part[of_query] = PARTS.index("query_disjoint_test")
    part[met["unseen"] == 1] = PARTS.index("unseen_test")
    both = claimed & (met["valid"] > 0) & (met["test"] > 0)
    several = both | (met["unseen"] > 1) | (of_query & (met["unseen"] > 0))
    part[several] = PARTS.index("unused")
    split = SetSplit(part, data.digest, seed)
    assert_no_leak(data, split, unseen, query)
    return split


def _genes_of(records: Records) -> Int64[np.ndarray, "genes"]:
    return np.unique(records.members[records.members >= 0])


def _count(records: Records, group: np.ndarray) -> Int64[np.ndarray, "records"]:
    """How many members of every set are in the group."""
    return np.isin(records.members, group).sum(axis=1)


def _drawn_by_set(
    key: np.ndarray, shares: tuple[float, float], rng: np.random.Generator
) -> UInt8[np.ndarray, "records"]:
    """0, 1 or 2 for a set: train, valid, test."""
    unique, row = np.unique(key, return_inverse=True)
    draw = rng.random(len(unique))
    valid, test = shares
    return np.select([draw < test, draw < test + valid], [2, 1], 0).astype(np.uint8)[row]


def _query_genes(records: Records) -> dict[str, Int64[np.ndarray, "queries"]]:
    """Genes of each source that stand in a large share of its sets: those of its query strains."""
    found = {}
    for source in np.unique(records.source):
        members = records.members[records.source == source]
        gene, times = np.unique(members[members >= 0], return_counts=True)
        found[str(source)] = gene[times > QUERY_SHARE * len(members)]
    return found


def _query_gene(
    records: Records, queries: dict[str, Int64[np.ndarray, "queries"]], rng: np.random.Generator
) -> int:
    """One gene of a query strain of triples that was a query of pairs, too.

    Raises ArtefactError where there is none.
    """
    by_order: dict[int, set[int]] = {2: set(), 3: set()}
    for source, genes in queries.items():
        by_order[int(records.order[records.source == source].max())] |= set(genes.tolist())
    both = sorted(by_order[2] & by_order[3])
    if not both:
        raise ArtefactError("No gene was a query both of pairs and of triples.")
    return int(rng.choice(both))


def _queried(records: Records, gene: int) -> Bool[np.ndarray, "records"]:
    """Sets with `gene` in the sources whose query it was."""
    has = (records.members == gene).any(axis=1)
    queries = [source for source, genes in _query_genes(records).items() if gene in genes]
    return has & np.isin(records.source, queries)


def assert_no_leak(data: PerturbationData, split: SetSplit, unseen: np.ndarray, query: int) -> None:
    """Raise ArtefactError where a set stands in two parts, or held-out genes not as they should.

    `unseen` are the genes that were held out of every source, `query` the gene whose strain was.
    """
    _assert_one_part(data, split)
    train = data.records.take(split.rows(data, "train"))
    if np.isin(train.members, unseen).any():
        raise ArtefactError("A gene that was held out of every source stands in training.")
    if _queried(data.records, query)[split.rows(data, "train")].any():
        raise ArtefactError("The query that was held out stands in training records of its source.")
    held = data.records.take(split.rows(data, "unseen_test"))
    if not (_count(held, unseen) == 1).all():
        raise ArtefactError("A set of unseen_test has not one gene that was held out everywhere.")
    _assert_new(data, split, train)


def _assert_one_part(data: PerturbationData, split: SetSplit) -> None:
    key = data.records.keys(len(data.vocabulary))
    order = np.lexsort((split.part, key))
    same = key[order][1:] == key[order][:-1]
    if (split.part[order][1:][same] != split.part[order][:-1][same]).any():
        raise ArtefactError("A gene set stands in two parts of the split.")


def _assert_new(data: PerturbationData, split: SetSplit, train: Records) -> None:
    """In the headline source, each set has as many new genes as its part says, no fewer or more."""
    own = train.take(train.source == data.headline_source)
    for part, expected in NEW.items():
        held = data.records.take(split.rows(data, part))
        held = held.take(held.source == data.headline_source)
        new = (~np.isin(held.members, own.members) & (held.members >= 0)).sum(axis=1)
        if (new != expected).any():
            raise ArtefactError(f"A set of {part} has not {expected} genes new to its source.")
