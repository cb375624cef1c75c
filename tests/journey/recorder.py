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

BEGIN = datetime(2025, 6, 1, 8, 0, 0, 123, tzinfo=UTC)
OFFSET = 10**12
TYPES = ("database",) * 6 + ("files", "files", "full", "custom")
TRIGGERS = ("manual", "automatic", "recovery")


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
            lambda: self.life("database", True, "completed", "amend"),
            lambda: self.life("database", False, "partial", ""),
            lambda: self.life("files", True, "partial", "amend"),
            lambda: self.life("full", False, "failed", ""),
            lambda: self.life("custom", False, "cancelled early", ""),
            lambda: self.life("database", False, "cancelled late", "backup"),
            lambda: self.life("database", True, "open", "overwrite"),
            lambda: self.host_row("legacy", {"is_overwrite": True, "name": "amended ✎"}),
            lambda: self.host_row("legacy", {"status": "partial", "trigger_type": "recovery"}),
            lambda: self.host_row("consolidated", {"is_overwrite": True, "message": "amended"}),
        ):
            yield from life()
        while True:
            yield from self.something()

    def something(self) -> Iterator[None]:
        if self.random.random() < 0.25:
            origin = self.random.choice(("legacy", "legacy", "consolidated"))
            yield from self.host_row(origin, self.changes())
        else:
            end = self.random.choice(
                ("completed", "completed", "partial", "failed", "cancelled late", "open")
            )
            amend = self.random.choice(("", "", "amend", "overwrite", "backup"))
            yield from self.life(self.random.choice(TYPES), self.random.random() < 0.3, end, amend)

    def life(self, kind: str, overwrite: bool, end: str, amend: str) -> Iterator[None]:
        """A restore from its request to its end, now and then with a backup of its own."""
        pick = self.random.choice
        if self.random.random() < 0.4 or amend == "backup":
            self.register(pick(("database", "files", "full")))
            yield
        backup = pick([None, pick(self.backups), self.backups[-1]])
        restore_id = self.request(kind, overwrite, backup)
        yield
        if end == "cancelled early":
            self.end(restore_id, "cancel", None)
            yield
            return
        self.tick()
        self.shown(self.record.start_restore(restore_id, actor=self.actor, started_at=self.now))
        self.say("start", restore_id=restore_id)
        yield
        if end != "open":
            what = {"failed": "fail", "cancelled late": "cancel"}.get(end, "complete")
            self.end(restore_id, what, end)
            yield
        if amend == "backup":
            self.amend(restore_id, {}, pick(self.backups[-3:]))
            yield
        elif amend:
            self.amend(restore_id, {"is_overwrite": True} if amend != "amend" else self.changes())
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
            "trigger_type": self.random.choice(TRIGGERS),
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
        details = {
            "name": f"backup {self.random.randrange(1000)} of {kind}",
            "backup_type": kind,
            "status": "completed",
            "database_name": self.random.choice(("orders", "", "Größe")),
            "file_path": f"/backups/here/{self.random.randrange(1000)}.dump",
            "size_bytes": self.random.choice((None, 0, 2**40)),
        }
        backup = self.shown(
            self.record.register_backup(actor=self.actor, registered_at=self.now, **details)
        )
        position = self.say("register", backup_id=backup.id, **details)
        here = 2 * OFFSET + position
        self.backups.append(Backup(str(backup.id), None if kind == "files" else here, here))

    def request(self, kind: str, overwrite: bool, backup: Backup | None) -> UUID:
        self.tick()
        details = {
            "name": f"restore {self.random.randrange(1000)} of {kind}",
            "restore_type": kind,
            "trigger_type": self.random.choice(TRIGGERS),
            "target_database": self.random.choice(("orders", "crm", "")),
            "is_overwrite": overwrite,
            "message": self.random.choice(("", "asked for by mail")),
            "requested_by": self.random.choice((None, "17", "clerk")),
        }
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

    def end(self, restore_id: UUID, what: str, outcome: str | None) -> None:
        self.tick()
        message = f"{what}: {self.random.randrange(1000)} tables\nand no more"
        about = {"restore_id": restore_id, "message": message}
        said = {"actor": self.actor, "message": message}
        match what:
            case "fail":
                recorded = self.record.fail_restore(restore_id, failed_at=self.now, **said)
            case "cancel":
                recorded = self.record.cancel_restore(restore_id, cancelled_at=self.now, **said)
            case _:
                about["outcome"] = outcome
                recorded = self.record.complete_restore(
                    restore_id, completed_at=self.now, outcome=outcome, **said
                )
        self.shown(recorded)
        self.say(what, **about)

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

    def say(self, what: str, **about: Any) -> int:
        """Tell; the position of what was written."""
        from django.db import connection

        stream = about.get("restore_id") or about["backup_id"]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT max(position) FROM event_store_event WHERE stream_id = %s",
                [stream.hex if connection.vendor == "sqlite" else stream],
            )
            position: int = cursor.fetchone()[0]
        said = {"what": what, "position": position, "at": self.now, "actor": self.actor, **about}
        print(json.dumps(said, default=_text), flush=True)
        return position


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
