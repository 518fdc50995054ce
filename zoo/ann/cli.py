"""Commands about approximate search."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.errors import InvalidOption
from zoo.ann.record import IndexRecord
from zoo.cli.console import print_json, print_table, progress, say
from zoo.cli.options import AsJson, Threads

OTHER = {"tfs": "genes", "genes": "tfs"}


def index(
    output: Annotated[Path, typer.Option("--output", "-o", help="The new folder of the index.")],
    entry: Annotated[
        str | None, typer.Argument(help="Entry of task pair_embed, such as two_tower-brain.")
    ] = None,
    side: Annotated[str, typer.Option(help="What is searched: tfs, or genes.")] = "tfs",
    vectors: Annotated[
        Path | None,
        typer.Option(help="A .npy of your own, float32 (n, dim), instead of the entry's vectors."),
    ] = None,
    popularity: Annotated[
        Path | None, typer.Option(help="With --vectors: float32 (n), added to the product.")
    ] = None,
    queries: Annotated[int, typer.Option(help="How many queries measure the recall.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw of queries, and k-means.")] = 0,
    recall: Annotated[float, typer.Option(help="The recall that the index is tuned for.")] = 0.95,
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """Build an index for approximate search; sensible from about a million vectors.

    Recall is measured against exact search on queries drawn by the seed: the entry's vectors of
    the other side, or without an entry the indexed vectors themselves.
    """
    from zoo.ann import build, store

    store.import_faiss()
    store.check_target(output)
    items, pool, source = _sources(entry, side, vectors, popularity)
    with progress("indexing", len(items)) as advance:
        record = build.build(
            output,
            items,
            pool,
            source,
            target=recall,
            queries=queries,
            seed=seed,
            threads=threads,
            progress=advance,
        )
    warnings = _warnings(record, recall)
    if as_json:
        shown = record.model_dump(mode="json")
        print_json({"output": str(output), **shown, "warnings": warnings})
        return
    _show(record)
    say(f"Wrote the index of {record.items} vectors to {output}.")
    for warning in warnings:
        say(f"Warning: {warning}")


def _sources(
    entry: str | None, side: str, vectors: Path | None, popularity: Path | None
) -> tuple[Any, Any, str]:
    """What is indexed, what queries are drawn from, and what those are in words."""
    from zoo.ann import vectors as ann_vectors

    if popularity is not None and vectors is None:
        raise InvalidOption("--popularity", str(popularity), "a file together with --vectors")
    if entry is None:
        if vectors is None:
            raise InvalidOption("entry", None, "the name of an entry, or --vectors FILE.npy")
        items = ann_vectors.of_files(vectors, popularity)
        return items, items.vectors, "the indexed vectors"
    items = ann_vectors.of_entry(entry, side)
    pool = ann_vectors.of_entry(entry, OTHER[side]).vectors
    if vectors is not None:
        items = items.replaced(vectors, popularity)
    return items, pool, f"the {OTHER[side]} of {entry}"


def _show(record: IndexRecord) -> None:
    measured, settings = record.measured, record.settings
    rows: list[tuple[str, Any]] = [
        ("index", f"{settings.kind}{settings.nlist},{settings.codec}"),
        ("lists looked at", f"{settings.nprobe} of {settings.nlist}"),
        ("bytes", record.file.bytes),
        *((f"recall@{k}", share) for k, share in measured.recall.items()),
        ("measured on", f"{measured.queries} of {measured.source}, seed {measured.seed}"),
        ("exact, ms a query", 1e3 * measured.exact_seconds),
        ("index, ms a query", 1e3 * measured.index_seconds),
    ]
    shown = [(n, f"{v:.3f}" if isinstance(v, float) else str(v)) for n, v in rows]
    print_table(("measure", "value"), shown)


def _warnings(record: IndexRecord, target: float) -> list[str]:
    """Where the index is of little use: few vectors, or less recall than was asked."""
    from zoo.ann.index import SENSIBLE_FROM

    measured = record.measured
    found = []
    if record.items < SENSIBLE_FROM:
        found.append(
            f"an index is worth while from about {SENSIBLE_FROM:,} vectors, and these are "
            f"{record.items:,}. Exact search took {1e3 * measured.exact_seconds:.3f} ms a query, "
            f"the index {1e3 * measured.index_seconds:.3f} ms: exact search finds all, and is fast "
            "enough here."
        )
    if measured.recall and (least := min(measured.recall.values())) < target:
        found.append(f"recall is {least:.3f} on the queries measured, less than {target} as asked.")
    return found


COMMANDS: dict[str, Callable[..., Any]] = {"index": index}
