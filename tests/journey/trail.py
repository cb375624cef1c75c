"""Every acknowledged write is in the log, where it was said to be, with all that was said of it.

What no table shows (progress, warnings, outputs, checks) stands only there. The log is read with
the database's own driver, and nothing of the service is imported.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from tests.support import raw

Said = Mapping[str, Any]


class Event(NamedTuple):
    """The topic of what was said, and the name of its time."""

    topic: str
    time: str


EVENTS = {
    "request": Event("restore.Requested", "requested_at"),
    "start": Event("restore.Started", "started_at"),
    "progress": Event("restore.Progressed", "progressed_at"),
    "complete": Event("restore.Completed", "completed_at"),
    "fail": Event("restore.Failed", "failed_at"),
    "cancel": Event("restore.Cancelled", "cancelled_at"),
    "validate": Event("restore.Validated", "validated_at"),
    "amend": Event("restore.Amended", "amended_at"),
    "register": Event("backup.Registered", "registered_at"),
    "verify": Event("backup.Verified", "verified_at"),
    "expire": Event("backup.Expired", "expired_at"),
}
ENVELOPE = frozenset({"what", "position", "at", "actor", "restore_id", "backup_id"})
ELSEWHERE = frozenset({"changes", "legacy_backup", "backup", "attributes", "warnings_count"})
"""What events write in another form: the tables show all of it."""


def stream_of(one: Said) -> str:
    """The restore or backup that was written."""
    about_backups = EVENTS[one["what"]].topic.startswith("backup.")
    return str(one["backup_id" if about_backups else "restore_id"])


def assert_trail(url: str, said: Sequence[Said]) -> None:
    """Each write is one event, at its position, with these facts and no others of its kind."""
    logged = {
        position: (str(UUID(str(stream))), topic, json.loads(bytes(state)),
                   json.loads(bytes(metadata)))
        for position, stream, topic, state, metadata in raw.rows(
            url, "SELECT position, stream_id, topic, state, metadata FROM event_store_event"
        )
    }  # fmt: skip
    for one in said:
        stream, topic, state, metadata = logged[one["position"]]
        event = EVENTS[one["what"]]
        assert (stream, topic) == (stream_of(one), event.topic), one
        assert metadata["actor"] == one["actor"], one
        wanted = {name: one[name] for name in one.keys() - ENVELOPE - ELSEWHERE}
        assert {name: state.get(name, "missing") for name in wanted} == wanted, one
        assert _whole(state[event.time]) == _whole(one["at"]), one
    positions = [one["position"] for one in said]
    assert len(set(positions)) == len(positions)


def _whole(time: str) -> str:
    """A time in UTC in one spelling."""
    return time.replace("Z", "+00:00")
