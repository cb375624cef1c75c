"""What the console has to show: ordinary restores and backups, and odd ones."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from projections.services import record

HOSTILE = "\"'><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
LONG = "nightly_" * 31 + "orders!"
"""255 characters without a space."""
FROM_RIGHT = "استعادة قاعدة البيانات"


class Ordinary(NamedTuple):
    """What the tests look for."""

    failed: UUID
    """Last night's restore of `orders`, which ada asked for and grace ran."""
    amended: UUID
    running: UUID
    backup: UUID


def ordinary() -> Ordinary:
    """Thirty restores of the last month, made from a backup, and one that still runs."""
    now = datetime.now(UTC).replace(microsecond=0)
    backup = record.register_backup(
        name="shop, Monday", actor="ada", database_name="shop", backup_type="full"
    ).what
    record.register_backup(name="never restored", actor="ada", database_name="orders")
    for day in range(30, 2, -1):
        begun = now - timedelta(days=day, hours=2)
        record.record_finished_restore(
            name=f"drill {day}",
            actor=("ada", "grace")[day % 2],
            status=("completed", "completed", "partial", "failed")[day % 4],
            target_database=("shop", "orders", "billing")[day % 3],
            started_at=begun,
            completed_at=begun + timedelta(minutes=day),
            message="" if day % 4 else 'relation "orders" does not exist',
            is_overwrite=day % 5 == 0,
            backup_id=backup.id if day % 3 == 0 else None,
        )
    failed = record.request_restore(
        name="nightly orders",
        actor="ada",
        target_database="orders",
        reason="the monthly drill",
        requested_at=now - timedelta(hours=9, minutes=1),
    ).what
    record.start_restore(failed.id, actor="grace", started_at=now - timedelta(hours=9))
    record.fail_restore(
        failed.id,
        actor="grace",
        failed_at=now - timedelta(hours=8),
        message="could not write block: disk full",
        exit_code=1,
        output="pg_restore: error: could not write block 812\n" * 20,
    )
    amended = record.request_restore(name="billing", actor="grace", target_database="bilin").what
    record.start_restore(amended.id, actor="grace")
    record.complete_restore(amended.id, actor="grace", warnings=["3 rows skipped"])
    record.amend_restore(
        amended.id, {"target_database": "billing"}, actor="ada", reason="a slip of the pen"
    )
    record.validate_restore(amended.id, actor="ada", result="passed", check="count rows")
    running = record.request_restore(name="shop again", actor="grace", target_database="shop").what
    record.start_restore(running.id, actor="grace")
    return Ordinary(failed.id, amended.id, running.id, backup.id)


def ordinary_restore() -> list[UUID]:
    """The same; one of the restores."""
    return [ordinary().amended]


def nothing() -> list[UUID]:
    """A log without events."""
    return []


def odd() -> list[UUID]:
    """Texts that are hostile, long, from right to left, or a megabyte; returns one's restore."""
    for name in (HOSTILE, LONG, FROM_RIGHT, "\u202ednuor yaw gnorw", " "):
        one = record.request_restore(
            name=name,
            actor=name[:150] if name in (HOSTILE, LONG, FROM_RIGHT) else "ada",
            target_database=name[:100],
            reason=name,
            attributes={"ticket": name[:200]},
            message=name,
        ).what
        record.start_restore(one.id, actor="grace", command=name)
        record.fail_restore(
            one.id,
            actor="grace",
            message=name * 3,
            errors=[name] * 30,
            warnings=[name] * 30,
            output=f"{name}\n" * (60_000 // (len(name) + 1)),
        )
        record.register_backup(name=name, actor="ada", database_name=name[:100])
    megabyte = record.request_restore(
        name="a megabyte", actor="ada", target_database="orders", message="words " * 170_000
    ).what
    record.amend_restore(megabyte.id, {"name": HOSTILE}, actor=FROM_RIGHT, reason=HOSTILE)
    return [megabyte.id]
