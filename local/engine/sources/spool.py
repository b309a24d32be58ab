"""The way of parsed rows to the engine: Parquet files below a scratch folder."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa
from pyarrow import parquet

from local.engine.sources.files import FileState
from local.engine.sources.rows import address

# Rows that are held in memory before they are written. 32 MiB
LIMIT = 16 << 20
# Facts of the file that a row stood in, repeated for each row.
FACTS = pa.schema(
    [
        ("path", pa.dictionary(pa.int32(), pa.string())),
        ("name", pa.dictionary(pa.int32(), pa.string())),
        ("size", pa.int64()),
        ("modified", pa.timestamp("us", "UTC")),
    ]
)


class Spool:
    """Writes record batches of one schema, each with the facts of its file and the values of its folders."""

    def __init__(self, file: Path, schema: pa.Schema, partitions: Sequence[str]) -> None:
        texts = [pa.field(name, pa.dictionary(pa.int32(), pa.string())) for name in partitions]
        self._partitions = tuple(partitions)
        self._schema = pa.schema([*schema, *texts, *FACTS])
        self._batches: list[pa.RecordBatch] = []
        self._bytes = 0
        self._writer = parquet.ParquetWriter(
            file,
            self._schema,
            compression="none",
            use_dictionary=[*self._partitions, *FACTS.names],  # pyright: ignore[reportArgumentType]
            write_statistics=False,
            # Readers would take the repeated texts for what Arrow calls a dictionary.
            store_schema=False,
        )

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def add(self, file: FileState, folders: Sequence[str | None], batches: Iterable[pa.RecordBatch]) -> None:
        """Adds a file's rows; `folders` are the values of the partitions."""
        where = address(file.path)
        for rows in batches:
            repeated = [
                _repeated(text, rows.num_rows) for text in (*folders, where, where.rpartition("/")[2])
            ]
            size = pa.repeat(pa.scalar(file.size, pa.int64()), rows.num_rows)
            modified = pa.repeat(
                pa.scalar(file.modified_ns // 1_000_000 * 1000, pa.int64()).cast(pa.timestamp("us", "UTC")),
                rows.num_rows,
            )
            whole = [*rows.columns, *repeated, size, modified]
            self._batches.append(pa.RecordBatch.from_arrays(whole, schema=self._schema))
            self._bytes += rows.nbytes
            if self._bytes >= LIMIT:
                self._flush()

    def _flush(self) -> None:
        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches, self._schema))
        self._batches, self._bytes = [], 0


def _repeated(text: str | None, rows: int) -> pa.DictionaryArray:
    indices = pa.nulls(rows, pa.int32()) if text is None else pa.repeat(pa.scalar(0, pa.int32()), rows)
    return pa.DictionaryArray.from_arrays(indices, pa.array([text or ""], pa.string()))
