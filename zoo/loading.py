"""Load an entry by its name."""

import importlib
from typing import TYPE_CHECKING, Any

from zoo import scorer
from zoo.entry import open_parts
from zoo.runtime.graph import check_options
from zoo.store import folders

if TYPE_CHECKING:
    from zoo.cells.scorer import CellEmbedder
    from zoo.expression.scorer import ExpressionPredictor
    from zoo.pairs.scorer import PairScorer
    from zoo.perturbations.scorer import PerturbationScorer


def load(
    name: str, backend: str = "onnx", device: str = "auto", threads: int = 1
) -> "CellEmbedder | ExpressionPredictor | PairScorer | PerturbationScorer":
    """Load an entry, with every one of its files checked against its digest.

    Args:
        name: the entry, such as "cross_encoder-brain"; `zoo.names()` gives them all.
        backend: "onnx", or "torch" for the same weights in the architecture's own code.
        device: "cpu", "cuda" (never replaced by the CPU in silence), or "auto": CUDA where the
            session really has it.
        threads: cores that one operation of the graph may use.

    Returns:
        What answers for the entry's task. Entries for regulator-gene pairs give a PairScorer, with
        `score`, `regulators` and `targets`; those of task pair_embed a PairEmbedder, which has
        vectors as well. Entries for perturbed cells give a PerturbationScorer, with `predict`,
        `screen` and, where the cell is encoded apart, `with_genes`. Entries for cells of several
        species give a CellEmbedder, with `embed`, `embed_into` and `transfer_labels`. Entries for
        the expression of perturbed cells give an ExpressionPredictor, with `predict_expression`,
        `changed`, `expression_matrix` and `to_anndata`.

    Raises:
        UnknownEntry: there is none of that name; near names are given.
        Offline, RemoteError, CacheNotWritable: it could not be fetched.
        MissingArtefact, InvalidManifest, CorruptArtefact: its files are not what they must be.
        InvalidOption, MissingDependency, DeviceUnavailable: it cannot run as asked.
    """
    check_options(backend, device, threads)
    folder, manifest = folders.open_entry(name)
    opened = open_parts(folder, manifest, backend, device, threads)
    return importlib.import_module(f"zoo.{manifest.family}.family").scorer(opened)


def load_of(
    family: str,
    entry: str,
    wanted: str,
    backend: str = "onnx",
    device: str = "auto",
    threads: int = 1,
) -> Any:
    """Load an entry of a family, for the command or endpoint `wanted`.

    Raises what `load` raises, or Unsupported, saying what to ask of the entry instead.
    """
    return scorer.require(load(entry, backend, device, threads), family, wanted)
