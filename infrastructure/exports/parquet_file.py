"""Apache Parquet, by pyarrow: exact types, times to the microsecond in UTC.

pyarrow is loaded only when a file is written: it takes much memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from infrastructure.exports.columns import FileColumn

MEDIA_TYPE = "application/vnd.apache.parquet"
ROWS_IN_GROUP = 5_000
BYTES_IN_GROUP = 4_000_000
"""A group of rows is in memory until it is written, several times over."""


class ParquetFile:
    """Writes rows to an open binary file; what the file is (`about`) stands in its footer."""

    def __init__(
        self, file: IO[bytes], columns: Sequence[FileColumn], about: Mapping[str, str]
    ) -> None:
        import pyarrow
        from pyarrow import parquet

        types = {
            "integer": pyarrow.int64(),
            "text": pyarrow.string(),
            "boolean": pyarrow.bool_(),
            "time": pyarrow.timestamp("us", tz="UTC"),
            "uuid": pyarrow.uuid(),
            "json": pyarrow.string(),
        }
        self._arrow = pyarrow
        self.schema = pyarrow.schema([(one.name, types[one.kind]) for one in columns])
        self.uuids = {number for number, one in enumerate(columns) if one.kind == "uuid"}
        self.writer = parquet.ParquetWriter(file, self.schema, compression="zstd")
        self.writer.add_key_value_metadata(about)
        self.waiting: list[Any] = []
        self.rows = self.bytes = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write these rows, given as Python values in the order of the columns."""
        columns = list(zip(*rows, strict=True))
        if not columns:
            return
        arrays = [
            self._uuids(values) if number in self.uuids else self._arrow.array(values, field.type)
            for number, (field, values) in enumerate(zip(self.schema, columns, strict=True))
        ]
        batch = self._arrow.record_batch(arrays, schema=self.schema)
        self.waiting.append(batch)
        self.rows += batch.num_rows
        self.bytes += batch.nbytes
        if self.rows >= ROWS_IN_GROUP or self.bytes >= BYTES_IN_GROUP:
            self._write()

    def finish(self) -> None:
        """Write what waits, and the file's end."""
        self._write()
        self.writer.close()

    def _uuids(self, values: Sequence[Any]) -> Any:
        stored = [None if one is None else one.bytes for one in values]
        storage = self._arrow.array(stored, self._arrow.binary(16))
        return self._arrow.ExtensionArray.from_storage(self._arrow.uuid(), storage)

    def _write(self) -> None:
        if self.waiting:
            self.writer.write_table(self._arrow.Table.from_batches(self.waiting))
        self.waiting, self.rows, self.bytes = [], 0, 0
