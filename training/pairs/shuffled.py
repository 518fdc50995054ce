"""The same network with the identities of its entities exchanged: what is left is not identity."""

import importlib

import numpy as np
import torch
from jaxtyping import Int64

from contracts.genes.vocabulary import FILENAME, Vocabulary
from zoo.pairs.answers import Terms
from zoo.runtime.torch import WEIGHTS, load_model
from zoo.store import folders

BLOCK = 65_536


class ShuffledScorer:
    """Scores pairs as the entry does, each entity with the identity vector of another one.

    Only entities with an identity of their own are exchanged; expression and degrees stay.
    """

    def __init__(self, model: torch.nn.Module, vocabulary: Vocabulary) -> None:
        self._model, self.vocabulary = model.eval(), vocabulary

    def terms(self, tf: Int64[np.ndarray, "pairs"], gene: Int64[np.ndarray, "pairs"]) -> Terms:
        """Probability and parts of the logit, for positions in the regulator and gene lists."""
        starts = range(0, max(len(tf), 1), BLOCK)
        return Terms.join([self._block(tf[i : i + BLOCK], gene[i : i + BLOCK]) for i in starts])

    def _block(self, tf: Int64[np.ndarray, "pairs"], gene: Int64[np.ndarray, "pairs"]) -> Terms:
        left, right = torch.from_numpy(tf), torch.from_numpy(gene)
        popularity = self._model.popularity
        with torch.inference_mode():
            specific = popularity.specific_weight * self._model.pair_logit(left, right)
            b_tf, c_gene = popularity.of_tfs(left), popularity.of_genes(right)
            parts = (torch.sigmoid(specific + b_tf + c_gene), specific, b_tf, c_gene)
        return Terms(*(part.numpy() for part in parts))


def shuffled_scorer(entry: str, seed: int = 0) -> ShuffledScorer:
    """The entry's network with its identity rows permuted on both sides."""
    folder, manifest = folders.open_entry(entry)
    module = importlib.import_module(f"zoo.architectures.{manifest.architecture}")
    model = load_model(module, manifest.config, folder / WEIGHTS)
    generator = torch.Generator().manual_seed(seed)
    for identity in (model.tf.identity, model.gene.identity):
        own = identity.row < identity.unknown  # the shared row of the unknown stays
        rows = identity.row[own]
        identity.row[own] = rows[torch.randperm(len(rows), generator=generator)]
    return ShuffledScorer(model, Vocabulary.load(folder / FILENAME))
