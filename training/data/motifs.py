"""Which motifs stand in a gene's core promoters, and which motif a regulator reads.

Every promoter of EPDnew (-49 to +10) is scanned with the matrices of JASPAR CORE for human, mouse
and rat. The matrices come with the package pyjaspar, whose database is read as a file.
"""

import hashlib
import importlib.util
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32, UInt8
from numpy.lib.stride_tricks import sliding_window_view
from safetensors.numpy import load_file, save_file

from contracts.genes.vocabulary import Vocabulary
from training.data import hgnc
from training.data.files import DataFiles, MissingData
from zoo.store.settings import cache_folder

PROMOTERS = "tf_knowledge/epdnew_core60_promoters.txt.gz"
MATRICES = "tf_knowledge/jaspar2026_core_tf_table.tsv.gz"
DATABASE = "data/JASPAR2026.sqlite"
SPECIES = frozenset({"9606", "10090", "10116"})
COMPONENTS = 32
BASES = "ACGT"
BLOCK = 2_000
"""Promoters scanned at once."""
VERSION = 1
"""Part of the cache key: raise it whenever the scan gives other numbers."""

Scores = Float32[np.ndarray, "promoters matrices"]


def gene_profile(files: DataFiles, human: Vocabulary) -> pd.DataFrame:
    """Principal components of the best motif matches in a gene's promoters (genes x "00", ...).

    Of every matrix the best match of a promoter on both strands, standardised over promoters and
    averaged over those of a gene. Genes without a promoter have no row.
    """
    return _spaces(files, human)[0]


def regulator_profile(files: DataFiles, human: Vocabulary) -> pd.DataFrame:
    """Where a regulator's own motif lies on the same components (regulators x "00", ...).

    The mean over its matrices of their loadings: the scalar product with a gene's row grows with
    the gene's matches to that motif. Regulators without a matrix have no row.
    """
    return _spaces(files, human)[1]


def _spaces(files: DataFiles, human: Vocabulary) -> tuple[pd.DataFrame, pd.DataFrame]:
    table = _matrix_table(files)
    names, scores = _scanned(files, table)
    symbols = hgnc.resolve(human, names.str.replace(r"_\d+$", "", regex=True))
    genes = (
        pd.DataFrame((scores - scores.mean(0)) / scores.std(0)).groupby(symbols.to_numpy()).mean()
    )
    genes -= genes.mean()
    covariance = np.cov(genes.to_numpy(np.float64), rowvar=False)
    loadings = np.linalg.eigh(covariance).eigenvectors[:, : -COMPONENTS - 1 : -1]
    loadings *= np.sign(loadings[np.abs(loadings).argmax(axis=0), np.arange(COMPONENTS)])
    columns = [f"{number:02d}" for number in range(COMPONENTS)]
    profile = pd.DataFrame(genes.to_numpy(np.float64) @ loadings, genes.index, columns)
    of_matrix = pd.DataFrame(loadings, table["matrix"], columns)
    readers = _readers(table, human)
    of_reader = of_matrix.loc[readers["matrix"]].groupby(readers["symbol"].to_numpy()).mean()
    return profile / profile.std(), of_reader / of_reader.std()


def _matrix_table(files: DataFiles) -> pd.DataFrame:
    """The newest version of every matrix of one of `SPECIES`."""
    table = files.table(MATRICES, dtype=str)
    table = table[[bool(SPECIES & set(str(each).split(","))) for each in table["tax"]]]
    base = table["matrix"].str.split(".", expand=True)
    newest = table.assign(base=base[0], version=base[1].astype(int)).sort_values(
        ["base", "version"]
    )
    return newest.drop_duplicates("base", keep="last").reset_index(drop=True)


def _readers(table: pd.DataFrame, human: Vocabulary) -> pd.DataFrame:
    """Every matrix with the human symbols of the regulators that read it.

    By UniProt id; a protein of mouse or rat by its own name, which most often is the ortholog's.
    """
    by_id = table["uniprot"].dropna().str.split(",").explode().str.strip()
    by_id = hgnc.resolve(human, by_id)
    by_name = hgnc.resolve(human, table["name"].str.upper().str.split("::").explode())
    alone = by_name[~by_name.index.isin(by_id.dropna().index)]
    symbols = pd.concat([by_id, alone]).dropna().rename("symbol")
    return table[["matrix"]].join(symbols, how="inner").drop_duplicates()


def _scanned(files: DataFiles, table: pd.DataFrame) -> tuple[pd.Series, Scores]:
    """Name of every promoter, and the scores of its best matches: from the cache or by a scan."""
    promoters = files.table(PROMOTERS, names=["name", "sequence"])
    database = _database()
    key = hashlib.sha256(f"{VERSION} {files.used[PROMOTERS]} {files.used[MATRICES]}".encode())
    with database.open("rb") as stream:
        key.update(hashlib.file_digest(stream, "sha256").digest())
    cached = cache_folder() / "derived" / f"motifs-{key.hexdigest()[:16]}.safetensors"
    if not cached.is_file():
        codes = _codes(promoters["sequence"])
        scores = scan(codes, list(_matrices(database, table["matrix"], codes)))
        cached.parent.mkdir(parents=True, exist_ok=True)
        draft = cached.with_suffix(".draft")
        save_file({"scores": scores.astype(np.float16)}, draft)
        draft.replace(cached)
    return promoters["name"], load_file(cached)["scores"].astype(np.float32)


def scan(
    codes: UInt8[np.ndarray, "promoters bases"], matrices: list[Float32[np.ndarray, "_ 4"]]
) -> Scores:
    """Score of the best site of each matrix in each promoter, on both strands.

    Matrices are log-odds in nats, bases A C G T are the codes 0 to 3, and an unknown base (4)
    scores 0.
    """
    scores = np.empty((len(codes), len(matrices)), np.float32)
    widths = np.array([len(each) for each in matrices])
    for start in range(0, len(codes), BLOCK):
        block = slice(start, start + BLOCK)
        one_hot = np.eye(5, 4, dtype=np.float32)[codes[block]]
        for width in np.unique(widths):
            columns = np.flatnonzero(widths == width)
            forward = np.stack([matrices[column] for column in columns])
            both = np.concatenate([forward, forward[:, ::-1, ::-1]]).reshape(2 * len(columns), -1)
            sites = sliding_window_view(one_hot, width, axis=1).swapaxes(2, 3)
            best = (sites.reshape(*sites.shape[:2], -1) @ both.T).max(axis=1)
            scores[block, columns] = best.reshape(len(best), 2, -1).max(axis=1)
    return scores


def _codes(sequences: pd.Series) -> UInt8[np.ndarray, "promoters bases"]:
    """Position in `BASES` of every base, 4 where it is unknown; short sequences are filled up."""
    letters = sequences.str.upper().str.pad(sequences.str.len().max(), "right", "N")
    text = np.frombuffer("".join(letters).encode("ascii"), np.uint8).reshape(len(letters), -1)
    code = np.full(256, len(BASES), np.uint8)
    code[np.frombuffer(BASES.encode(), np.uint8)] = range(len(BASES))
    return code[text]


def _matrices(
    database: Path, names: pd.Series, codes: UInt8[np.ndarray, "promoters bases"]
) -> Iterator[Float32[np.ndarray, "_ 4"]]:
    """Log-odds of each named matrix over the base composition of all promoters."""
    query = (
        "SELECT BASE_ID || '.' || VERSION AS matrix, row, col, val FROM MATRIX "
        "JOIN MATRIX_DATA USING (ID) WHERE COLLECTION = 'CORE'"
    )
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        counts = pd.read_sql(query, connection)
    counts = counts.pivot(index=["matrix", "col"], columns="row", values="val")
    counts = dict(iter(counts.groupby(level="matrix")))
    usual = np.bincount(codes.ravel(), minlength=5)[:4] / (codes < 4).sum()
    for name in names:
        count = counts[name][list(BASES)].to_numpy()
        share = (count + usual) / (count.sum(axis=1, keepdims=True) + 1)
        yield np.log(share / usual).astype(np.float32)


def _database() -> Path:
    """JASPAR's matrices in the installed package, which is looked up and not imported."""
    package = importlib.util.find_spec("pyjaspar")
    if package is None or not package.submodule_search_locations:
        raise MissingData(
            "The promoters' motifs need the matrices of the package pyjaspar, which isn't "
            "installed. Type: pip install 'regzoo[train]'"
        )
    return Path(package.submodule_search_locations[0]) / DATABASE
