"""Score a file of predictions of 1,000 perturbations x 20,000 genes against cells of that size.

The command runs in a process of its own; its memory is what the kernel tells when it has ended.

    python benchmarks/evaluate_predictions.py --json > evaluate_predictions.json
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from killed import run

PERTURBATIONS, GENES, CELLS = 1_000, 20_000, 20
"""Perturbations of the data, its genes, and cells of each perturbation."""
CONTROLS, EXPRESSED, SEED = 500, 0.1, 0
BAR_SECONDS, BAR_BYTES = 60, 1_000_000_000
QUIET = ["sh", "-c", 'exec "$0" "$@" > /dev/null']
COMMAND = [sys.executable, "-m", "zoo", "evaluate-predictions"]


def make_cells(path: Path, perturbations: int, genes: int) -> None:
    """Cells in sparse rows, as many genes in each, as log1p has them."""
    import anndata
    import pandas as pd
    from scipy import sparse

    rng = np.random.default_rng(SEED)
    names = [f"P{number}" for number in range(perturbations)]
    labels = np.repeat(["control", *names], [CONTROLS, *[CELLS] * perturbations])
    rows, each = len(labels), int(EXPRESSED * genes)
    columns = np.concatenate([np.sort(rng.choice(genes, each, replace=False)) for _ in labels])
    parts = rng.random(rows * each, np.float32), columns, np.arange(rows + 1) * each
    obs = pd.DataFrame({"condition": labels}, index=[f"cell{n}" for n in range(rows)])
    var = pd.DataFrame(index=[f"G{number}" for number in range(genes)])
    cells = sparse.csr_matrix(parts, shape=(rows, genes))
    anndata.AnnData(cells, obs, var).write_h5ad(path)


def make_predictions(path: Path, perturbations: int, genes: int) -> None:
    """Small changes by chance."""
    import anndata
    import pandas as pd

    change = np.random.default_rng(SEED).normal(0, 0.05, (perturbations, genes))
    names = [f"P{number}" for number in range(perturbations)]
    readouts = [f"G{number}" for number in range(genes)]
    table = pd.DataFrame(change.astype(np.float32), names, readouts)
    if path.suffix == ".h5ad":
        obs, var = pd.DataFrame(index=names), pd.DataFrame(index=readouts)
        anndata.AnnData(table.to_numpy(), obs, var).write_h5ad(path)
        return
    wide = table.rename_axis("perturbation").reset_index()
    if path.suffix == ".csv":
        wide.to_csv(path, index=False, float_format="%.4g")
    else:
        wide.to_parquet(path)


def main(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    perturbations: Annotated[int, typer.Option(help="Perturbations of the file.")] = PERTURBATIONS,
    genes: Annotated[int, typer.Option(help="Genes of the file.")] = GENES,
) -> None:
    """Measure seconds and peak memory for each kind of file."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "cells.h5ad"
        make_cells(data, perturbations, genes)
        for ending in (".parquet", ".csv", ".h5ad"):
            file = folder / f"predictions{ending}"
            make_predictions(file, perturbations, genes)
            command = [*QUIET, *COMMAND, str(file), "--dataset", str(data)]
            command += ["--perturbation-column", "condition", "--control", "control"]
            ended = run(ending, [*command, "-o", str(folder / "out")])
            found[ending] = {"seconds": ended.seconds, "peak_bytes": ended.peak_bytes}
            file.unlink()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    typer.echo(f"{perturbations:,} perturbations x {genes:,} genes")
    for ending, each in found.items():
        met = each["seconds"] < BAR_SECONDS and each["peak_bytes"] < BAR_BYTES
        size = f"{each['seconds']:.1f} s, {each['peak_bytes'] / 1e6:.0f} MB"
        bar = f"under {BAR_SECONDS} s and {BAR_BYTES / 1e6:.0f} MB: {'yes' if met else 'no'}"
        typer.echo(f"{ending}: {size}; {bar}")


if __name__ == "__main__":
    typer.run(main)
