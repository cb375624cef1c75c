"""The log that the benchmarks replay: made up, but the same in every run.

Imported rows of both host tables and their backups, restores recorded here from request to end,
lying interleaved as they would, and some amendments, changes and disappearances. An endless
stream: the first n events are the same whether n is asked for or more.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from domain.backups.events import BackupImported, BackupRegistered
from domain.consolidation.consolidation import CONSOLIDATION_ID, DEFAULT_OFFSET
from domain.consolidation.events import HostAdopted
from domain.events import Event, Metadata
from domain.restores.events import (
    HostRow,
    RestoreAmended,
    RestoreCancelled,
    RestoreChangedInHost,
    RestoreCompleted,
    RestoreFailed,
    RestoreImported,
    RestoreRequested,
    RestoreStarted,
    RestoreVanishedFromHost,
)
from domain.restores.values import BackupRef
from domain.values import Columns, Tagged
from tests.bench.workload import Workload

FIRST_DAY = datetime(2019, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
DATABASES = ("orders", "billing", "crm", "warehouse", "Größe", "customer-db")
PEOPLE = ("ada", "grace", "björn", "王芳", "o'neil", "night-job")
STATUSES = ("completed",) * 14 + ("failed",) * 3 + ("cancelled", "pending", "in_progress")
TYPES = ("database",) * 4 + ("files",) * 3 + ("full",) * 2 + ("custom",)
TRIGGERS = ("manual", "automatic", "recovery")
LINES = (
    'pg_restore: processing data for table "public.customers"',
    "tar: 4711 files extracted",
    "validation: row counts equal",
    "WARNING:\tstatistics were not restored",
)
IMPORT = Metadata(actor="import", correlation=UUID(int=7))


def first_events(count: int, workload: Workload) -> Iterator[Event]:
    """The first `count` events of the workload's log, for an empty log."""
    return islice(Story(workload).events(), count)


class Story:
    """Tells what happened, one event after the other."""

    databases: Sequence[str] = DATABASES
    people: Sequence[str] = PEOPLE
    statuses: Sequence[str] = STATUSES
    pause = 60_000_000
    """The longest time between two things that happen, in microseconds."""

    def __init__(self, workload: Workload) -> None:
        self.random = Random(workload.seed)
        self.mix = workload.log
        self.endings = [name for name, share in self.mix["endings"].items() for _ in range(share)]
        self.now = FIRST_DAY
        self.versions: dict[UUID, int] = {}
        self.imported: list[RestoreImported] = []
        self.backups: dict[str, list[BackupRef]] = {"legacy": [], "consolidated": []}
        self.keys = {"legacy": 0, "consolidated": 0, "backups": 0}

    def events(self) -> Iterator[Event]:
        """Round after round, without end."""
        yield HostAdopted(
            originator_id=CONSOLIDATION_ID,
            originator_version=1,
            metadata=IMPORT,
            host_id=self._uuid(),
            fingerprint="bench",
            id_offset=DEFAULT_OFFSET,
        )
        while True:
            yield from self._import()
            yield from self._work()

    def _import(self) -> Iterator[Event]:
        for _ in range(self.mix["backups_imported"]):
            yield self._backup_imported(self.random.choice(("legacy", "consolidated")))
        for origin in ("legacy", "consolidated"):
            share = "legacy_imported" if origin == "legacy" else "native_imported"
            for _ in range(self.mix[share]):
                event = self._restore_imported(origin)
                self.imported.append(event)
                yield event
        # The rows of the rounds before are done with: what is remembered stays bounded.
        del self.imported[:-1000]

    def _work(self) -> Iterator[Event]:
        """Restores recorded here, with the rarer events strewn between theirs."""
        rare: list[Callable[[], Event]] = [
            *[self._backup_registered] * self.mix["backups"],
            *[self._amended] * self.mix["amended"],
            *[self._changed] * self.mix["changed"],
            *[self._vanished] * self.mix["vanished"],
        ]
        self.random.shuffle(rare)
        waiting = [self._life() for _ in range(self.mix["restores"])]
        steps = 3 * len(waiting)
        running: list[Iterator[Event]] = []
        while waiting or running:
            while waiting and len(running) < self.mix["open_at_once"]:
                running.append(waiting.pop())
            if rare and self.random.random() < len(rare) / max(steps, 1):
                yield rare.pop()()
            steps -= 1
            life = self.random.choice(running)
            event = next(life, None)
            if event is None:
                running.remove(life)
            else:
                yield event
        yield from (event() for event in rare)

    def _life(self) -> Iterator[Event]:
        """One restore, from its request to its end."""
        random, stream = self.random, self._uuid()
        who, ending = random.choice(self.people), random.choice(self.endings)
        backups = self.backups["consolidated"]
        details: dict[str, Any] = {"originator_id": stream, "metadata": self._metadata(who)}

        def at(version: int) -> dict[str, Any]:
            return {**details, "originator_version": version}

        yield RestoreRequested(
            **at(1),
            id_offset=2 * DEFAULT_OFFSET,
            name=f"{random.choice(self.databases)} → staging",
            backup=random.choice(backups) if backups and random.random() < 0.8 else None,
            restore_type=random.choice(TYPES),
            trigger_type=random.choice(TRIGGERS),
            target_database=random.choice(self.databases),
            is_overwrite=random.random() < 0.3,
            requested_by=str(random.randrange(50)),
            requested_by_username=who,
            requested_at=self._time(),
            message="",
            attributes={},
            recorded_afterwards=False,
        )
        if ending == "cancelled_pending":
            yield RestoreCancelled(
                **at(2), cancelled_at=self._time(), message="called off", signal=None, output=""
            )
            return
        yield RestoreStarted(
            **at(2), started_at=self._time(), command="", host="", heartbeat_seconds=None
        )
        message = "\n".join(random.choices(LINES, k=random.randrange(4)))
        counted: dict[str, Any] = {
            "warnings": (),
            "warnings_count": None,
            "exit_code": None,
            "output": "",
        }
        match ending:
            case "failed":
                yield RestoreFailed(
                    **at(3),
                    **counted,
                    failed_at=self._time(),
                    message=message,
                    cause="error",
                    signal=None,
                    errors=(),
                )
            case "cancelled_running":
                yield RestoreCancelled(
                    **at(3), cancelled_at=self._time(), message=message, signal=None, output=""
                )
            case _:
                yield RestoreCompleted(
                    **at(3), **counted, completed_at=self._time(), outcome=ending, message=message
                )

    def _restore_imported(self, origin: str) -> RestoreImported:
        random = self.random
        self.keys[origin] += 1 if random.random() < 0.9 else random.randrange(2, 12)
        key = self.keys[origin]
        created = self._time()
        status = random.choice(self.statuses)
        started = completed = duration = None
        if status != "pending":
            started = created + timedelta(seconds=round(random.random() * 90, 6))
            if status != "in_progress":
                duration = int(random.random() ** 3 * 7200)
                completed = started + timedelta(seconds=duration, microseconds=4711)
        backups = self.backups[origin]
        backup = random.choice(backups) if backups and random.random() < 0.8 else None
        legacy = origin == "legacy"
        trigger = random.choice(TRIGGERS)
        own: Columns = (
            {"restore_method": trigger, "target_database": random.choice(self.databases)}
            if legacy
            else {"restore_type": random.choice(TYPES), "trigger_type": trigger,
                  "is_overwrite": random.random() < 0.3}
        )  # fmt: skip
        own_id = None if backup is None else backup.legacy if legacy else backup.consolidated
        return RestoreImported(
            originator_id=self._uuid(),
            originator_version=1,
            metadata=IMPORT,
            origin="legacy" if legacy else "consolidated",
            legacy_id=key if legacy else None,
            consolidated_id=DEFAULT_OFFSET + key if legacy else key,
            columns={
                "id": key,
                "name": f"nightly check {random.choice(self.databases)}",
                "source_backup_id": own_id,
                "status": status,
                "started_at": _tagged(started),
                "completed_at": _tagged(completed),
                "duration_seconds": duration,
                "message": "\n".join(random.choices(LINES, k=random.randrange(4))),
                "created_by_id": random.randrange(1, 50),
                "created_at": _tagged(created),
                "updated_at": _tagged(completed or started or created),
                **own,
            },
            derived={} if legacy else {"target_database": random.choice(self.databases)},
            assumed={"restore_type": "database", "is_overwrite": False} if legacy else {},
            sources={},
            backup=backup,
            username=random.choice(self.people),
        )

    def _backup_imported(self, origin: str) -> Event:
        self.keys["backups"] += 1
        key, legacy = self.keys["backups"], origin == "legacy"
        ref = BackupRef(
            backup_id=self._uuid(),
            legacy=key if legacy else None,
            consolidated=DEFAULT_OFFSET + key if legacy else key,
        )
        self.backups[origin].append(ref)
        created = self._time()
        database = self.random.choice(self.databases)
        return BackupImported(
            originator_id=ref.backup_id,
            originator_version=1,
            metadata=IMPORT,
            origin="legacy" if legacy else "consolidated",
            legacy_id=ref.legacy,
            consolidated_id=ref.consolidated or 0,
            columns={
                "id": key,
                "name": f"{database} {created:%Y-%m-%d}",
                "backup_type": "full",
                "status": "completed",
                "database_name": database,
                "file_path": f"/backups/{database}/{key}.dump.zst",
                "size_bytes": self.random.getrandbits(43),
                "created_at": _tagged(created),
                "updated_at": _tagged(created),
            },
            derived={},
            assumed={},
            sources={},
        )

    def _backup_registered(self) -> Event:
        database = self.random.choice(self.databases)
        return BackupRegistered(
            originator_id=self._uuid(),
            originator_version=1,
            metadata=self._metadata(self.random.choice(self.people)),
            id_offset=2 * DEFAULT_OFFSET,
            name=f"{database} before release",
            backup_type=self.random.choice(("database", "files", "full")),
            status="completed",
            database_name=database,
            file_path=f"/backups/{database}.dump.zst",
            size_bytes=self.random.getrandbits(40),
            registered_at=self._time(),
            checksum="",
            format="",
            contents={},
        )

    def _amended(self) -> Event:
        row = self.random.choice(self.imported)
        return RestoreAmended(
            **self._next(row, Metadata(actor="ada", reason="the log of that night says so")),
            amended_at=self._time(),
            changes={"status": "failed", "message": "disk full\non the target"},
            backup=None,
        )

    def _changed(self) -> Event:
        row = self.random.choice(self.imported)
        kept = {f: getattr(row, f) for f in HostRow.__struct_fields__ if f not in _ENVELOPE}
        kept["columns"] = {**row.columns, "name": f"renamed {self.random.randrange(1000)}"}
        return RestoreChangedInHost(**self._next(row, IMPORT), **kept)

    def _vanished(self) -> Event:
        row = self.imported.pop(self.random.randrange(len(self.imported)))
        return RestoreVanishedFromHost(**self._next(row, IMPORT))

    def _next(self, row: Event, metadata: Metadata) -> dict[str, Any]:
        """The envelope of the next event in this imported row's stream."""
        version = self.versions.get(row.originator_id, 1) + 1
        self.versions[row.originator_id] = version
        return {
            "originator_id": row.originator_id,
            "originator_version": version,
            "metadata": metadata,
        }

    def _metadata(self, who: str) -> Metadata:
        """Of what this person records in one piece of work."""
        return Metadata(actor=who)

    def _uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def _time(self) -> datetime:
        """A little later than the last one."""
        self.now += timedelta(microseconds=self.random.randrange(self.pause))
        return self.now


_ENVELOPE = frozenset(Event.__struct_fields__)


def _tagged(moment: datetime | None) -> Tagged | None:
    """A time as a SQLite host stores it: text, UTC, without an offset."""
    return None if moment is None else Tagged("time", str(moment.replace(tzinfo=None)))
