"""/embed_cells and /transfer_labels: the vectors and labels of Python, as JSON and as Arrow."""

from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import zoo
from tests import tiny
from tests.serving.servers import Server, problem
from tests.zoo.cells.conftest import counts
from zoo.cells.scorer import CellEmbedder
from zoo.tables import streams

ARROW = {"content-type": streams.MEDIA_TYPE}
ENTRY = "saturn-toy"


@pytest.fixture
def model(saturn_toy: Path) -> CellEmbedder:
    return zoo.load(zoo.register(saturn_toy), device="cpu")


@pytest.fixture
def human() -> pd.DataFrame:
    return counts("human", 30)


@pytest.fixture
def mouse() -> pd.DataFrame:
    return counts("mouse", 25)


def cells(frame: pd.DataFrame, species: str = "human", sparse: bool = False) -> dict:
    """The fields of cells; without names where counts are sparse."""
    about = {"species": species, "genes": list(frame.columns)}
    if not sparse:
        rows = frame.astype(int).to_numpy().tolist()
        return {**about, "cells": list(frame.index), "counts": rows}
    parts = csr(frame)
    return {**about, "counts": {name: part.tolist() for name, part in parts.items()}}


def csr(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    rows, columns = np.nonzero(frame.to_numpy())
    ends = np.append(0, np.cumsum(np.bincount(rows, minlength=len(frame)))).astype(np.int32)
    data = frame.to_numpy()[rows, columns]
    return {"indptr": ends, "indices": columns.astype(np.int32), "data": data}


def table(frame: pd.DataFrame, labels: list[str] | None = None) -> pa.Table:
    parts = csr(frame)
    lists = {"indices": parts["indices"], "counts": parts["data"]}
    ends = pa.array(parts["indptr"])
    columns = {name: pa.ListArray.from_arrays(ends, pa.array(part)) for name, part in lists.items()}
    label = pa.nulls(len(frame), pa.string()) if labels is None else pa.array(labels)
    return pa.table({"cell": list(frame.index), **columns, "label": label})


def labels(frame: pd.DataFrame) -> list[str]:
    return np.resize(["A", "B", "C"], len(frame)).tolist()


def ask(server: Server, path: str, sent: pa.Table, **about: object) -> httpx.Response:
    body = streams.write(streams.with_metadata(sent, {"model": ENTRY, **about}))
    return server.post(path, body, headers=ARROW)


@pytest.mark.parametrize("standardise", ["data", "entry"])
def test_vectors_are_those_of_python(server, model, human: pd.DataFrame, standardise: str):
    truth = model.embed(human, "human", standardise=standardise)
    about = {"model": ENTRY, "standardise": standardise}
    told = server.post("/embed_cells", {**about, **cells(human)}).json()
    np.testing.assert_allclose(told["vectors"], truth, atol=1e-6)
    assert told["cells"] == list(human.index)
    assert told["coverage"] == {"share": 1.0, "found": 40, "genes": 40}
    assert (told["model"], told["version"]) == (ENTRY, "0.1")
    sparse = server.post("/embed_cells", {**about, **cells(human, sparse=True)}).json()
    assert sparse["vectors"] == told["vectors"]
    assert sparse["cells"] == [str(number) for number in range(30)]


def test_vectors_as_arrow(server, model, human: pd.DataFrame):
    about = {"species": "human", "genes": list(human.columns), "standardise": "data"}
    answer = ask(server, "/embed_cells", table(human), **about)
    assert answer.headers["content-type"] == streams.MEDIA_TYPE
    found = streams.read(answer.content)
    truth = model.embed(human, "human", standardise="data")
    np.testing.assert_allclose(found["vector"].to_pylist(), truth, atol=1e-6)
    assert found["cell"].to_pylist() == list(human.index)
    told = streams.metadata(found)
    assert told["coverage"] == {"share": 1.0, "found": 40, "genes": 40}
    assert (told["model"], told["version"]) == (ENTRY, "0.1")


def test_labels_are_those_of_python(server, model, human: pd.DataFrame, mouse: pd.DataFrame):
    species = ("human", "mouse")
    truth = model.transfer_labels(human, labels(human), mouse, species, threshold=0.5)
    reference = {**cells(human, sparse=True), "labels": labels(human)}
    body = {"model": ENTRY, "reference": reference, "query": cells(mouse, "mouse")}
    told = server.post("/transfer_labels", {**body, "threshold": 0.5}).json()
    pd.testing.assert_frame_equal(pd.DataFrame(told["labels"]), truth, atol=1e-6)
    assert told["coverage"]["query"] == {"share": 1.0, "found": 30, "genes": 30}
    both = pa.concat_tables([table(human, labels(human)), table(mouse)])
    answer = ask(
        server,
        "/transfer_labels",
        both,
        reference_species="human",
        reference_genes=list(human.columns),
        species="mouse",
        genes=list(mouse.columns),
        threshold=0.5,
    )
    found = streams.read(answer.content)
    pd.testing.assert_frame_equal(found.to_pandas(), truth, atol=1e-6)
    assert streams.metadata(found)["coverage"] == told["coverage"]


@pytest.mark.parametrize(
    ("change", "status", "code", "words"),
    [
        ({"species": "rat"}, 422, "invalid-option", "expected 'human' or 'mouse'"),
        ({"species": "mouse"}, 422, "low-coverage", "names of human"),
        ({"genes": ["A", "B"]}, 422, "contract-violation", "rows of several lengths|2 names"),
        ({"genes": []}, 422, "empty-input", "genes is empty"),
        ({"counts": []}, 422, "contract-violation", "expected at least one item"),
        ({"counts": "many"}, 400, "invalid-request", "counts.rows: got 'many'"),
        ({"counts": [["2"] * 43] * 30}, 400, "invalid-request", "expected a valid number"),
        ({"counts": [[-2] * 43] * 30}, 422, "not-counts", "A count is not negative"),
        ({"counts": [[0.5] * 43] * 30}, 422, "not-counts", "log-transformed"),
        ({"counts": [[0] * 43] * 30}, 422, "empty-cell", "has no counts"),
        ({"counts": [[1] * 43] * 70, "cells": None}, 413, "too-many-items", "at most 60"),
        ({"counts": {"indptr": [0] * 71, "indices": [], "data": []}}, 413, "too-many-items", "70"),
        ({"counts": {"indptr": [0, 1]}}, 400, "invalid-request", "counts.sparse.indices"),
        (
            {"counts": {"indptr": [0, 1], "indices": [43], "data": [1]}, "cells": None},
            422,
            "contract-violation",
            "positions of genes, from 0 to 42",
        ),
        ({"cells": ["one"]}, 422, "contract-violation", "cells: got 1 names, expected 30"),
        ({"standardise": "no"}, 422, "invalid-option", "expected 'entry' or 'data'"),
        ({"standardize": "data"}, 400, "invalid-request", "no field of this name"),
        ({"model": "saturn"}, 404, "unknown-entry", "is no entry"),
        ({"model": tiny.TABLE}, 422, "unsupported", "does not offer POST /embed_cells"),
    ],
)
def test_problem(server, human: pd.DataFrame, change: dict, status: int, code: str, words: str):
    answer = server.post("/embed_cells", {"model": ENTRY, **cells(human), **change})
    told = problem(answer)
    assert (answer.status_code, told["code"]) == (status, code)
    assert any(word in told["detail"] for word in words.split("|"))


def test_few_cells_have_no_statistics(server, human: pd.DataFrame):
    few = {"model": ENTRY, **cells(human[:5])}
    answer = server.post("/embed_cells", {**few, "standardise": "data"})
    assert "at least 20 cells" in problem(answer)["detail"]
    assert len(server.post("/embed_cells", few).json()["vectors"]) == 5


def test_labels_of_one_type(server, human: pd.DataFrame):
    reference = {**cells(human), "labels": ["A"] * 30}
    body = {"model": ENTRY, "reference": reference, "query": cells(human)}
    told = problem(server.post("/transfer_labels", body))
    assert "at least two types" in told["detail"]
    reference["labels"] = ["A", "B"]
    told = problem(server.post("/transfer_labels", body))
    assert "expected 30, one for each cell" in told["detail"]


def test_problems_of_a_stream(server, human: pd.DataFrame):
    about = {"species": "human", "genes": list(human.columns)}
    for body in (b"", b"{}", streams.write(table(human))[:100]):
        told = problem(server.post("/embed_cells", body, headers=ARROW))
        assert (told["status"], told["code"]) == (400, "malformed-body")
    told = problem(ask(server, "/embed_cells", table(human)))
    assert (told["status"], told["code"]) == (400, "invalid-request")
    assert "species: got nothing" in told["detail"]
    told = problem(ask(server, "/embed_cells", table(human).drop_columns("counts"), **about))
    assert "column 'counts': got none" in told["detail"]
    kinds = {"indices": pa.list_(pa.int32()), "counts": pa.list_(pa.float32())}
    many = pa.table({name: pa.array([[]] * 61, kind) for name, kind in kinds.items()})
    told = problem(ask(server, "/embed_cells", many, **about))
    assert (told["status"], told["code"]) == (413, "too-many-items")
    told = problem(ask(server, "/score_pairs", table(human), **about))
    assert (told["status"], told["code"]) == (400, "malformed-body")


def test_the_description_shows_both_endpoints(server):
    described = server.client.get("/docs.json").json()
    assert {"/embed_cells", "/transfer_labels"} <= set(described["paths"])
    fields = described["components"]["schemas"]["EmbedCellsRequest"]["properties"]
    assert set(fields) == {"model", "species", "genes", "counts", "cells", "standardise"}
