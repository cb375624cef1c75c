"""The process that writes a Parquet file: `python -m infrastructure.exports.parquet_process`.

It reads frames from stdin and writes the file to stdout. A frame is the length of what follows, in
`LENGTH` bytes, and a MessagePack value: first the columns and what the file is, then rows, a few at
a time. An empty frame ends the file. Without it, the file is not complete.

It loads pyarrow and nothing of the service, so that it is small, and the server needs no pyarrow.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final

import msgspec

LENGTH: Final = 8
NOT_WRITTEN: Final = 100
"""The exit code is this and the number of the system's error if the file could not be written."""
ROWS_IN_GROUP = 5_000
BYTES_IN_GROUP = 4_000_000
"""A group of rows is in memory until it is written, several times over."""

_decode = msgspec.msgpack.Decoder().decode


class Groups:
    """Writes rows in groups; what the file is (`about`) stands in its footer."""

    def __init__(
        self, file: IO[bytes], columns: Sequence[tuple[str, str]], about: Mapping[str, str]
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
        self.schema = pyarrow.schema([(name, types[kind]) for name, kind in columns])
        self.uuids = {number for number, (_, kind) in enumerate(columns) if kind == "uuid"}
        self.writer = parquet.ParquetWriter(file, self.schema, compression="zstd")
        self.writer.add_key_value_metadata(about)
        self.waiting: list[Any] = []
        self.rows = self.bytes = 0

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write these rows. UUIDs are their 16 bytes."""
        arrays = [
            self._uuids(values) if number in self.uuids else self._arrow.array(values, field.type)
            for number, (field, values) in enumerate(
                zip(self.schema, zip(*rows, strict=True), strict=True)
            )
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

    def _uuids(self, values: Sequence[bytes | None]) -> Any:
        storage = self._arrow.array(values, self._arrow.binary(16))
        return self._arrow.ExtensionArray.from_storage(self._arrow.uuid(), storage)

    def _write(self) -> None:
        if self.waiting:
            self.writer.write_table(self._arrow.Table.from_batches(self.waiting))
        self.waiting, self.rows, self.bytes = [], 0, 0


class Incomplete(EOFError):
    """Whoever sends the rows ended before the last one."""


def frames(source: IO[bytes]) -> Iterator[Any]:
    """The values before the empty frame. Raises `Incomplete`."""
    while length := int.from_bytes(_exactly(source, LENGTH), "big"):
        yield _decode(_exactly(source, length))


def _exactly(source: IO[bytes], size: int) -> bytes:
    found = source.read(size)
    if len(found) < size:
        raise Incomplete
    return found


def write_from_stdin() -> int:
    """The exit code; 0 only if the file is complete."""
    # pyarrow would load it where it is installed, for 11 MB of memory, and does without.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    file = open(sys.stdout.fileno(), "wb", closefd=False)  # noqa: SIM115
    try:
        given = frames(sys.stdin.buffer)
        columns, about = next(given)
        groups = Groups(file, columns, about)
        for rows in given:
            groups.add(rows)
        groups.finish()
        file.flush()
    except Incomplete:
        return 1
    except OSError as error:
        return NOT_WRITTEN + (error.errno or 0)
    return 0


if __name__ == "__main__":
    sys.exit(write_from_stdin())
