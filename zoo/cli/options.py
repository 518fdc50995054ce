"""Options and arguments that commands of several families have."""

from pathlib import Path
from typing import Annotated, Any

import typer


def _entries(incomplete: str) -> list[str]:
    """Entries whose name begins so, for the shell's completion."""
    from zoo.store import catalogue

    return catalogue.names(f"{incomplete}*")


def entry(example: str) -> Any:
    """The argument for an entry, such as `example`."""
    help_text = f"Name of the entry, such as {example}."
    return Annotated[str, typer.Argument(help=help_text, autocompletion=_entries)]


Entry = entry("cross_encoder-brain")
CellEntry = entry("hetero_cell-yeast")
AnyEntry = Annotated[
    str | None, typer.Argument(help="The entry; all of them if left out.", autocompletion=_entries)
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON and nothing else; errors too, on stderr.")
]
Backend = Annotated[str, typer.Option(help="onnx, or torch.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Threads = Annotated[int, typer.Option(help="Cores that one operation may use.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Write the result here: .csv, .tsv (or .csv.gz, .tsv.gz) or .parquet; - is stdout.",
    ),
]


def table(needs: str, others: str = "or .parquet") -> Any:
    """The option for a table; `needs` says which columns it must have."""
    help_text = f"A .csv, .tsv (or .csv.gz, .tsv.gz), {others} {needs}; - is stdin."
    return Annotated[Path | None, typer.Option("--input", "-i", help=help_text)]


OnUnknown = Annotated[
    str, typer.Option(help="raise, or skip: leave out names that cannot be used.")
]
Rejected = Annotated[
    Path | None, typer.Option(help="Where rows left out are listed (default: OUTPUT.rejected.csv).")
]
Memory = Annotated[
    str | None, typer.Option(help="The most memory to take for files, such as 800MB or 2GB.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")]
