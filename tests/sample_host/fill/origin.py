"""What the origin host's tables hold beside the usual columns."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from .plan import Plan, Row

CONFIGURATIONS = ("everything, daily", "media only", "Größe & Co")
CRONS = ("0 3 * * *", "*/20 * * * *", "0 0 29 2 *")
SIZES = (None, 0, 1, 2**31, 2**63 - 1)
PLACES = (
    *(("local", "cloud"),) * 2,  # both: the file on disk is the one to restore from
    *(("local", None),) * 2,
    *((None, "cloud"),) * 2,
    (None, None),
    ("", "cloud"),
)
EXPIRIES = (None, date(1970, 1, 1), date(2024, 2, 29), date(9999, 12, 31))
MESSAGES = ("", "", "", "42 tables\n", "gzip: stdout: No space left on device", "größer als ➡ 1 TB")


def configurations(plan: Plan) -> Iterator[Row]:
    """What is backed up; each has a schedule of the same id."""
    for number, name in enumerate(CONFIGURATIONS, 1):
        yield {"id": number, "name": name}


def schedules(plan: Plan) -> Iterator[Row]:
    """When."""
    for number, cron in enumerate(CRONS, 1):
        yield {"id": number, "configuration_id": number, "cron": cron}


def backups(plan: Plan, app: str, users: Sequence[Any], rows: Iterator[Row]) -> Iterator[Row]:
    """Backups with what either table of the origin host knows of them."""
    random = plan.random(f"{app}/origin backups")
    more = _dump if app == "database_management" else _backup
    for number, row in enumerate(rows):
        created = row["created_at"]
        seconds = random.randrange(7200)
        ended = row["status"] == "completed"
        yield (
            row
            | {
                "started_at": created + timedelta(microseconds=random.randrange(10**6)),
                "completed_at": created + timedelta(seconds=seconds, milliseconds=9)
                if ended
                else None,
                "duration_seconds": seconds if ended else None,
                "file_size": random.choice(
                    (*SIZES, random.getrandbits(43), random.getrandbits(33))
                ),
                "message": random.choice(MESSAGES),
                "is_encrypted": random.random() < 0.4,
                "expiry_date": _expiry(plan, random, number, created.date()),
                "created_by_id": random.choice((None, *users)),
            }
            | more(random, row)
        )


def restores(plan: Plan, app: str, backup_ids: Sequence[int], rows: Iterator[Row]) -> Iterator[Row]:
    """Restores as the origin host demands: each with a backup and a start."""
    random = plan.random(f"{app}/origin restores")
    for row in rows:
        if row["source_backup_id"] is None:
            row["source_backup_id"] = random.choice(backup_ids)
        if row["started_at"] is None:
            row["started_at"] = row["created_at"]
        yield {"is_overwrite": False} | row


def _dump(random: Random, row: Row) -> Row:
    return {
        "file_path": row["file_path"] if random.random() < 0.9 else None,
        "backup_method": random.choice(("manual", "automatic", "")),
        "compression": random.choice(("gzip", "zstd", "none")),
        "retention_days": random.choice((30, 30, 0, 365, 2**31 - 1)),
    }


def _backup(random: Random, row: Row) -> Row:
    local, cloud = random.choice(PLACES)
    configuration = random.choice((None, *range(1, len(CONFIGURATIONS) + 1)))
    return {
        "configuration_id": configuration,
        "schedule_id": random.choice((None, configuration)),
        "trigger_type": random.choice(("manual", "scheduled")),
        "storage_location": "both" if local and cloud else "cloud" if cloud else "local",
        "local_path": local and row["file_path"],
        "cloud_url": cloud and f"s3://bucket/κ/{row['id']}?versionId=%20{row['id']}",
        "is_compressed": random.random() < 0.8,
        "compression_type": random.choice(("gzip", "bzip2", "")),
    }


def _expiry(plan: Plan, random: Random, number: int, day: date) -> date | None:
    """Thirty days on; where odd rows are wanted, one that nobody expects, now and then."""
    if plan.odd and number % 5 == 0:
        return EXPIRIES[number // 5 % len(EXPIRIES)]
    return day + timedelta(days=30)
