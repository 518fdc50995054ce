"""What an index says of itself: index.json."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.manifest import Digest, FileRecord
from contracts.wire import Strict

Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Settings(Strict):
    """Parameters of the index.

    `codec` says how a vector is kept: SQ8, a byte a coordinate, or Flat, float32. `oversampling`
    is how many candidates are summed exactly for each result.
    """

    kind: Literal["IVF"] = "IVF"
    codec: Literal["SQ8", "Flat"] = "SQ8"
    nlist: Positive
    nprobe: Positive
    oversampling: Positive = 2


class Measured(Strict):
    """Recall of the index against exact search, over queries drawn by a seed.

    `recall` maps k to the mean share of the exact k best that the index finds too; a k beyond the
    number of vectors is left out. Seconds are per query, over all of them at once; each search was
    run by itself, one after the other, on `threads` threads as far as faiss goes.
    """

    recall: dict[int, Share]
    queries: Positive
    source: str
    seed: int
    exact_seconds: Seconds
    index_seconds: Seconds
    threads: Positive


class IndexRecord(Strict):
    """What index.json holds; `digest` is that of zoo.ann.vectors.Items."""

    schema_version: Literal[1] = 1
    metric: Literal["inner_product"] = "inner_product"
    entry: str | None
    version: str | None
    side: str | None
    items: Positive
    dim: Positive
    popularity: bool
    digest: Digest
    settings: Settings
    measured: Measured
    file: FileRecord
    faiss: str
