"""Changing the log behind the service's back, as the owner of its database could."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from uuid import UUID

from tests.support import raw

GENESIS = bytes(32)


def unlock(url: str) -> None:
    """Put the triggers that keep the log append-only out of the way."""
    if url.startswith("sqlite"):
        for (name,) in raw.rows(url, "SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            raw.execute(url, f"DROP TRIGGER {name}")
    else:
        raw.execute(url, "ALTER TABLE event_store_event DISABLE TRIGGER ALL")


@contextmanager
def unlocked(url: str) -> Iterator[None]:
    """The same for a while; afterwards they are as they were, as somebody careful leaves them."""
    if url.startswith("sqlite"):
        triggers = raw.rows(url, "SELECT sql FROM sqlite_master WHERE type = 'trigger'")
        unlock(url)
        yield
        for (statement,) in triggers:
            raw.execute(url, statement)
        return
    names = raw.rows(
        url,
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'event_store_event'::regclass"
        " AND tgenabled = 'A'",
    )
    unlock(url)
    yield
    for (name,) in names:
        raw.execute(url, f"ALTER TABLE event_store_event ENABLE ALWAYS TRIGGER {name}")


def forge(url: str, *statements: str) -> None:
    """Run these statements with the triggers out of the way."""
    with unlocked(url):
        for statement in statements:
            raw.execute(url, statement)


def rechain(url: str, after: int) -> None:
    """Compute the chain anew behind a position, and the head with it: it fits itself again."""
    mark = "?" if url.startswith("sqlite") else "%s"
    ((previous,),) = raw.rows(
        url, f"SELECT hash FROM event_store_event WHERE position = {after}"
    ) or [(GENESIS,)]
    changed: list[list[Any]] = []
    listed = (
        "position, stream_id, stream_version, topic, schema_version, state, metadata,"
        " recorded_at, salt"
    )
    for row in raw.rows(
        url, f"SELECT {listed} FROM event_store_event WHERE position > {after} ORDER BY position"
    ):
        position, stream, version, topic, schema, state, metadata, recorded_at, salt = row
        numbers = (number.to_bytes(size) for number, size in (
            (position, 8), (version, 8), (schema, 4), (recorded_at, 8),
        ))  # fmt: skip
        at, of, form, when = numbers
        header = at + UUID(str(stream)).bytes + of + form + when + topic.encode()
        payload = (hashed(salt, content) for content in (state, metadata))
        previous = hashed(previous, header, *payload)
        changed.append([previous, position])
    with unlocked(url):
        for one in changed:
            raw.execute(
                url, f"UPDATE event_store_event SET hash = {mark} WHERE position = {mark}", one
            )
    raw.execute(url, f"UPDATE event_store_head SET hash = {mark}", [previous])


def hashed(*parts: Any) -> bytes:
    """The log's hash of some bytes, as docs/reference/log.md has it: each with its length."""
    return sha256(b"".join(len(part).to_bytes(8) + bytes(part) for part in parts)).digest()


def cut(url: str, after: int) -> None:
    """Cut off the log's end behind a position, and set its head back to there."""
    forge(
        url,
        f"DELETE FROM event_store_event WHERE position > {after}",
        f"UPDATE event_store_head SET position = {after}, (hash, recorded_at) ="
        f" (SELECT hash, recorded_at FROM event_store_event WHERE position = {after})",
    )
