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
from batch import run

PERTURBATIONS, GENES, CELLS = 1_000, 20_000, 20
"""Perturbations of the data, its genes, and cells of each perturbation."""
CONTROLS, EXPRESSED, SEED = 500, 0.1, 0
BAR_SECONDS, BAR_BYTES = 60, 1_000_000_000
QUIET = ["sh", "-c", 'exec "$0" "$@" > /dev/null']
COMMAND = [sys.executable, "-m", "zoo", "evaluate-predictions"]


def make(folder: Path, perturbations: int, genes: int, ending: str) -> tuple[Path, Path]:
    """Cells in sparse rows, and predicted changes: the truth and noise."""
    import anndata
    import pandas as pd
    from scipy import sparse

    rng = np.random.default_rng(SEED)
    names = [f"P{number}" for number in range(perturbations)]
    readouts = [f"G{number}" for number in range(genes)]
    labels = np.repeat(["control", *names], [CONTROLS, *[CELLS] * perturbations])
    cells = sparse.random_array(
        (len(labels), genes), density=EXPRESSED, format="csr", dtype=np.float32, rng=rng
    )
    obs = pd.DataFrame({"condition": labels}, index=[f"cell{n}" for n in range(len(labels))])
    var = pd.DataFrame(index=readouts)
    data, file = folder / "cells.h5ad", folder / f"predictions{ending}"
    anndata.AnnData(sparse.csr_matrix(cells), obs, var).write_h5ad(data)
    change = rng.normal(0, 0.05, (perturbations, genes)).astype(np.float32)
    predicted = pd.DataFrame(change, columns=readouts)
    predicted.insert(0, "perturbation", names)
    if ending == ".parquet":
        predicted.to_parquet(file)
    elif ending == ".csv":
        predicted.to_csv(file, index=False, float_format="%.4g")
    else:
        table = anndata.AnnData(change, pd.DataFrame(index=names), var)
        table.write_h5ad(file)
    return data, file


def main(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    perturbations: Annotated[int, typer.Option(help="Perturbations of the file.")] = PERTURBATIONS,
    genes: Annotated[int, typer.Option(help="Genes of the file.")] = GENES,
) -> None:
    """Measure seconds and peak memory for each kind of file."""
    found: dict[str, Any] = {}
    for ending in (".parquet", ".csv", ".h5ad"):
        with tempfile.TemporaryDirectory() as name:
            data, file = make(Path(name), perturbations, genes, ending)
            command = [*QUIET, *COMMAND, str(file), "--dataset", str(data)]
            command += ["--perturbation-column", "condition", "--control", "control"]
            ended = run(ending, [*command, "-o", str(Path(name) / "out")])
        found[ending] = {"seconds": ended.seconds, "peak_bytes": ended.peak_bytes}
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
