"""The perturbation head on sets of deleted genes, beside the same without its algebra.

Run it with `make bench` or `python benchmarks/perturbation_head.py`. The head is asked as a session
of its own, block by block; through the scorer, which checks what goes in; and from names. Naive
heads write phi out for every gene of the cell (benchmarks/naive_heads.py). All must agree.
"""

import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

import naive_heads
import numpy as np
import typer
from jaxtyping import Float, Int64
from measure import alternate
from page import save

import zoo
from contracts.sets.kinds import ABSENT, pack
from export.sets import with_segments
from zoo.perturbations.head import BLOCK_SETS
from zoo.runtime.graph import Arrays, Session

BLOCKS = (64, 128, 256, 512, 1024, 2048, 4096)
RIVAL_BLOCKS = (256, 512, 1024, 4096)
SETS, NAIVE_SETS, NAIVE_BLOCK = 4096, 16, 4
ORDERS = (1, 2, 3, 5)
AGREES = 1e-5

Genes = Int64[np.ndarray, "sets order"]
Interactions = Float[np.ndarray, "sets"]


class Round(NamedTuple):
    """One way to score some sets: their interactions, and how many went at once."""

    entry: str
    way: str
    block: int
    genes: Genes
    run: Callable[[], Interactions]


def drawn(entry: str, sets: int, order: int) -> Genes:
    """Sets of different genes of an entry, ascending within each."""
    total = len(zoo.load(entry, device="cpu").vocabulary)
    rng = np.random.default_rng(order)
    return np.sort([rng.choice(total, order, replace=False) for _ in range(sets)], axis=1)


def by_session(session: Session, carried: Arrays, genes: Genes, block: int) -> Callable:
    """All the sets, block by block; what is asked is laid out beforehand."""
    requests = []
    for start in range(0, len(genes), block):
        some = genes[start : start + block]
        sets, order = some.shape
        flat = with_segments(some.ravel(), np.full(some.size, ABSENT), np.full(sets, order))
        requests.append({**flat, **carried})
    return lambda: np.concatenate([session.run(r)["gene_interaction"] for r in requests])


def shipped(entry: str, genes: Genes, threads: int, blocks: Iterable[int]) -> list[Round]:
    """An entry's head by block sizes, through the scorer, and from names."""
    model = zoo.load(entry, device="cpu", threads=threads)
    head, codes = model._head, pack(genes)
    names = np.array(model.vocabulary.genes)[genes].tolist()
    ways = [("session", b, by_session(head.session, head.carried, genes, b)) for b in blocks]
    ways.append(("scorer", BLOCK_SETS, lambda: model.terms(codes)[0]))
    ways.append(
        ("from names", BLOCK_SETS, lambda: model.predicted(names).composed.gene_interaction)
    )
    return [Round(entry, way, block, genes, run) for way, block, run in ways]


def naive(entry: str, genes: Genes, threads: int) -> list[Round]:
    """The first sets by every naive head, as many as take a fraction of a second."""
    carried, some = zoo.load(entry, device="cpu")._head.carried, genes[:NAIVE_SETS]
    return [
        Round(entry, way, NAIVE_BLOCK, some, by_session(session, carried, some, NAIVE_BLOCK))
        for way, session in naive_heads.of_entry(entry, threads).items()
    ]


def timed(rounds: list[Round], threads: int, seconds: float) -> list[dict]:
    """Sets a second of every way."""
    spent = alternate({str(place): one.run for place, one in enumerate(rounds)}, seconds)
    return [
        {
            "entry": one.entry,
            "way": one.way,
            "order": one.genes.shape[1],
            "block": one.block,
            "threads": threads,
            "sets_a_second": len(one.genes) / taken,
        }
        for one, taken in zip(rounds, spent.values(), strict=True)
    ]


def pairs(
    entry: str, rival: str, sets: int, threads: int, seconds: float
) -> tuple[list[dict], float]:
    """Pairs by every way; `to_naive` is the ratio to the fastest naive head of the rounds.

    `apart` is how far the ways of one entry are from its first, on the sets that both were asked.
    """
    genes = drawn(entry, sets, 2)
    own = shipped(entry, genes, threads, BLOCKS) + naive(entry, genes, threads)
    truth = own[0].run()
    apart = max(float(np.abs(one.run() - truth[: len(one.genes)]).max()) for one in own)
    if not apart <= AGREES:
        sys.exit(f"The ways of {entry} differ by {apart:.2g}, more than {AGREES:g}.")
    rows = timed(own + shipped(rival, genes, threads, RIVAL_BLOCKS), threads, seconds)
    base = max(row["sets_a_second"] for row in rows if row["way"] in naive_heads.WAYS)
    for row in rows[: len(own)]:
        row["to_naive"] = row["sets_a_second"] / base
    return rows, apart


def orders(entries: Iterable[str], sets: int, threads: int, seconds: float) -> list[dict]:
    """Sets of other sizes, through the scorer and from names."""
    asked = [(entry, drawn(entry, sets, order)) for entry in entries for order in ORDERS]
    rounds = [one for entry, genes in asked for one in shipped(entry, genes, threads, ())]
    return timed(rounds, threads, seconds)


def main(
    entry: str = "cls_transformer-yeast",
    rival: str = "dango-yeast",
    sets: int = SETS,
    seconds: float = 30.0,
) -> None:
    """Measure on one thread and on two, print a table, write results/perturbation_head.json."""
    rows, others, differences = [], [], []
    for threads in (1, 2):
        some, apart = pairs(entry, rival, sets, threads, seconds)
        rows += some
        differences.append(apart)
        others += orders((entry, rival), sets // 2, threads, seconds / 2)
    genes = len(zoo.load(entry, device="cpu").vocabulary)
    found = {"entry": entry, "rival": rival, "rows": rows, "orders": others}
    save("perturbation_head", found | {"apart": max(differences), "genes": genes})


if __name__ == "__main__":
    typer.run(main)
