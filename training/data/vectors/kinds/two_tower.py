"""The gene side of two_tower-brain, as the zoo ships it."""

import zoo
from training.data.files import DataFiles
from training.data.vectors.source import VectorSource

ENTRY = "two_tower-brain"


def make(files: DataFiles, seed: int) -> VectorSource:
    """Vectors of all genes of the entry; neither `files` nor `seed` has a part in them."""
    model = zoo.load(ENTRY, device="cpu")
    genes = model.vocabulary.genes
    return VectorSource.of_rows(
        "two_tower",
        f"Gene vectors of {ENTRY} {model.manifest.version}, which learned curated edges of "
        "regulators and genes.",
        model.manifest.licences.weights,
        genes,
        model.embed_genes(genes),
    )
