"""Embed a sparse h5ad file: to a table and to h5ad, undisturbed, and killed twice and resumed.

The commands run in processes of their own, on two threads; their memory is what the kernel tells
when they have ended. What the graph does with the same chunks is measured beside torch, in turns.

    python benchmarks/cell_embedding.py --json > cell_embedding.json
"""

import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import killed
import typer
from measure import alternate, apart

ENTRY, SPECIES, THREADS, SEED = "saturn-pancreas", "human", 2, 0
GENES, COUNTED = 20_000, 1_500
"""Genes of the file, and how many of them a cell has counts of on average."""
PART = 1 << 14
"""Cells of a part."""
BAR_RATE = 2_000


def make(path: str, entry: str, cells: int) -> dict[str, Any]:
    """Write the file, some cells at a time, in a process of its own, so that this one stays small.

    The entry's genes are among those of the file, in no order; other genes have other names.
    """
    import h5py
    import numpy as np
    import pandas as pd
    from anndata.io import write_elem

    import zoo

    rng = np.random.default_rng(SEED)
    known = zoo.load(entry, device="cpu").vocabularies[SPECIES].genes
    genes = rng.permutation([*known, *(f"other{n}" for n in range(GENES - len(known)))])
    share = rng.gamma(1, size=GENES)
    share *= COUNTED / share.sum()
    with h5py.File(path, "w") as file:
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        write_elem(file, "obs", pd.DataFrame(index=[f"cell{n}" for n in range(cells)]))
        write_elem(file, "var", pd.DataFrame(index=genes))
        matrix = file.create_group("X")
        matrix.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0"})
        matrix.attrs["shape"] = (cells, GENES)
        parts = {"indices": np.int32, "data": np.float32}
        stored = {
            name: matrix.create_dataset(name, (0,), kind, maxshape=(None,), chunks=(1 << 16,))
            for name, kind in parts.items()
        }
        ends = [np.zeros(1, np.int64)]
        for start in range(0, cells, 500):
            some = rng.random((min(500, cells - start), GENES), np.float32) < share
            _, columns = np.nonzero(some)
            values = {"indices": columns, "data": rng.geometric(0.3, len(columns))}
            begin = ends[-1][-1]
            ends.append(begin + np.cumsum(some.sum(1)))
            for name, part in values.items():
                stored[name].resize((ends[-1][-1],))
                stored[name][begin:] = part
        matrix.create_dataset("indptr", data=np.concatenate(ends))
    return {"counted": float(ends[-1][-1] / cells)}


def rates(path: str, entry: str) -> dict[str, Any]:
    """Cells a second of the graph and of the torch model over the same chunks, and how far apart.

    The chunks are read and dense before.
    """
    import numpy as np
    import torch

    import zoo
    from zoo.cells.counts import counts_of
    from zoo.matrices.files import opened

    torch.set_num_threads(THREADS)
    models = {
        name: zoo.load(entry, backend=name, device="cpu", threads=THREADS)
        for name in ("onnx", "torch")
    }
    with opened(Path(path)) as source:
        last = min(8192, len(source.matrix))
        columns = models["onnx"].columns_of(source.matrix, SPECIES)
        chunks = list(counts_of(source.matrix, columns, 0, last))
    statistics = models["onnx"].statistics_of(chunks, columns)
    vectors = {}

    def engine(name: str) -> Any:
        def once() -> None:
            vectors[name] = np.concatenate([*models[name].vectors_of(chunks, columns, statistics)])

        return once

    seconds = alternate({name: engine(name) for name in models})
    apart_by = float(np.abs(vectors["onnx"] - vectors["torch"]).max())
    return {**{name: last / spent for name, spent in seconds.items()}, "apart": apart_by}


def same(table: str, written: str) -> dict[str, Any]:
    """Of how many cells an h5ad file has the vectors that the table has; an error otherwise."""
    import h5py
    import numpy as np
    from pyarrow import parquet

    names = parquet.read_schema(table).names[1:]
    rows = 0
    with h5py.File(written) as file:
        vectors = file["obsm/X_saturn"]
        for batch in parquet.ParquetFile(table).iter_batches(1 << 14):
            truth = np.stack([batch.column(name).to_numpy() for name in names], 1)
            equal = (vectors[rows : rows + len(truth)] == truth).all()
            assert equal, f"they differ after cell {rows}"
            rows += len(truth)
        assert rows == len(vectors), "the numbers of cells differ"
    return {"cells": rows}


def main(
    cells: Annotated[int, typer.Option(help="Cells.")] = 100_000,
    entry: Annotated[str, typer.Option(help="The entry.")] = ENTRY,
    folder: killed.Folder = None,
    as_json: killed.AsJson = False,
) -> None:
    """Measure, compare, print a table or JSON; 1 where a bar is missed."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        path, whole, h5ad = (str(place / x) for x in ("cells.h5ad", killed.WHOLE, "whole.h5ad"))
        counted = apart(make, path, entry, cells)["counted"]
        zoo = [sys.executable, "-m", "zoo", "embed", entry, "-i", path, "--species", SPECIES]
        zoo += ["--threads", str(THREADS), "--device", "cpu", "--standardise", "data"]
        processes = [
            killed.run("to Parquet", [*zoo, "-o", whole]),
            killed.run("to h5ad", [*zoo, "-o", h5ad]),
            *killed.resumed(zoo, place, cells // PART),
        ]
        result = {"cells": cells, "genes": GENES, "counted": counted, "entry": entry}
        result |= {"threads": THREADS, "seed": SEED, **killed.compared(processes, place)}
        result |= {"rate": cells / processes[0].seconds, "bar_rate": BAR_RATE}
        result["equal_cells"] = apart(same, whole, h5ad)["cells"]
        engines = apart(rates, path, entry)
        result["engines"] = {name: engines[name] for name in ("onnx", "torch", "apart")}
    held = result["equal_bytes"] and result["rate"] >= BAR_RATE
    killed.conclude("cell_embedding", result, as_json, held)


if __name__ == "__main__":
    typer.run(main)
