"""The sections of benchmarks/README.md on perturbation entries; see page.py."""

from typing import Any

from measure import table

HEAD = """## Perturbation head

`python benchmarks/perturbation_head.py`: sets of two deleted genes of {genes}. `{entry}`
encodes the cell once, and its head replaces what a set changes; `session` is that graph by itself,
`scorer` what checks its input as well, `from names` all of `predict`. The naive heads write phi out
for every gene of the cell and every set, as the formula reads. The third of them is spared a part:
phi of genes that are present is computed once for all sets. All give the same numbers within
{apart:.1e}. The ratio is to the fastest naive head of the same rounds.
"""
ORDERS = """
Sets of other sizes. Fitness from names takes the pairs and triples within larger sets as well, so
that every set stands for several:
"""
SCREENING = """## All pairs of a genome

`python benchmarks/screening.py`: `screen(order=2)` over every pair, to the first {listed}, in a
process of its own with its imports. *from predict* is the largest difference of {sample} random
pairs, as the screen computes them, and of the listed pairs from what `predict` says of them. No
pair of the sample should have been listed and was not. Memory does not grow with the pairs, as the
screen of few genes shows. The last column is `screen(order=3)` over all genes beside two given.
"""
TRAINING = """## A training step

`python benchmarks/training_step.py`: the recipe of `{entry}`, {genes} genes encoded once a
step, whatever the number of sets. *encoder* and *head* are forward and backward passes by
themselves, *drawing* is the choice of sets and genes; a step has the networks' loss and the
optimizer besides.
"""
THREADS = {1: "1 thread", 2: "2 threads"}


def perturbation_head(found: dict[str, Any]) -> str:
    """Sets a second by every way, and what the bars are held against."""
    rows = [
        (
            row["entry"],
            row["way"],
            f"{row['block']:,}",
            row["threads"],
            f"{row['sets_a_second']:,.0f}",
            f"{row['to_naive']:,.1f}x" if "to_naive" in row else "-",
        )
        for row in found["rows"]
    ]
    others: dict[tuple, dict[int, float]] = {}
    for row in found["orders"]:
        key = row["entry"], row["way"], row["threads"]
        others.setdefault(key, {})[row["order"]] = row["sets_a_second"]
    sizes = list(next(iter(others.values())))
    head = ("entry", "way", "sets at once", "threads", "sets a second", "to naive")
    return "".join(
        [
            HEAD.format(**{**found, "genes": f"{found['genes']:,}"}),
            f"\n{table(head, rows)}\n{ORDERS}\n",
            table(
                ("entry", "way", "threads", *(f"sets of {size}" for size in sizes)),
                [(*key, *(f"{rate[n]:,.0f}" for n in sizes)) for key, rate in others.items()],
            ),
            "\n",
        ]
    )


def screening(found: dict[str, Any]) -> str:
    """Seconds and memory of each screen, and how far it is from predict."""
    rows = [
        (
            row["entry"],
            f"{row['genes']:,}",
            f"{row['sets']:,}",
            row["threads"],
            f"{row['seconds']:,.1f} s",
            f"{row['peak_megabytes']} MB",
            f"{max(row['apart'], row['listed_apart']):.1e}",
            f"{row['third']['sets']:,} in {row['third']['seconds']:.2f} s",
        )
        for row in found["rows"]
    ]
    head = ("entry", "genes", "pairs", "threads", "time", "peak memory", "from predict")
    first = found["rows"][0]
    text = SCREENING.format(listed=first["listed"], sample=f"{first['sample']:,}")
    return f"{text}\n{table((*head, 'a third gene'), rows)}\n"


def training_step(found: dict[str, Any]) -> str:
    """A step and its parts, and what grows with the sets."""
    parts = ("step", "drawing", "encoder", "head")
    rows = [
        (row["threads"], f"{row['sets']:,}", *(f"{row[part] * 1e3:,.0f} ms" for part in parts))
        for row in found["rows"]
    ]
    grown = []
    for threads, word in THREADS.items():
        few, *_, many = [row for row in found["rows"] if row["threads"] == threads]
        step, head = (many[part] - few[part] for part in ("step", "head"))
        grown.append(
            f"- From {few['sets']:,} sets to {many['sets']:,} on {word}: the step grows by "
            f"{step * 1e3:,.0f} ms, the head by {head * 1e3:,.0f} ms."
        )
    text = TRAINING.format(entry=found["entry"], genes=f"{found['rows'][0]['genes']:,}")
    told = "\n".join(grown)
    return f"{text}\n{table(('threads', 'sets', *parts), rows)}\n\n{told}\n"


SECTIONS = {
    "perturbation_head": perturbation_head,
    "screening": screening,
    "training_step": training_step,
}
