"""The first rows of a Parquet file's bytes, by pyarrow where it is installed."""

from __future__ import annotations

from typing import Any

MAX_FILE = 20_000_000  # bytes of a file; its first rows may unpack to five times as much


def parquet_head(data: bytes, most: int) -> tuple[list[str], list[list[Any]], int] | None:
    """Names of columns, at most `most` rows, and how many rows the file has; None when it is damaged or would unpack to too
    much. Raises ImportError without pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        groups = file.metadata.num_row_groups
        if not groups or file.metadata.row_group(0).total_byte_size > 5 * MAX_FILE:
            return None
        batch = next(file.iter_batches(batch_size=most, row_groups=[0]), None)
        rows = [] if batch is None else [list(row.values()) for row in batch.to_pylist()]
        return list(file.schema_arrow.names), rows, int(file.metadata.num_rows)
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        return None
