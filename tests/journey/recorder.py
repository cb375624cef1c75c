"""Records restores and backups through the use cases, and says what was acknowledged.

    python -m tests.journey.recorder --seed N [--count N] [--pause SECONDS] < known.json

A process of its own, on DATABASE_URL. Each write is one JSON line on stdout, written once the
log and the tables have it. It ends after `--count` writes; with 0 it goes on until SIGTERM, and
finishes the write that it is at. `known.json` names the host's rows that it may amend and use:
`{"legacy": [restore_id, …], "consolidated": […], "backups": [[backup_id, legacy, consolidated], …]}`.
"""  # noqa: E501

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from tests.journey import facts

BEGIN = datetime(2025, 6, 1, 8, 0, 0, 123, tzinfo=UTC)
OFFSET = 10**12
TYPES = ("database",) * 6 + ("files", "files", "full", "custom")
ENDS = (
    *("completed", "completed", "partial", "failed", "cancelled", "open"),
    *("interrupted", "interrupted, then completed"),
)
COMMANDS = {
    "start": ("start_restore", "started_at"),
    "progress": ("progress_restore", "at"),
    "complete": ("complete_restore", "completed_at"),
    "fail": ("fail_restore", "failed_at"),
    "cancel": ("cancel_restore", "cancelled_at"),
    "validate": ("validate_restore", "validated_at"),
    "verify": ("verify_backup", "verified_at"),
    "expire": ("expire_backup", "expired_at"),
}
"""What is told: the use case, and the name of its time."""
COMMAND_OF = {"failed": "fail", "interrupted": "fail", "cancelled": "cancel"}
"""Another end completes the restore."""


class Backup(NamedTuple):
    """A backup, and its id in each table where it can stand."""

    backup_id: str
    legacy: int | None
    consolidated: int


class Recorder:
    """Says in order what to write, writes it, and tells."""

    def __init__(self, random: Random, known: dict[str, Any]) -> None:
        from projections.services import record

        self.random = random
        self.known = known
        self.actor = f"clerk {random.randrange(100)}"
        self.now = BEGIN + timedelta(days=random.randrange(200))
        self.record: Any = record
        self.backups = [Backup(*one) for one in known["backups"]]

    def writes(self) -> Iterator[None]:
        """One write a turn, for ever: first some of every kind, then as it comes."""
        for life in (
            lambda: self.life("database", True, "completed", "amend", ("failed", "passed")),
            lambda: self.life("database", False, "interrupted, then partial", "", ("passed",)),
            lambda: self.life("files", True, "partial", "amend", ("failed",)),
            lambda: self.afterwards("database", "completed"),
            lambda: self.life("full", False, "failed", ""),
            lambda: self.life("custom", False, "cancelled early", ""),
            lambda: self.life("database", False, "cancelled", "backup"),
            lambda: self.life("database", True, "open", "overwrite"),
            lambda: self.life("database", False, "interrupted", ""),
            lambda: self.short_lived_backup("database"),
            lambda: self.host_row("legacy", {"is_overwrite": True, "name": "amended ✎"}),
            lambda: self.host_row("legacy", {"status": "partial", "trigger_type": "recovery"}),
            lambda: self.host_row("consolidated", {"is_overwrite": True, "message": "amended"}),
        ):
            yield from life()
        while True:
            yield from self.something()

    def something(self) -> Iterator[None]:
        pick, what = self.random.choice, self.random.random()
        if what < 0.25:
            yield from self.host_row(pick(("legacy", "legacy", "consolidated")), self.changes())
        elif what < 0.3:
            yield from self.short_lived_backup(pick(("database", "files")))
        elif what < 0.4:
            yield from self.afterwards(pick(TYPES), pick(("completed", "partial", "failed")))
        else:
            amend = pick(("", "", "amend", "overwrite", "backup"))
            checks = pick(((), ("passed",), ("failed", "passed")))
            overwrite = self.random.random() < 0.3
            yield from self.life(pick(TYPES), overwrite, pick(ENDS), amend, checks)

    def life(
        self, kind: str, overwrite: bool, end: str, amend: str, checks: tuple[str, ...] = ()
    ) -> Iterator[None]:
        """A restore from its request to its end, now and then with a backup of its own."""
        pick = self.random.choice
        if self.random.random() < 0.4 or amend == "backup":
            self.register(pick(("database", "files", "full")))
            yield
        backup = pick([None, pick(self.backups), self.backups[-1]])
        restore_id = self.request(kind, overwrite, backup)
        yield
        if end == "cancelled early":
            self.carry_out("cancel", restore_id, facts.of_end(self.random, "cancelled"))
            yield
            return
        self.carry_out("start", restore_id, {})
        yield
        if pick((True, False)):
            self.carry_out("progress", restore_id, facts.of_progress(self.random))
            yield
        for one in end.split(", then ") if end != "open" else ():
            command = COMMAND_OF.get(one, "complete")
            self.carry_out(command, restore_id, facts.of_end(self.random, one))
            yield
        for result in checks if end.endswith(("completed", "partial")) else ():
            self.carry_out("validate", restore_id, facts.of_validation(self.random, result))
            yield
        if amend == "backup":
            self.amend(restore_id, {}, pick(self.backups[-3:]))
            yield
        elif amend:
            self.amend(restore_id, {"is_overwrite": True} if amend != "amend" else self.changes())
            yield

    def afterwards(self, kind: str, end: str) -> Iterator[None]:
        """A restore that is over when it is recorded: three events at once."""
        self.tick()
        began, self.now = self.now, self.now + timedelta(minutes=3)
        details = facts.of_request(self.random, kind, self.random.random() < 0.5)
        ended = facts.of_end(self.random, end)
        given = {name: value for name, value in ended.items() if name != "outcome"}
        restore = self.shown(
            self.record.record_finished_restore(
                actor=self.actor,
                status=end,
                started_at=began,
                completed_at=self.now,
                **{**details, **given},
            )
        )
        first, second, third = self.positions(restore.id)
        about = {"restore_id": restore.id}
        details |= {"message": "", "requested_by": None, "recorded_afterwards": True}
        self.say("request", first, **about, at=began, **details, **_named(None))
        self.say("start", second, **about, at=began)
        self.say(COMMAND_OF.get(end, "complete"), third, **about, **ended)
        yield

    def short_lived_backup(self, kind: str) -> Iterator[None]:
        """A backup that is registered, checked twice, and expires."""
        self.register(kind)
        yield
        backup_id = UUID(self.backups[-1].backup_id)
        for result in ("failed", "passed"):
            said = {"result": result, "check": "sha256sum -c", "output": f"{result} ✓\n"}
            self.carry_out("verify", backup_id, said)
            yield
        self.carry_out("expire", backup_id, {"message": "older than a month"})
        yield

    def host_row(self, origin: str, changes: dict[str, Any]) -> Iterator[None]:
        """Correct a row of the host's."""
        self.amend(UUID(self.random.choice(self.known[origin])), changes)
        yield

    def changes(self) -> dict[str, Any]:
        """One to three columns with new values."""
        self.tick()
        everything: dict[str, Any] = {
            "name": f"amended {self.random.randrange(1000)} ≠",
            "trigger_type": self.random.choice(facts.TRIGGERS),
            "target_database": "elsewhere",
            "is_overwrite": self.random.random() < 0.5,
            "started_at": self.now - timedelta(hours=3),
            "completed_at": None,
            "duration_seconds": self.random.choice((None, 0, 77)),
            "message": "what it said\nwas not so\t…",
        }
        some = self.random.sample(sorted(everything), self.random.randint(1, 3))
        return {column: everything[column] for column in some}

    def register(self, kind: str) -> None:
        self.tick()
        details = facts.of_backup(self.random, kind)
        backup = self.shown(
            self.record.register_backup(actor=self.actor, registered_at=self.now, **details)
        )
        position = self.say("register", backup_id=backup.id, **details)
        here = 2 * OFFSET + position
        self.backups.append(Backup(str(backup.id), None if kind == "files" else here, here))

    def request(self, kind: str, overwrite: bool, backup: Backup | None) -> UUID:
        self.tick()
        details = facts.of_request(self.random, kind, overwrite)
        details["requested_by"] = self.random.choice((None, "17", "clerk"))
        restore = self.shown(
            self.record.request_restore(
                actor=self.actor,
                requested_at=self.now,
                backup_id=UUID(backup.backup_id) if backup else None,
                **details,
            )
        )
        self.say("request", restore_id=restore.id, **details, **_named(backup))
        return restore.id

    def carry_out(self, what: str, stream: UUID, said: dict[str, Any]) -> None:
        """A command on a restore or backup that exists."""
        self.tick()
        name, time_of_it = COMMANDS[what]
        use_case = getattr(self.record, name)
        self.shown(use_case(stream, actor=self.actor, **{time_of_it: self.now}, **said))
        subject = "backup_id" if name.endswith("_backup") else "restore_id"
        self.say(what, **{subject: stream}, **said)

    def amend(
        self, restore_id: UUID, changes: dict[str, Any], backup: Backup | None = None
    ) -> None:
        from domain.values import Tagged

        self.tick()
        recorded = self.record.amend_restore(
            restore_id,
            {c: Tagged("time", v.isoformat()) if isinstance(v, datetime) else v
             for c, v in changes.items()},
            actor=self.actor,
            reason="it was not so",
            backup_id=UUID(backup.backup_id) if backup else None,
            amended_at=self.now,
        )  # fmt: skip
        self.shown(recorded)
        if backup is not None:
            changes = {**changes, "source_backup_id": backup.consolidated}
        self.say("amend", restore_id=restore_id, changes=changes, **_named(backup))

    def tick(self) -> None:
        """The world's clock goes on."""
        self.now += timedelta(seconds=self.random.randrange(1, 5000), microseconds=7)

    def shown(self, recorded: Any) -> Any:
        """What was recorded, once the tables show it."""
        if recorded.behind:
            raise RuntimeError(f"these do not show it: {recorded.behind}")
        return recorded.what

    def say(self, what: str, position: int | None = None, **about: Any) -> int:
        """Tell; the position of what was written: without another one, the stream's last."""
        if position is None:
            position = self.positions(about.get("restore_id") or about["backup_id"])[-1]
        said = {"what": what, "position": position, "at": self.now, "actor": self.actor, **about}
        print(json.dumps(said, default=_text), flush=True)
        return position

    def positions(self, stream: UUID) -> list[int]:
        """Where the events of a restore or backup stand in the log."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT position FROM event_store_event WHERE stream_id = %s ORDER BY position",
                [stream.hex if connection.vendor == "sqlite" else stream],
            )
            return [position for (position,) in cursor.fetchall()]


def _named(backup: Backup | None) -> dict[str, Any]:
    if backup is None:
        return {"backup_id": None, "legacy_backup": None, "backup": None}
    return {
        "backup_id": backup.backup_id,
        "legacy_backup": backup.legacy,
        "backup": backup.consolidated,
    }


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def until_told() -> Callable[[], bool]:
    """A function that is true once SIGTERM has come."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    return told.is_set


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.journey.recorder", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--pause", type=float, default=0.0)
    options = parser.parse_args()
    stop = until_told()
    os.environ["DJANGO_SETTINGS_MODULE"] = "infrastructure.settings"
    import django

    django.setup()
    recorder = Recorder(Random(options.seed), json.load(sys.stdin))
    for number, _ in enumerate(recorder.writes(), 1):
        if number == options.count or stop():
            return
        time.sleep(options.pause)


if __name__ == "__main__":
    main()
