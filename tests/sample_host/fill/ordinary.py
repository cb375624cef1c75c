"""The rows of a day like any other."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from .plan import Plan, Row

# A million iterations, as Django's default has it, would be half the time of a small host.
HASHED_PASSWORD = PBKDF2PasswordHasher().encode("admin", "samplehost", iterations=1000)
FIRST_DAY = datetime(2019, 3, 4)
YEARS = timedelta(days=6.6 * 365)
DATABASES = ("orders", "billing", "crm", "warehouse", "analytics", "auth", "Größe", "customer-db")
STATUSES = ("completed",) * 14 + ("failed",) * 3 + ("cancelled", "pending", "in_progress")
METHODS = ("manual",) * 5 + ("automatic",) * 4 + ("recovery",)
TYPES = ("database",) * 4 + ("files",) * 3 + ("full",) * 2 + ("custom",)
NAMES = (
    "Restore of {database} for {who}",
    "{database} → staging",
    "nightly check {database}",
    "Wiederherstellung {database} (Prüfung)",
    "{database} before release {n}",
)
PEOPLE = (
    *("admin", "ada", "grace", "björn", "łucja", "王芳", "o'neil", "d.ba", "night-job"),
    *("Priya", "jean-luc", "x", "ops@example.org", "maria.del.carmen", "أحمد"),
)
LINES = (
    'pg_restore: processing data for table "public.{n}"',
    "pg_restore: creating INDEX idx_{n}",
    "tar: {n} files extracted",
    "validation: row counts equal",
    "WARNING: statistics were not restored",
    'ERROR: duplicate key value violates unique constraint "u_{n}"',
)


def users(plan: Plan) -> Iterator[Row]:
    """A handful of people; `admin` (password `admin`) may log in to the host's own admin."""
    random = plan.random("users")
    for number, name in enumerate(PEOPLE):
        id_ = uuid.UUID(int=random.getrandbits(128), version=4)
        joined = _moment(random, FIRST_DAY, 1000.0)
        yield {
            "id": id_ if plan.variant == "strange" else number * 3 + 1,
            "username": name,
            "display_name": name.title(),
            "email": name if "@" in name else f"person{number}@example.org",
            "password": HASHED_PASSWORD if number == 0 else "!",
            "first_name": "",
            "last_name": "",
            "is_superuser": number == 0,
            "is_staff": number < 4,
            "is_active": number != 5,
            "last_login": None if number % 2 else joined + timedelta(days=number),
            "date_joined": joined,
        }


def backup_ids(plan: Plan, app: str) -> list[int]:
    """Ids with gaps; those of the two apps overlap, and neither holds all of the other's."""
    if not plan.backups:
        return []
    return list(_ids(plan.random(f"{app}/backup ids"), max(1, plan.rows // 4)))


def backups(plan: Plan, app: str, ids: Sequence[int]) -> Iterator[Row]:
    """One backup for each of the ids."""
    random = plan.random(f"{app}/backups")
    step = YEARS / max(1, len(ids))
    for number, id_ in enumerate(ids):
        created = _moment(random, FIRST_DAY + number * step, step.total_seconds())
        database = random.choice(DATABASES)
        yield {
            "id": id_,
            "name": f"{app} {database} {created:%Y-%m-%d}",
            "backup_type": random.choice(("full", "incremental", "schema")),
            "status": random.choice(("completed", "completed", "completed", "failed")),
            "database_name": database if random.random() < 0.95 else "",
            "file_path": f"/backups/{app}/{database}/{id_}.dump.zst",
            "size_bytes": random.choice((None, 0, random.getrandbits(43))),
            "created_at": created,
            "updated_at": created + timedelta(seconds=random.randrange(7200)),
        }


def restores(
    plan: Plan, app: str, users: Sequence[Any], backup_ids: Sequence[int]
) -> Iterator[Row]:
    """As many restores as planned, oldest first, with gaps between the ids."""
    random = plan.random(f"{app}/restores")
    messages = tuple(_message(random) for _ in range(200))
    statuses = STATUSES if app == "database_management" else (*STATUSES, "partial")
    step = YEARS / max(1, plan.rows)
    width = step.total_seconds()
    pick, chance = random.choice, random.random
    for number, id_ in enumerate(_restore_ids(plan, app)):
        created = _moment(random, FIRST_DAY + number * step, width)
        status = pick(statuses)
        started = completed = duration = None
        if status != "pending":
            started = created + timedelta(seconds=round(chance() * 90, 6))
            if status != "in_progress":
                duration = int(chance() ** 3 * 7200)
                completed = started + timedelta(seconds=round(duration + chance() * 0.99, 6))
        database = pick(DATABASES)
        method = pick(METHODS)
        yield {
            "id": id_,
            "name": pick(NAMES).format(database=database, who=pick(PEOPLE), n=number % 97),
            "source_backup_id": pick(backup_ids) if backup_ids and chance() < 0.8 else None,
            "status": status,
            "started_at": started,
            "completed_at": completed,
            "duration_seconds": duration,
            "message": pick(messages) if status != "pending" else "",
            "created_by_id": pick(users) if chance() < 0.9 else None,
            "created_at": created,
            "updated_at": (completed or started or created) + timedelta(microseconds=1731),
            "restore_method": method,
            "target_database": database,
            "restore_type": pick(TYPES),
            "trigger_type": method,
            "is_overwrite": chance() < 0.3,
        }


def reviews(plan: Plan, users: Sequence[Any]) -> Iterator[Row]:
    """A review of one legacy restore in twenty; they point at restores from another app."""
    random = plan.random("reviews")
    for number, restore in enumerate(_restore_ids(plan, "database_management")):
        if number % 20 == 0:
            yield {
                "id": number // 20 + 1,
                "restore_id": restore,
                "reviewer_id": random.choice(users),
                "verdict": random.choice(("fine", "fine", "repeat", "wrong target")),
                "note": "",
                "reviewed_at": FIRST_DAY + YEARS + timedelta(minutes=number),
            }


def _restore_ids(plan: Plan, app: str) -> Iterator[int]:
    return _ids(plan.random(f"{app}/restore ids"), plan.rows)


def _ids(random: Random, count: int) -> Iterator[int]:
    id_ = 0
    for number in range(count):
        id_ += 1 if random.random() < 0.9 else random.randrange(2, 12)
        if number == count // 2:
            id_ += 1000  # somebody deleted a whole month
        yield id_


def _moment(random: Random, start: datetime, width: float) -> datetime:
    """A moment in the `width` seconds from `start`; one in ten is a whole second."""
    moment = start + timedelta(seconds=random.random() * width)
    return moment.replace(microsecond=0) if random.random() < 0.1 else moment


def _message(random: Random) -> str:
    lines = (random.choice(LINES) for _ in range(random.randrange(5)))
    return "\n".join(line.format(n=random.randrange(1000)) for line in lines)
