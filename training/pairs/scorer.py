"""Networks of pairs from their run folders, asked as loaded entries are.

Identities of the entities may be exchanged: what is left of the skill then is not identity.
"""

import importlib
import json
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64

from contracts.genes.vocabulary import FILENAME, Vocabulary
from contracts.manifest import split_entry
from training.begin import RUN
from zoo.results import Terms
from zoo.runtime.torch import WEIGHTS, load_model

BLOCK = 65_536


class RunScorer:
    """Scores pairs as the entry made of the run does."""

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


def of_run(folder: Path) -> RunScorer:
    """The network of a run folder or of an entry's. Raises CorruptArtefact for other weights."""
    run = json.loads((folder / RUN).read_text())
    module = importlib.import_module(f"zoo.architectures.{split_entry(run['entry'])[0]}")
    model = load_model(module, run["config"], folder / WEIGHTS)
    return RunScorer(model, Vocabulary.load(folder / FILENAME))


def shuffled(folder: Path, seed: int = 0) -> RunScorer:
    """The same network, each entity with the identity vector of another one.

    Only entities with an identity of their own are exchanged; expression and degrees stay.
    """
    scorer = of_run(folder)
    generator = torch.Generator().manual_seed(seed)
    for identity in (scorer._model.tf.identity, scorer._model.gene.identity):
        own = identity.row < identity.unknown  # the shared row of the unknown stays
        rows = identity.row[own]
        identity.row[own] = rows[torch.randperm(len(rows), generator=generator)]
    return scorer
