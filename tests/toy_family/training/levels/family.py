"""The toy family in training and evaluation."""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch
from safetensors.numpy import load_file, save_file
from safetensors.torch import save_file as save_tensors

from contracts.genes.vocabulary import FILENAME as VOCABULARY
from training import data as datasets
from training import provenance
from training.begin import RUN, Options
from training.family import Family, Ground
from training.recipe import Recipe
from training.scoring.continuous import PEARSON
from training.scoring.question import Ask, Question
from training.scoring.table import Headline
from zoo.entry import STATE
from zoo.runtime.torch import WEIGHTS

ASKS = {
    "held_out": "levels of genes that training did not see",
    "toy_protocol": "the same, of the first genes alone",
}


@dataclass(frozen=True)
class Split:
    """Every fifth gene is held out."""

    part: np.ndarray
    digest: str
    seed: int = 1

    def require(self, data: Any) -> None:
        """Any data will do."""


class Levels(Family):
    """Levels of genes."""

    name = "levels"
    protocols = tuple(ASKS)
    columns = ("gene", "label", "score")
    monitored: ClassVar = {}
    from_data: ClassVar = {"genes_total": 1}

    def load_split(self, path: Path) -> Split:
        """Read the parts."""
        part = load_file(path)["part"]
        return Split(part, hashlib.sha256(part.tobytes()).hexdigest())

    def train(self, recipe: Recipe, options: Options) -> dict[str, Any]:
        """Write every level into the table, but for those held out, which get the mean."""
        started = time.perf_counter()
        data = datasets.load(recipe.dataset)
        model = recipe.module.Model(recipe.module.Config(genes_total=len(data.vocabulary)))
        part = (np.arange(len(data.level)) % 5 == 0).astype(np.uint8)
        neighbours = np.roll(data.level, 1)
        with torch.no_grad():
            model.table.copy_(torch.from_numpy(np.where(part == 0, data.level, neighbours)))
        report = provenance.report(recipe, recipe.seed, options, data, model, started) | {
            "config": {"genes_total": len(data.vocabulary)},
            "sizes": {"genes_total": len(data.vocabulary)},
            "history": [],
            "best": None,
            "calibration": None,
        }
        options.folder.mkdir(parents=True, exist_ok=True)
        save_tensors(model.state_dict(), options.folder / WEIGHTS)
        save_file({"part": part}, options.folder / "split.safetensors")
        save_file({"part": part}, options.folder / "genes.safetensors")
        save_file({"unused": part}, options.folder / STATE)
        data.vocabulary.save(options.folder / VOCABULARY)
        (options.folder / RUN).write_text(json.dumps(report))
        return report

    def offered(self, ground: Ground) -> tuple[str, ...]:
        """All."""
        return self.protocols

    def questions(self, ground: Ground, protocol: str) -> tuple[Question, ...]:
        """One a protocol."""
        rows = np.flatnonzero(ground.split.part)
        rows = rows if protocol == "held_out" else rows[:8]
        return (
            Question(
                protocol=protocol,
                name="",
                asks=ASKS[protocol],
                rows=rows,
                label=ground.data.level[rows],
                units=rows,
                unit="gene",
                measures=(PEARSON,),
            ),
        )

    def headline(self, ground: Ground) -> Headline:
        """Correlation of what is held out."""
        return Headline(protocol="held_out", question="", measure="pearson")

    def answer(self, ground: Ground, question: Question, scorer: Any) -> pd.DataFrame:
        """Levels as the entry has them."""
        genes = np.take(ground.data.vocabulary.genes, question.rows)
        score = scorer.at(question.rows).astype(np.float64)
        return pd.DataFrame({"gene": genes, "label": question.label, "score": score})

    def fit(self, rung: ModuleType, ground: Ground, question: Question) -> Ask:
        """A noisy order of the genes."""
        noise = np.random.default_rng(1).normal(size=len(ground.data.level))
        return lambda question: -question.rows - 20 * noise[question.rows]


FAMILY = Levels()
