"""Score a file of predictions of 1,000 perturbations x 20,000 genes against cells of that size.

Run it with `make bench` or `python benchmarks/evaluate_predictions.py`, which takes two minutes.
The command runs in a process of its own, imports and all; its memory is what the kernel tells when
it has ended. Under a minute and 1,000 MB is expected for each kind of file.
"""

import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from killed import run
from measure import ONE_THREAD, apart
from page import save

PERTURBATIONS, GENES, CELLS = 1_000, 20_000, 20
"""Perturbations of the data, its genes, and cells of each perturbation."""
CONTROLS, EXPRESSED, SEED = 500, 0.1, 0
BAR_SECONDS, BAR_BYTES = 60, 1_000_000_000
QUIET = ["sh", "-c", 'exec "$0" "$@" > /dev/null']
COMMAND = [str(Path(sys.executable).with_name("zoo")), "evaluate-predictions"]
ENDINGS = (".parquet", ".csv", ".h5ad")


def make_cells(path: str, perturbations: int, genes: int) -> dict[str, Any]:
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
    return {"cells": rows, "expressed": each}


def make_predictions(path: str, perturbations: int, genes: int) -> dict[str, Any]:
    """Small changes by chance."""
    import anndata
    import pandas as pd

    change = np.random.default_rng(SEED).normal(0, 0.05, (perturbations, genes))
    names = [f"P{number}" for number in range(perturbations)]
    readouts = [f"G{number}" for number in range(genes)]
    table = pd.DataFrame(change.astype(np.float32), names, readouts)
    wide = table.rename_axis("perturbation").reset_index()
    if path.endswith(".h5ad"):
        obs, var = pd.DataFrame(index=names), pd.DataFrame(index=readouts)
        anndata.AnnData(table.to_numpy(), obs, var).write_h5ad(path)
    elif path.endswith(".csv"):
        wide.to_csv(path, index=False, float_format="%.4g")
    else:
        wide.to_parquet(path)
    return {"bytes": Path(path).stat().st_size}


def measured(perturbations: int, genes: int) -> dict[str, Any]:
    """What the cells are, and of every kind of file its size, seconds and peak memory."""
    # The files are made in other processes: what the kernel tells begins with the parent's peak.
    os.environ.update(ONE_THREAD)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = str(folder / "cells.h5ad")
        found = apart(make_cells, data, perturbations, genes)
        for ending in ENDINGS:
            file = str(folder / f"predictions{ending}")
            made = apart(make_predictions, file, perturbations, genes)
            command = [*QUIET, *COMMAND, file, "--dataset", data]
            command += ["--perturbation-column", "condition", "--control", "control"]
            ended = run(ending, [*command, "-o", str(folder / "out")])
            rows.append(asdict(ended) | {"bytes": made["bytes"]})
            Path(file).unlink()
    found |= {"perturbations": perturbations, "genes": genes, "seed": SEED}
    return found | {"bar_seconds": BAR_SECONDS, "bar_bytes": BAR_BYTES, "rows": rows}


def main(
    perturbations: Annotated[int, typer.Option(help="Perturbations of the file.")] = PERTURBATIONS,
    genes: Annotated[int, typer.Option(help="Genes of the file.")] = GENES,
) -> None:
    """Measure, print a table, write results/evaluate_predictions.json; 1 where a bar is missed."""
    found = measured(perturbations, genes)
    save("evaluate_predictions", found)
    held = [r["seconds"] < BAR_SECONDS and r["peak_bytes"] < BAR_BYTES for r in found["rows"]]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    typer.run(main)
