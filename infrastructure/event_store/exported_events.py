"""Events in a file that `projections/verification/check_events.py` checks without the service.

One JSON object a line, in the canonical form of signed documents: the range, then each event with
its stored bytes, then the end. An event that is left out stands there with its header and the
digests of its payloads, so that the chain can be followed past it; or, in a shorter file, the next
event says which hash came before it.
"""

import codecs
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db.models import BinaryField, IntegerField, QuerySet, Value
from django.db.models.functions import Length, Substr

from infrastructure.documents.keys import Signer
from infrastructure.documents.signed import ALGORITHM, canonical
from infrastructure.event_store.chain import payload_digest, salted_digest
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event

FORMAT = "restore-log-events/1"
PIECE = 500
"""Events that are read at a time."""
SHORT = 65_536
"""Bytes of a state that is read together with others; a longer one is read in pieces."""

Positions = Callable[[int, int], list[int]]
"""The positions of the wanted events between two positions, both included, in order."""


@dataclass(frozen=True)
class EventExport:
    """What to export: the events from `first` to `last`, and of these the `wanted` ones.

    `filters` say which these are; without any, all of the range are. With `full`, those that are
    left out have their header and digests in the file.
    """

    first: int
    last: int
    filters: Mapping[str, str]
    wanted: Positions
    full: bool

    def lines(self, log: Log, signer: Signer | None) -> Iterator[bytes]:
        """The file in pieces of some size. The memory is that of a few hundred short events."""
        digest, counts = sha256(), [0, 0]
        waiting: list[bytes] = []
        size = 0
        for piece in self._pieces(log, counts):
            digest.update(piece)
            waiting.append(piece)
            size += len(piece)
            if size >= SHORT:
                yield b"".join(waiting)
                waiting, size = [], 0
        end: dict[str, Any] = {
            "events": counts[0],
            "left_out": counts[1],
            "hash": _hex(log, self.last),
            "sha256": digest.hexdigest(),
        }
        if signer is not None:
            value = b64encode(signer.sign(canonical(end))).decode()
            end["signature"] = {"algorithm": ALGORITHM, "key": signer.public.id, "value": value}
        yield b"".join([*waiting, canonical(end) + b"\n"])

    def _pieces(self, log: Log, counts: list[int]) -> Iterator[bytes]:
        after = self.first - 1
        head = {
            "format": FORMAT,
            "log": _hex(log, 1),
            "after": after,
            "previous": _hex(log, after),
            "upto": self.last,
            "filters": dict(self.filters),
            "proof": "full" if self.full else "stored",
        }
        yield canonical(head) + b"\n"
        at = after
        while at < self.last:
            rows, upto = self._next(at)
            wanted = {row.position for row in rows}
            if self.full and self.filters:
                wanted &= set(self.wanted(at + 1, upto))
            for row in rows:
                if row.position in wanted:
                    counts[0] += 1
                    gap = row.position != after + 1
                    yield from _shown(log, row, _hex(log, row.position - 1) if gap else None)
                else:
                    counts[1] += 1
                    yield canonical(_left_out(log, row)) + b"\n"
                after = row.position
            at = upto

    def _next(self, at: int) -> tuple[list[Any], int]:
        """The next events after this position to write, and up to which position they are all."""
        if self.full or not self.filters:
            upto = min(at + PIECE, self.last)
            rows = _rows().filter(position__gt=at, position__lte=upto)
            return list(rows.order_by("position")), upto
        positions = self.wanted(at + 1, self.last)
        rows = _rows().filter(position__in=positions).order_by("position")
        return list(rows), positions[-1] if len(positions) >= PIECE else self.last


def _rows() -> QuerySet[Event]:
    """Events with as much of their state as is read at once."""
    state = Substr("state", Value(1), Value(SHORT), output_field=BinaryField())
    return Event.objects.defer("state").annotate(
        state_head=state, state_size=Length("state", output_field=IntegerField())
    )


def _state(log: Log, row: Any) -> Iterator[bytes]:
    """The whole state, a piece at a time."""
    head = bytes(row.state_head)
    return iter([head]) if len(head) == row.state_size else log.state_pieces(row.position)


def _header(row: Any) -> dict[str, Any]:
    return {
        "position": row.position,
        "recorded_at": row.recorded_at,
        "schema_version": row.schema_version,
        "stream_id": str(row.stream_id),
        "stream_version": row.stream_version,
        "topic": row.topic,
    }


def _left_out(log: Log, row: Any) -> dict[str, Any]:
    salt = bytes(row.salt)
    digest = payload_digest(salt, row.state_size)
    for piece in _state(log, row):
        digest.update(piece)
    return {
        **_header(row),
        "state_digest": digest.hexdigest(),
        "metadata_digest": salted_digest(salt, bytes(row.metadata)).hex(),
    }


def _shown(log: Log, row: Any, previous: str | None) -> Iterator[bytes]:
    """The line of an event, in pieces if its state is long."""
    shown = {
        **_header(row),
        "hash": bytes(row.hash).hex(),
        "metadata": _written(bytes(row.metadata)),
        "salt": bytes(row.salt).hex(),
    }
    if previous is not None:
        shown["previous"] = previous
    if row.state_size <= SHORT:
        yield canonical({**shown, "state": _written(bytes(row.state_head))}) + b"\n"
        return
    before = canonical({name: shown[name] for name in shown if name < "state"})
    yield before[:-1] + b',"state":"'
    # A long state is text: the codec writes JSON.
    read = codecs.getincrementaldecoder("utf-8")()
    for piece in log.state_pieces(row.position):
        yield json.dumps(read.decode(piece), ensure_ascii=False)[1:-1].encode()
    read.decode(b"", final=True)
    yield b'",' + canonical({name: shown[name] for name in shown if name > "state"})[1:] + b"\n"


def _written(stored: bytes) -> Any:
    """Stored bytes as text, or as Base64 if they are not text."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(stored).decode()}


def _hex(log: Log, position: int) -> str:
    """The chain's hash at a position, in hexadecimal."""
    return (log.hash_at(position) or bytes(32)).hex()
