"""Networks of pairs from their run folders, asked as loaded entries are.

Identities of the entities may be exchanged: what is left of the skill then is not identity.
"""

import importlib
import json
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64

from contracts.genes.vocabulary import FILENAME, Vocabulary
from contracts.manifest import split_entry
from training.begin import RUN
from zoo.architectures._pairs import PairScore
from zoo.pairs.answers import Terms
from zoo.runtime.torch import WEIGHTS, load_model

BLOCK = 65_536


class RunScorer:
    """Scores pairs as the entry made of the run does."""

    def __init__(self, model: torch.nn.Module, vocabulary: Vocabulary) -> None:
        self._model, self.vocabulary = model.eval(), vocabulary
        # Towers say vectors, not pairs; they have what the graph of pairs is made from.
        self._say = model if isinstance(model, PairScore) else partial(PairScore.forward, model)

    def terms(self, tf: Int64[np.ndarray, "pairs"], gene: Int64[np.ndarray, "pairs"]) -> Terms:
        """Probability and parts of the logit, for positions in the regulator and gene lists."""
        starts = range(0, max(len(tf), 1), BLOCK)
        return Terms.join([self._block(tf[i : i + BLOCK], gene[i : i + BLOCK]) for i in starts])

    def _block(self, tf: Int64[np.ndarray, "pairs"], gene: Int64[np.ndarray, "pairs"]) -> Terms:
        with torch.inference_mode():
            parts = self._say(torch.from_numpy(tf), torch.from_numpy(gene))
        return Terms(*(part.numpy() for part in parts))


def of_run(folder: Path) -> RunScorer:
    """The network of a run folder or of an entry's. Raises CorruptArtefact for other weights."""
    run = json.loads((folder / RUN).read_text())
    module = importlib.import_module(f"zoo.architectures.{split_entry(run['entry'])[0]}")
    model = load_model(module, run["config"], folder / WEIGHTS)
    return RunScorer(model, Vocabulary.load(folder / FILENAME))


def first_member(folder: Path) -> RunScorer:
    """The first network of the ensemble of a run folder, without the others."""
    scorer = of_run(folder)
    whole = scorer._model.member_logits
    scorer._model.member_logits = lambda tf, gene: whole(tf, gene)[:, :1]
    return scorer


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
