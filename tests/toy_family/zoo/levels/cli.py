"""The command of the toy family."""

import typer

from zoo.loading import load_of


def levels(entry: str, genes: list[str]) -> None:
    """Print the levels of genes."""
    model = load_of("levels", entry, "zoo levels", device="cpu")
    for name, value in zip(genes, model.levels(genes), strict=True):
        typer.echo(f"{name}\t{value:.3f}")


COMMANDS = {"levels": levels}
