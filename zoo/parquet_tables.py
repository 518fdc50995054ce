"""Tables as Parquet: columns keep their types."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import BadTable
from zoo.results import Columns


def read(path: Path) -> tuple[Columns, Sequence[int]]:
    """All columns by name as Arrow arrays, and row numbers from 1; raises BadTable."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (pa.ArrowException, OSError) as error:
        reason = f"it cannot be read as Parquet: {str(error).splitlines()[0]}"
        hint = "It may be cut off: copy or write it again."
        raise BadTable(path, reason, hint) from error
    twice = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if twice:
        reason = f"it has columns {', '.join(map(repr, twice))} more than once"
        raise BadTable(path, reason, "Give every column a name of its own.")
    return dict(zip(table.column_names, table.columns, strict=True)), range(1, table.num_rows + 1)


def names(path: Path, name: str, column: Any) -> list[Any]:
    """The column as names; raises BadTable where it does not hold text."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if not (text or pa.types.is_string_view(kind)):
        reason = f"column {name!r} holds {kind}, expected text"
        raise BadTable(path, reason, "Store gene names as strings.")
    return column.to_pylist()


def write(path: Path, columns: Columns, suffix: str) -> None:
    """Write the columns, each with the type of its values."""
    import pyarrow as pa
    from pyarrow import parquet

    arrays = {
        name: pa.array(column) if isinstance(column, list | np.ndarray | range) else column
        for name, column in columns.items()
    }
    parquet.write_table(pa.table(arrays), path)
