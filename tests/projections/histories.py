"""Events to fold: single ones with every field filled in, and whole random histories."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.backups import events as backups
from domain.events import Event, Metadata
from domain.restores import events as restores
from domain.restores.values import BackupRef
from domain.values import Tagged
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
OFFSET = 10**12


def uuid(name: object) -> UUID:
    """A UUID by any name, the same every time."""
    return uuid5(NAMESPACE_URL, str(name))


RESTORE = uuid("restore")
BACKUP = BackupRef(backup_id=uuid("backup"), legacy=7, consolidated=OFFSET + 7)


def event(type_: type[Event], version: int = 1, position: int = 0, /, **state: Any) -> Any:
    """An event of the restore `RESTORE`, unless told otherwise."""
    envelope = {
        "originator_id": state.pop("stream", RESTORE),
        "originator_version": version,
        "position": position,
        "metadata": Metadata(actor="ada"),
    }
    return type_(**{**DEFAULTS.get(type_, {}), **envelope, **state})


def folded(project: Callable[[Any, Event], Any], *types_and_changes: Any) -> Any:
    """The row after these events; each is a class, or a pair of a class and its fields."""
    row = None
    for version, one in enumerate(types_and_changes, start=1):
        type_, state = one if isinstance(one, tuple) else (one, {})
        row = project(row, event(type_, version, 5 if version == 1 else 10 * version, **state))
    assert row is not None
    return row


def legacy_columns(**changed: Any) -> dict[str, Any]:
    """A row of the host's legacy table, as an importer would have read it."""
    columns = {
        "id": 41,
        "name": "nightly",
        "source_backup_id": 7,
        "status": "completed",
        "restore_method": "automatic",
        "target_database": "shop",
        "started_at": Tagged("time", "2021-03-28 00:59:59.999999"),
        "completed_at": Tagged("time", "2021-03-28T03:00:00+02:00"),
        "duration_seconds": 17,
        "message": "done",
        "created_by_id": 3,
        "created_at": Tagged("time", "2021-03-28 00:59:00"),
        "updated_at": Tagged("time", "2021-03-28 01:00:00Z"),
    }
    return {**columns, **changed}


def consolidated_columns(**changed: Any) -> dict[str, Any]:
    """A row of the host's consolidated table."""
    columns = legacy_columns(restore_type="full", trigger_type="manual", is_overwrite=1)
    del columns["restore_method"]
    return {**columns, **changed}


def backup_columns(**changed: Any) -> dict[str, Any]:
    """A row of either of the host's backup tables."""
    columns = {
        "id": 7,
        "name": "monday",
        "backup_type": "full",
        "status": "completed",
        "database_name": "shop",
        "file_path": "/backups/monday",
        "size_bytes": 123,
        "created_at": Tagged("time", "2021-03-01 00:00:00"),
        "updated_at": None,
    }
    return {**columns, **changed}


_LEGACY = {
    "origin": "legacy",
    "legacy_id": 41,
    "consolidated_id": OFFSET + 41,
    "columns": legacy_columns(),
    "derived": {},
    "assumed": {"restore_type": "database", "is_overwrite": False},
    "sources": {},
    "backup": BACKUP,
    "username": "grace",
}
NATIVE: dict[str, Any] = {
    "origin": "consolidated",
    "legacy_id": None,
    "consolidated_id": 41,
    "columns": consolidated_columns(),
    "assumed": {},
    "sources": {},
    "backup": BackupRef(backup_id=uuid("native backup"), legacy=None, consolidated=7),
}
_BACKUP = {
    "origin": "legacy",
    "legacy_id": 7,
    "consolidated_id": OFFSET + 7,
    "columns": backup_columns(),
    "derived": {},
    "assumed": {},
    "sources": {},
}
DEFAULTS: dict[type[Event], dict[str, Any]] = {
    restores.RestoreRequested: {
        "id_offset": 2 * OFFSET,
        "name": "by hand",
        "backup": None,
        "restore_type": "database",
        "trigger_type": "manual",
        "target_database": "shop",
        "is_overwrite": True,
        "requested_by": "3",
        "requested_by_username": "ada",
        "requested_at": NOON,
        "message": "",
        "attributes": {},
        "recorded_afterwards": False,
    },
    restores.RestoreStarted: {
        "started_at": NOON + timedelta(minutes=1),
        "command": "pg_restore",
        "host": "db1",
        "heartbeat_seconds": 10,
    },
    restores.RestoreProgressed: {
        "progressed_at": NOON + timedelta(minutes=2),
        "percent": 40.5,
        "phase": "indexes",
    },
    restores.RestoreCompleted: {
        "completed_at": NOON + timedelta(minutes=4),
        "outcome": "completed",
        "message": "all good",
        "warnings": ("an index was skipped",),
        "warnings_count": 2,
        "exit_code": 0,
        "output": "done\n",
    },
    restores.RestoreFailed: {
        "failed_at": NOON + timedelta(minutes=2),
        "message": "disk full",
        "cause": "error",
        "exit_code": 1,
        "signal": None,
        "errors": ("no space left",),
        "warnings": (),
        "warnings_count": None,
        "output": "",
    },
    restores.RestoreCancelled: {
        "cancelled_at": NOON + timedelta(minutes=3),
        "message": "changed my mind",
        "signal": "SIGINT",
        "output": "",
    },
    restores.RestoreValidated: {
        "validated_at": NOON + timedelta(minutes=6),
        "result": "passed",
        "check": "row counts",
        "exit_code": 0,
        "output": "42 tables\n",
    },
    restores.RestoreAmended: {
        "amended_at": NOON + timedelta(days=1),
        "changes": {"name": "renamed"},
        "backup": None,
    },
    restores.RestoreImported: _LEGACY,
    restores.RestoreChangedInHost: _LEGACY,
    restores.RestoreCopyChangedInHost: {**_LEGACY, "copy_columns": consolidated_columns()},
    restores.RestoreReturnedToHost: _LEGACY,
    restores.RestoreReinterpreted: _LEGACY,
    backups.BackupRegistered: {
        "id_offset": 2 * OFFSET,
        "name": "monday",
        "backup_type": "database",
        "status": "completed",
        "database_name": "shop",
        "file_path": "/backups/monday",
        "size_bytes": 123,
        "registered_at": NOON,
        "checksum": "",
        "format": "",
        "contents": {},
    },
    backups.BackupExpired: {"expired_at": NOON + timedelta(days=30), "message": "too old"},
    backups.BackupVerified: {
        "verified_at": NOON + timedelta(days=1),
        "result": "passed",
        "check": "pg_restore --list",
        "output": "",
    },
    backups.BackupImported: _BACKUP,
    backups.BackupChangedInHost: _BACKUP,
    backups.BackupCopyChangedInHost: {**_BACKUP, "copy_columns": backup_columns()},
    backups.BackupReturnedToHost: _BACKUP,
    backups.BackupReinterpreted: _BACKUP,
}


def history(seed: int, restores_count: int) -> list[Event]:
    """A random history of this many restores and some backups, their events interleaved.

    A third are imported from either table and change, vanish and return; the rest are recorded
    here. Some rows cannot be held by the tables.
    """
    chance = random.Random(seed)
    streams = [list(_stream(chance, number)) for number in range(restores_count)]
    streams += [list(_backup_stream(chance, number)) for number in range(restores_count // 5)]
    events = []
    while streams:
        stream = streams[min(int(chance.expovariate(0.1)), len(streams) - 1)]
        events.append(stream.pop(0))
        if not stream:
            streams.remove(stream)
    return events


def _stream(chance: random.Random, number: int) -> Iterator[Event]:
    stream = uuid(f"restore {number}")
    if chance.random() < 0.4:
        yield from _imported(chance, number, stream)
        return
    requested = NOON + timedelta(seconds=chance.randrange(10**8), microseconds=number)
    yield event(
        restores.RestoreRequested,
        stream=stream,
        name=f"restore {number}",
        restore_type=chance.choice(["database", "database", "files", "full"]),
        requested_at=requested,
        message=chance.choice(["", "tab\tnew\nline\\slash \r 猫 \\N", "'quoted'"]),
        requested_by=chance.choice([None, "3"]),
        backup=chance.choice([None, BACKUP]),
        trigger_type=chance.choice(["manual", "automatic"]),
    )
    if chance.random() < 0.1:
        yield event(restores.RestoreCancelled, 2, stream=stream)
        return
    started = requested + timedelta(seconds=5)
    yield event(restores.RestoreStarted, 2, stream=stream, started_at=started)
    ended = started + timedelta(microseconds=chance.randrange(10**10))
    match chance.randrange(4):
        case 0:
            message = chance.choice(["broken", "cut off by a NUL \0"])
            yield event(restores.RestoreFailed, 3, stream=stream, failed_at=ended, message=message)
        case 1:
            yield event(
                restores.RestoreCompleted, 3, stream=stream, completed_at=ended, outcome="partial"
            )
        case _:
            yield event(restores.RestoreCompleted, 3, stream=stream, completed_at=ended)
    if chance.random() < 0.2:
        yield event(restores.RestoreAmended, 4, stream=stream, changes=_changes(chance))


def _changes(chance: random.Random) -> dict[str, Any]:
    return chance.choice(
        [
            {"name": "renamed"},
            {"started_at": Tagged("time", "2024-05-06T07:08:09+00:00"), "status": "partial"},
            {"trigger_type": "recovery", "is_overwrite": False},
            {"target_database": "x" * 101},
        ]
    )


def _imported(chance: random.Random, number: int, stream: UUID) -> Iterator[Event]:
    native = chance.random() < 0.5
    base: dict[str, Any] = {**NATIVE, "consolidated_id": number + 1}
    if not native:
        base = {"legacy_id": number + 1, "consolidated_id": OFFSET + number + 1}
    columns = consolidated_columns if native else legacy_columns
    kind: type[Event] = restores.RestoreImported
    version = 0
    while version == 0 or chance.random() < 0.4:
        version += 1
        changed = chance.choice(
            [
                {"name": f"row {number}, read {version}"},
                {"message": "x" * chance.randrange(500), "rack": ("A", 5, None)[version % 3]},
                {"status": "a word too long for it"},
                {"started_at": Tagged("time", "10000-01-01 00:00:00")},
                {"duration_seconds": None, "completed_at": None},
            ]
        )  # fmt: skip
        yield event(kind, version, stream=stream, **{**base, "columns": columns(**changed)})
        kind = restores.RestoreChangedInHost
        if chance.random() < 0.2:
            version += 1
            yield event(restores.RestoreAmended, version, stream=stream, changes=_changes(chance))
        if chance.random() < 0.2:
            version += 1
            yield event(restores.RestoreVanishedFromHost, version, stream=stream)
            kind = restores.RestoreReturnedToHost


def _backup_stream(chance: random.Random, number: int) -> Iterator[Event]:
    stream = uuid(f"backup {number}")
    if chance.random() < 0.5:
        kind = chance.choice(["database", "files", "full"])
        yield event(backups.BackupRegistered, stream=stream, backup_type=kind)
        return
    ids = {"legacy_id": number + 1, "consolidated_id": OFFSET + number + 1}
    if chance.random() < 0.5:
        ids = {"origin": "consolidated", "legacy_id": None, "consolidated_id": number + 1}
    yield event(backups.BackupImported, stream=stream, **ids)
    if chance.random() < 0.3:
        columns = backup_columns(file_path="p" * chance.choice([500, 501]))
        yield event(backups.BackupChangedInHost, 2, stream=stream, columns=columns, **ids)
        if chance.random() < 0.5:
            yield event(backups.BackupVanishedFromHost, 3, stream=stream)


def record(events: list[Event]) -> int:
    """Append events to the log; returns its last position."""
    return Log().append([new_event(one) for one in events]).position
