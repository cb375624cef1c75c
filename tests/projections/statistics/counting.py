"""An independent count of restores: from the rows as the database's driver returns them."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from math import ceil
from typing import Any, NamedTuple

from tests.support import raw

COLUMNS = (
    "status", "target_database", "restore_type", "trigger_type", "created_by_username",
    "created_by_id", "started_at", "completed_at", "created_at", "duration_seconds", "validation",
)  # fmt: skip
WELL_KNOWN = ("completed", "partial", "failed", "cancelled", "in_progress", "pending")


class Restore(NamedTuple):
    """A row of the consolidated table, as far as it counts."""

    status: str
    target_database: str
    restore_type: str
    trigger_type: str
    created_by_username: str | None
    created_by_id: str | None
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    duration_seconds: int | None
    validation: str | None

    @property
    def requested_by(self) -> str | None:
        return self.created_by_id if self.created_by_username is None else self.created_by_username

    @property
    def moment(self) -> datetime:
        return self.completed_at or self.started_at or self.created_at


def restores_in(url: str) -> list[Restore]:
    """The rows of the consolidated table."""
    found = raw.rows(url, f"SELECT {', '.join(COLUMNS)} FROM system_backups_restorelog")
    return [Restore(*(_time(n, value) for n, value in zip(COLUMNS, row, strict=True)))
            for row in found]  # fmt: skip


def _time(column: str, value: Any) -> Any:
    if column.endswith("_at") and isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def counted(restores: Sequence[Restore]) -> dict[str, Any]:
    """The figures of these restores, without percentiles: `durations` are all of them, sorted."""
    by_status = Counter(one.status for one in restores)
    ended = [one for one in restores if one.status in ("completed", "partial", "failed")]
    well = [one for one in ended if one.status != "failed"]
    backwards = [one for one in ended if one.started_at and one.completed_at
                 and one.completed_at < one.started_at]  # fmt: skip
    forwards = [one for one in ended if one not in backwards]
    durations = sorted(one.duration_seconds for one in forwards if one.duration_seconds is not None)
    checked = Counter(one.validation for one in well)
    return {
        "restores": len(restores),
        "success_rate": by_status["completed"] / len(ended) if ended else None,
        **{word: by_status[word] for word in ("completed", "partial", "failed", "cancelled")},
        "running": by_status["in_progress"],
        "pending": by_status["pending"],
        "unknown": sum(n for word, n in by_status.items() if word not in WELL_KNOWN),
        "validation": {
            "passed": checked["passed"],
            "failed": checked["failed"],
            "never": checked[None],
            "rate": checked["passed"] / len(well) if well else None,
        },
        "durations": durations,
        "negative": len(backwards),
        "missing": sum(one.duration_seconds is None for one in forwards),
    }


def agrees(said: dict[str, Any], restores: Sequence[Restore]) -> None:
    """Fails unless an answer's figures are those of these restores, percentiles within 1%."""
    due = counted(restores)
    durations, negative, missing = (due.pop(name) for name in ("durations", "negative", "missing"))
    told = said["durations"]
    assert {name: said[name] for name in due} == due
    assert (told["measured"], told["negative"], told["missing"]) == (
        len(durations), negative, missing,
    )  # fmt: skip
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        if not durations:
            assert told[name] is None
            continue
        exact = durations[ceil(round(len(durations) * share, 6)) - 1]
        assert abs(told[name] - exact) <= exact * 0.01, (name, told[name], exact)
    assert told["mean"] == (sum(durations) / len(durations) if durations else None)


def inside(restores: Sequence[Restore], since: datetime, before: datetime) -> list[Restore]:
    return [one for one in restores if since <= one.moment < before]


def by(restores: Sequence[Restore], what: str, zone: tzinfo) -> dict[Any, list[Restore]]:
    """The restores in groups."""
    groups: dict[Any, list[Restore]] = {}
    for one in restores:
        key = (
            one.moment.astimezone(zone).date().isoformat() if what == "day" else getattr(one, what)
        )
        groups.setdefault(key, []).append(one)
    return groups
