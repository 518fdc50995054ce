"""Which regulators `zoo regulators` may list, and which entry ranks them in the end."""

from pathlib import Path
from typing import Annotated, Any

import typer

from zoo.cli.console import say
from zoo.tables import files

By = Annotated[str, typer.Option(help="Rank by score, or by pair_specific: without popularity.")]
Known = Annotated[
    str, typer.Option(help="Pairs that a resource lists: include, exclude, or list only these.")
]
Prior = Annotated[
    float | None,
    typer.Option(help="Share of the pairs in question that are edges; 0.5 if left out."),
]
Among = Annotated[
    Path | None, typer.Option(help="List only these regulators: a text file, one name a line.")
]
MinEdges = Annotated[
    int, typer.Option(help="List only regulators with so many edges in the training data.")
]
Exclude = Annotated[
    Path | None, typer.Option(help="Pairs not to list, such as known edges: as for zoo score.")
]
RerankWith = Annotated[
    str | None, typer.Option(help="Rank the candidates again with this entry.", metavar="ENTRY")
]
Recall = Annotated[
    float | None,
    typer.Option(help="Share of that entry's own top that the candidates must hold: 0.99."),
]
Exact = Annotated[bool, typer.Option("--exact", help="Give that entry all regulators.")]


def read(
    by: str,
    known: str,
    prior: float | None,
    among: Path | None,
    min_edges: int,
    exclude: Path | None,
    rerank_with: str | None,
    recall: float | None,
    exact: bool,
) -> dict[str, Any]:
    """The options as PairScorer.regulators takes them; raises BadTable or EmptyInput."""
    return {
        "by": by,
        "known": known,
        "prior": prior,
        "among": None if among is None else files.read_names(among),
        "min_edges": min_edges,
        "exclude": None if exclude is None else files.read_pairs(exclude),
        "rerank_with": rerank_with,
        "recall": recall,
        "exact": exact,
    }


def say_reranked(about: dict[str, Any]) -> None:
    """Tell how many candidates there were, and what is known of those that were none."""
    by, k = about["reranker"], about["k"]
    if about["exact"]:
        say(f"Ranked by {by} over all {about['candidates']} regulators.")
        return
    say(
        f"Ranked by {by}: {about['candidates']} candidates a gene from {about['retriever']} hold "
        f"{about['recall']:.2%} of its own top {k} (at least {about['recall_low']:.2%}), "
        f"measured on {about['genes']} genes."
    )
