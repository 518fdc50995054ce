"""Gene vectors: each kind, genes that are each other's nearest, and files of people."""

import math
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from contracts.errors import BadTable, InvalidOption
from tests.training.cells import toy
from training.cells import vectors
from training.cells.vectors import DIM, GeneVectors, make, read
from training.data.files import LowCoverage

Named = dict[str, np.ndarray]


def drawn(seed: int = 0, sizes: tuple[int, int] = (23, 31)) -> GeneVectors:
    rng = np.random.default_rng(seed)
    parts = {
        s: rng.normal(size=(n, 4)).astype(np.float32)
        for s, n in zip(("human", "mouse"), sizes, strict=True)
    }
    parts["human"][[3, 7]] = 0
    parts["mouse"][30] = 0
    return GeneVectors.of("Drawn.", parts)


def test_vectors_have_length_1_and_a_gene_of_zeros_has_none():
    got = drawn()
    for species, rows in got.vectors.items():
        length = np.linalg.norm(rows, axis=1)
        np.testing.assert_allclose(length, got.known[species], atol=1e-6)
    assert np.flatnonzero(~got.known["human"]).tolist() == [3, 7]
    assert np.flatnonzero(~got.known["mouse"]).tolist() == [30]


@pytest.mark.parametrize("block", [5, 2048])
@pytest.mark.parametrize("seed", range(3))
def test_partners_are_those_of_a_loop(monkeypatch, seed: int, block: int):
    monkeypatch.setattr(vectors, "BLOCK", block)
    given = drawn(seed)
    one, other = given.vectors["human"], given.vectors["mouse"]
    rows, columns = (np.flatnonzero(given.known[s]).tolist() for s in ("human", "mouse"))
    expected = [
        [a, b]
        for a in rows
        for b in columns
        if b == max(columns, key=lambda c: one[a] @ other[c])
        and a == max(rows, key=lambda r: one[r] @ other[b])
    ]
    assert given.partners("human", "mouse").tolist() == expected
    assert len(expected) > 3


def test_orthologs_share_a_vector_and_all_others_have_their_own():
    data = toy.data()
    got = make("orthologs", data, 1)
    pairs = data.orthologs.to_numpy()
    np.testing.assert_array_equal(
        got.vectors["human"][pairs[:, 0]], got.vectors["mouse"][pairs[:, 1]]
    )
    order = pairs[np.argsort(pairs[:, 0])].tolist()
    assert got.partners("human", "mouse").tolist()[: len(order)] == order
    stacked = np.concatenate([got.vectors["human"], got.vectors["mouse"]])
    assert len(np.unique(stacked, axis=0)) == len(stacked) - len(pairs)
    assert stacked.shape[1] == DIM


def test_terms_have_the_cosines_of_their_inverse_frequencies():
    """There are fewer terms than DIM, so that nothing is lost in singular vectors."""
    data = toy.data()
    counts = np.concatenate([one.terms.toarray() for one in data.species.values()])
    genes = len(counts)
    rare = [math.log((1 + genes) / (1 + n)) + 1 for n in counts.sum(0).tolist()]
    weighted = counts * rare
    length = np.linalg.norm(weighted, axis=1, keepdims=True)
    expected = weighted / np.where(length > 0, length, 1)
    got = make("terms", data, 1)
    stacked = np.concatenate([got.vectors["human"], got.vectors["mouse"]])
    np.testing.assert_allclose(stacked @ stacked.T, expected @ expected.T, atol=1e-5)
    known = np.concatenate([got.known["human"], got.known["mouse"]])
    assert known.tolist() == (length[:, 0] > 0).tolist()
    assert not known.all()


def test_random_vectors_know_nothing_of_orthology():
    got, data = make("random", toy.data(), 1), toy.data()
    pairs = data.orthologs.to_numpy()
    cosine = (got.vectors["human"][pairs[:, 0]] * got.vectors["mouse"][pairs[:, 1]]).sum(1)
    assert np.abs(cosine).max() < 0.5
    assert np.abs(cosine.mean()) < 0.05


@pytest.mark.parametrize("kind", ["orthologs", "terms", "random"])
def test_a_seed_gives_the_same_vectors(kind: str):
    one, again, other = (make(kind, toy.data(), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.vectors["mouse"], again.vectors["mouse"])
    assert not np.array_equal(one.vectors["mouse"], other.vectors["mouse"])
    assert one.about.endswith(".")


def test_an_unknown_kind_is_told():
    with pytest.raises(InvalidOption, match=r"gene_vectors='esm'.*orthologs, terms, random"):
        make("esm", toy.data(), 1)


def parquet(path: Path, named: Named) -> Path:
    pd.DataFrame({"gene": list(named), "vector": [each.tolist() for each in named.values()]}) \
        .to_parquet(path)  # fmt: skip
    return path


def safetensors(path: Path, named: Named) -> Path:
    save_file(named, path)
    return path


def hdf5(path: Path, named: Named) -> Path:
    with h5py.File(path, "w") as file:
        for name, each in named.items():
            file[name] = each
    return path


WRITERS: dict[str, Callable[[Path, Named], Path]] = {
    "parquet": parquet, "safetensors": safetensors, "h5": hdf5, "hdf5": hdf5,
}  # fmt: skip


def by_name(count: int = 30) -> Named:
    """Vectors of the first genes of each species: by symbol, former name, Ensembl id in turn."""
    rng, named = np.random.default_rng(0), {}
    for one in toy.data().species.values():
        for number, record in enumerate(one.records[:count]):
            name = (record.symbol, *record.previous, *record.ensembl)[number % 3]
            named[name] = rng.normal(size=5).astype(np.float32)
    return named


@pytest.mark.parametrize("ending", WRITERS)
def test_a_file_is_read_by_any_name_of_a_gene(tmp_path: Path, ending: str):
    named = by_name()
    path = WRITERS[ending](tmp_path / f"esm.{ending}", named)
    got = read(path, toy.data())
    start = 0
    for species in ("human", "mouse"):
        rows = np.stack(list(named.values())[start : start + 30])
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        np.testing.assert_allclose(got.vectors[species][:30], rows, atol=1e-6)
        assert got.known[species].tolist() == [n < 30 for n in range(len(got.known[species]))]
        start += 30
    assert "5 numbers" in got.about
    assert f"esm.{ending}" in got.about
    assert str(tmp_path) not in got.about


def test_names_that_are_no_genes_are_left_out(tmp_path: Path):
    named = by_name() | {"NOTAGENE": np.ones(5, np.float32)}
    got = read(safetensors(tmp_path / "x.safetensors", named), toy.data())
    assert got.known["human"].sum() == 30


def test_a_species_column_says_whose_gene_it_is(tmp_path: Path):
    named = by_name()
    table = pd.DataFrame({"gene": list(named), "vector": [v.tolist() for v in named.values()]})
    table["species"] = ["human"] * 30 + ["mouse"] * 30
    table.to_parquet(tmp_path / "x.parquet")
    got = read(tmp_path / "x.parquet", toy.data())
    assert got.known["human"].sum() == got.known["mouse"].sum() == 30
    table.assign(species="human").to_parquet(tmp_path / "y.parquet")
    with pytest.raises(LowCoverage, match=r"0\.0% of the genes of mouse in y\.parquet"):
        read(tmp_path / "y.parquet", toy.data())


def test_a_file_with_too_few_genes_is_refused(tmp_path: Path):
    path = safetensors(tmp_path / "few.safetensors", by_name(19))
    with pytest.raises(LowCoverage, match=r"47\.5% of the genes of human in few\.safetensors"):
        read(path, toy.data())


def test_bad_files_are_told(tmp_path: Path):
    long = by_name() | {"H00": np.ones(6, np.float32)}
    broken = by_name() | {"H00": np.full(5, np.nan, np.float32)}
    table = pd.DataFrame({"gene": ["H00"], "values": [[1.0]]})
    table.to_parquet(tmp_path / "columns.parquet")
    pd.DataFrame({"gene": ["H00"], "vector": ["a word"]}).to_parquet(tmp_path / "words.parquet")
    cases = [
        (safetensors(tmp_path / "long.safetensors", long), "not all of one length"),
        (parquet(tmp_path / "nan.parquet", broken), "not finite"),
        (safetensors(tmp_path / "none.safetensors", {}), "not all of one length"),
        (tmp_path / "columns.parquet", "it lacks vector"),
        (tmp_path / "words.parquet", "cannot be read"),
        (tmp_path / "gone.parquet", "no such file"),
        (tmp_path / "esm.pt", r"'\.pt' is none.*\.parquet, \.safetensors, \.h5"),
    ]
    for name in ("x.parquet", "x.safetensors", "x.h5"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
        cases.append((tmp_path / name, "cannot be read"))
    with h5py.File(tmp_path / "groups.h5", "w") as file:
        file.create_group("H00")
    cases.append((tmp_path / "groups.h5", "cannot be read"))
    for path, told in cases:
        with pytest.raises(BadTable, match=told):
            read(path, toy.data())
