"""The export of the log as NDJSON, so that others can compute its chain again.

One line per event: its position, stream, version, topic, schema version, state, metadata,
`recorded_at`, salt and hash. It contains all messages, names and salts, so only its owner may read
it.
"""

import json
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from infrastructure.documents.signed import CannotWrite, begun, discard, partial, put_in_place
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import LogRecord
from infrastructure.output_files import Output, begins_with
from projections.verification.certificate.export import Exported


class EventLine(msgspec.Struct):
    position: int
    stream: str
    version: int
    topic: str
    schema_version: int
    state: str
    metadata: str
    recorded_at: int
    salt: str
    hash: str


_encode = msgspec.json.Encoder().encode


def export_events(path: Path, log: Log | None = None) -> Exported:
    """Write the whole log to a file, completely or not at all. Raises `CannotWrite`."""
    beside = partial(path)
    lines, sum_ = 0, sha256()
    try:
        with closing(begun(path, private=True)) as file:
            for records in (log or Log()).records():
                data = b"".join(map(_line, records))
                file.write(data)
                sum_.update(data)
                lines += len(records)
            put_in_place(file, beside, path)
    except OSError as error:
        raise CannotWrite(path, error) from error
    finally:
        discard(beside)
    return Exported(lines, sum_.hexdigest())


def events_output(path: Path) -> Output:
    """The file of events to write; it does not replace another kind of file."""
    return Output("export_events", path, "file of events", begins_with(b'{"position":'))


def _line(record: LogRecord) -> bytes:
    line = EventLine(
        record.position,
        str(record.stream_id),
        record.stream_version,
        record.topic,
        record.schema_version,
        _text(record.state),
        _text(record.metadata),
        record.recorded_at,
        bytes(record.salt).hex(),
        bytes(record.hash).hex(),
    )
    try:
        return _encode(line) + b"\n"
    except UnicodeEncodeError:
        # Only a log that was tampered with has bytes that are not UTF-8. They are written
        # unchanged, so that the chain shows it.
        return json.dumps(msgspec.to_builtins(line), separators=(",", ":")).encode() + b"\n"


def _text(payload: Any) -> str:
    return bytes(payload).decode("utf-8", "surrogateescape")
