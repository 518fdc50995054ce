"""Four toy entries, from data to entry folder, by the same code that made the bundled ones.

520 genes in six clusters, 120 of them regulators (anywhere in the list, so that the two kinds of
positions differ). An edge is likely within a cluster, and expression tells the cluster: there is
something to learn, for genes without edges too. Each step is done once a test session.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from tests.shared import once
from training.data.pairs import PairData, Profile
from training.pairs.split import Split, make_split

ENTRIES = ("cross_encoder-toy", "degree-toy", "late_interaction-toy", "two_tower-toy")
GENES, REGULATORS, CLUSTERS, FEATURES, CELLS = 520, 120, 6, 8, 40

SPLIT_SEED = 70
"""One whose first fold has ten edges with both ends held out, and room to rewire each part."""

HEAD = f"""
version = "0.1"
summary = "A toy."
species = "human"
tissue = "none"
dataset = "toy"
split_seed = {SPLIT_SEED}
seed = 1
weights_licence = "CC0-1.0"
"""
NETWORK = """
[model]
identity_dim = 8
hidden = 32
dim = 8
dropout = 0.1
identity_dropout = 0.3
{more}

[fit]
max_epochs = 8
patience = 4
batch_size = 256
learning_rate = 0.01
weight_decay = 0.05
gradient_clip = 5.0
"""
MAX_SIM = "vectors = 3\nsmoothing = 0.0\ninitial_scale = 3.0"
RECIPES = {
    "cross_encoder-toy": HEAD + NETWORK.format(more="joint_hidden = 16"),
    "degree-toy": HEAD,
    "late_interaction-toy": HEAD + NETWORK.format(more=MAX_SIM),
    "two_tower-toy": HEAD + NETWORK.format(more="initial_scale = 5.0"),
}


@cache
def data() -> PairData:
    """The toy dataset."""
    rng = np.random.default_rng(11)
    is_regulator = np.zeros(GENES, bool)
    is_regulator[rng.choice(GENES, REGULATORS, replace=False)] = True
    cluster = rng.integers(CLUSTERS, size=GENES)
    vocabulary = Vocabulary.from_records(
        GeneRecord(f"G{i:03d}", bool(is_regulator[i])) for i in range(GENES)
    )
    edges = _edges(vocabulary, cluster, rng)
    centres = rng.uniform(0, 4, (CLUSTERS, FEATURES))
    table = np.maximum(0, centres[cluster] + rng.normal(0, 0.5, (GENES, FEATURES)))
    table[rng.random(GENES) < 0.03, :3] = np.nan
    columns = [f"tissue:{i}" for i in range(FEATURES)]
    profile = Profile.from_log(pd.DataFrame(table, list(vocabulary.genes), columns))
    return PairData(
        name="toy",
        vocabulary=vocabulary,
        edges=edges,
        core_sources=("first", "second"),
        profile=profile,
        cells=_cells(cluster),
        coverage={"ids/toy": 1.0},
        digests={},
        licences={"toy edges": "CC0-1.0"},
        description="which edges a toy lists.",
        families=dict.fromkeys(vocabulary.regulators, "G"),
    )


def _cells(cluster: np.ndarray) -> np.ndarray:
    """Log expression in single cells: which cells a cluster is on in, with noise."""
    rng = np.random.default_rng(13)
    on = rng.uniform(0, 2, (CLUSTERS, CELLS))
    return np.maximum(0, on[cluster] + rng.normal(0, 0.8, (GENES, CELLS))).astype(np.float32)


def _edges(vocabulary: Vocabulary, cluster: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Edges within clusters, and a hub: one regulator with a quarter of all genes."""
    tf = np.flatnonzero(np.isin(vocabulary.genes, vocabulary.regulators))
    busy_tf, busy_gene = rng.lognormal(0, 0.4, REGULATORS), rng.lognormal(0, 0.6, GENES)
    likely = 0.1 * (cluster[tf][:, None] == cluster) + 0.003
    chance = likely * busy_tf[:, None] * busy_gene
    chance[7] = 0.25
    listed = np.argwhere(rng.random(chance.shape) < chance)
    source = rng.choice(4, len(listed), p=[0.1, 0.4, 0.4, 0.1])
    return pd.DataFrame(
        {
            "tf": np.take(vocabulary.regulators, listed[:, 0]),
            "gene": np.take(vocabulary.genes, listed[:, 1]),
            "first": (source == 1) | (source == 3),
            "second": source >= 2,
            "inferred": source == 0,
            "core": source > 0,
            "tf_index": listed[:, 0],
            "gene_index": listed[:, 1],
        }
    )


@cache
def split() -> Split:
    """The split that every toy recipe asks for."""
    return make_split(data(), SPLIT_SEED)


def put_in_place(patch: pytest.MonkeyPatch, recipes: Path) -> None:
    """Let `zoo train` find the toy recipes, written to the folder `recipes`, and the toy data."""
    import training.data
    from training import recipe

    recipes.mkdir(parents=True, exist_ok=True)
    for entry, content in RECIPES.items():
        (recipes / f"{entry}.toml").write_text(content)
    patch.setattr(recipe, "RECIPES", recipes)
    patch.setattr(training.data, "load", lambda name, root=None: {"toy": data()}[name])


@cache
def runs(scratch: Path) -> Path:
    """A folder with a finished run of every toy entry; not to be changed."""
    return once(scratch / "runs", _train)


def _train(folder: Path) -> None:
    from training.run import Options, train

    with pytest.MonkeyPatch.context() as patch:
        put_in_place(patch, folder.with_name("recipes"))
        for entry in ENTRIES:
            train(entry, Options(folder / entry, progress=False))


@cache
def entries(scratch: Path) -> Path:
    """A folder with every toy entry, exported; not to be changed, copy what you change."""
    return once(scratch / "entries", _export)


def _export(folder: Path) -> None:
    from export.package import package

    made = runs(folder.parent)
    for entry in ENTRIES:
        package(made / entry, folder / entry)
