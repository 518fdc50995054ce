"""Every pair of the genome's genes screened, and a sample of the scores against `predict`.

Run it with `make bench` or `python benchmarks/screening.py`; `--among 300` makes it short. A screen
lists only its first sets, so a listener notes what the screen computes of pairs that were drawn
before. These and the listed pairs are asked of `predict` afterwards, in another order.
"""

import random
import sys
import time
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from jaxtyping import Float64, Int64
from measure import apart
from page import save

import zoo
from contracts.sets.kinds import pack
from zoo.perturbations.scorer import PerturbationScorer
from zoo.perturbations.screening import Screen

TOP, SAMPLE, SMALL = 100, 2000, 300
AGREES = 1e-5

Pairs = Int64[np.ndarray, "sets 2"]


class Listener:
    """In the place of a scorer's `terms`: notes the interactions of some pairs that pass by."""

    def __init__(self, model: PerturbationScorer, pairs: Pairs):
        self.terms, self.base = model.terms, int(pack(np.array(len(model.vocabulary))))
        self.keys, self.heard = pd.Index(self.key(pack(pairs))), np.full(len(pairs), np.nan)

    def key(self, codes: Pairs) -> Int64[np.ndarray, "sets"]:
        """A number for each pair."""
        return codes[:, 0] * self.base + codes[:, 1]

    def __call__(self, codes: Pairs) -> tuple[Float64[np.ndarray, "sets"], ...]:
        """What the graph gives."""
        found, place = self.terms(codes), self.keys.get_indexer(self.key(codes))
        self.heard[place[place >= 0]] = found[0][place >= 0]
        return found


def drawn(screen: Screen, count: int) -> Pairs:
    """Different pairs of a screen, in no order; all where there are fewer."""
    numbers = random.Random(0).sample(range(screen.total), min(count, screen.total))
    return np.concatenate([screen.block(number, number + 1) for number in numbers])


def measured(entry: str, threads: int, among: int, sample: int = SAMPLE) -> dict:
    """A screen of all pairs of the first `among` genes (0: of all): seconds, and what agrees.

    `apart` is how far the sampled scores are from `predict`, `listed_apart` those of the listed
    pairs; `outranking` counts sampled pairs that should have been listed and were not.
    """
    model = zoo.load(entry, device="cpu", threads=threads)
    genes = model.vocabulary.genes
    some = genes[:among] if among else None
    pairs = drawn(Screen.of(model.vocabulary, 2, (), some), sample)
    plain, listener = model.terms, Listener(model, pairs)
    model.terms = listener
    start = time.perf_counter()
    table = model.screen(order=2, top=TOP, among=some)
    seconds = time.perf_counter() - start
    model.terms = plain
    names = np.array(genes)[pairs].tolist()
    listed = table[["gene_a", "gene_b"]].to_numpy().tolist()
    again = model.predict([*names, *reversed(listed)])["gene_interaction"].to_numpy()
    values = table["gene_interaction"].to_numpy()
    below = listener.heard < values[-1] - AGREES
    return {
        "entry": entry,
        "threads": threads,
        "genes": among or len(genes),
        "sets": model.screen_total(order=2, among=some),
        "seconds": seconds,
        "sample": len(names),
        "apart": float(np.abs(listener.heard - again[: len(names)]).max()),
        "listed": len(listed),
        "listed_apart": float(np.abs(values[::-1] - again[len(names) :]).max()),
        "outranking": sum(names[place] not in listed for place in np.flatnonzero(below)),
        "third": third(model, listed[0]),
    }


def third(model: PerturbationScorer, given: list[str]) -> dict:
    """A screen for a third gene beside two."""
    start = time.perf_counter()
    model.answered(model.asked(order=3, given=given, top=TOP))  # as screen does, without its doubts
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "sets": model.screen_total(order=3, given=given)}


def main(
    entry: str = "cls_transformer-yeast",
    rival: str = "dango-yeast",
    among: Annotated[int, typer.Option(help="Only so many genes; 0 is all.")] = 0,
) -> None:
    """Measure, print a table, write results/screening.json; exits where scores do not agree."""
    runs = [(entry, 1, among), (entry, 2, among), (rival, 2, among), (entry, 1, SMALL)]
    rows = [apart(measured, *run) for run in runs]
    for row in rows:
        if not max(row["apart"], row["listed_apart"]) <= AGREES or row["outranking"]:
            sys.exit(f"The screen and predict do not agree: {row}")
    save("screening", {"rows": rows})


if __name__ == "__main__":
    typer.run(main)
