"""Statistics as a page at the terminal."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from rich.console import Group
from rich.text import Text

from api.management.base import counted
from api.management.presentation import in_columns
from api.management.shell_zone import zone_name, zoned
from api.management.spoken_times import briefly
from infrastructure.printable import printable
from projections.statistics.question import Then

COLUMNS = (
    "restores", "success", "completed", "partial", "failed", "cancelled", "running", "validated",
    "p50", "p95", "p99",
)  # fmt: skip
BACKUPS = {
    "backups": "backups",
    "never_restored": "never restored",
    "never_validated": "never validated",
    "passed": "passed",
    "failed": "failed",
}
"""The figures of backups, and their columns."""


def statistics_page(result: dict[str, Any], zone: tzinfo, as_of: Then | None) -> Group:
    """An answer of the statistics for a person at the terminal."""
    total = result["total"]
    lines = [_told(result["interval"], zone)]
    if as_of is not None:
        lines.append(Text(f"As known at position {as_of.position:,} of the log."))
    lines.append(Text())
    by = result["by"]
    rows = [["all", *_cells(total)]]
    rows += [[_name(one["value"]), *_cells(one)] for one in result.get("groups", ())]
    lines.append(in_columns([(by or "").upper() or "RESTORES OF", *COLUMNS], rows))
    if left_out := result.get("groups_left_out"):
        lines.append(Text(f"{counted(left_out, 'group')} with fewer restores: --limit shows more."))
    lines += [Text(), *map(Text, _apart(total))]
    if result["longest"]:
        lines += [Text(), Text("The longest:")]
        lines.append(
            in_columns(
                ["id", "duration", "target", "status", "name"],
                [
                    [
                        str(one["id"]),
                        briefly(one["duration_seconds"]),
                        printable(one["target_database"]),
                        printable(one["status"]),
                        printable(one["name"]),
                    ]
                    for one in result["longest"]
                ],
            )
        )
    if "backups" in result:
        lines += [Text(), *_backups(result["backups"], by, zone)]
    return Group(*lines)


def _backups(found: dict[str, Any], by: str | None, zone: tzinfo) -> Iterator[Any]:
    """The backups that were made in the interval."""
    if not found["backups"]:
        yield Text("No backups were made in it.")
        return
    groups = found.get("groups")
    rows = [["all", *(f"{found[name]:,}" for name in BACKUPS)]]
    rows += [[_name(one["value"]), *(f"{one[name]:,}" for name in BACKUPS)] for one in groups or ()]
    yield Text("Backups made in it, by what became of their restores:")
    yield in_columns(
        [(by or "").upper() if groups is not None else "BACKUPS OF", *BACKUPS.values()], rows
    )
    if left_out := found.get("groups_left_out"):
        yield Text(f"{counted(left_out, 'group')} with fewer: --limit shows more.")
    if found["latest_never_restored"]:
        yield Text()
        yield Text("The latest that were never restored:")
        yield in_columns(
            ["id", "made", "database", "name"],
            [
                [
                    str(one["id"]),
                    zoned(one["created_at"], zone) if one["created_at"] else "-",
                    _name(one["database_name"]),
                    _name(one["name"]),
                ]
                for one in found["latest_never_restored"]
            ],
        )


def _told(interval: dict[str, Any], zone: tzinfo) -> Text:
    since, before = (
        one and zoned(datetime.fromisoformat(one), zone)
        for one in (interval["since"], interval["before"])
    )
    parts = [f"from {since}" if since else "", f"to before {before}" if before else ""]
    told = " ".join(filter(None, parts)) or "of all times"
    return Text(f"Restores {told}, time zone {zone_name(zone)}")


def _cells(figures: dict[str, Any]) -> list[str]:
    durations = figures["durations"]
    return [
        f"{figures['restores']:,}",
        _percent(figures["success_rate"]),
        *(f"{figures[name]:,}" for name in ("completed", "partial", "failed", "cancelled")),
        f"{figures['running'] + figures['pending']:,}",
        _percent(figures["validation"]["rate"]),
        *("-" if durations[name] is None else briefly(round(durations[name]))
          for name in ("p50", "p95", "p99")),
    ]  # fmt: skip


def _apart(total: dict[str, Any]) -> list[str]:
    """What is in no rate, in a line each."""
    durations = total["durations"]
    lines = [
        f"Durations: {durations['measured']:,} measured, {durations['missing']:,} missing, "
        f"{durations['negative']:,} negative. Percentiles are within 1%."
    ]
    if total["unknown_statuses"]:
        told = ", ".join(f"{printable(word)} ({n:,})" for word, n in
                         total["unknown_statuses"].items())  # fmt: skip
        lines.append(f"Other statuses, in no rate: {told}.")
    return lines


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1%}"


def _name(value: str | None) -> str:
    # A name that is empty can be seen, and is not one that is missing.
    return "-" if value is None else printable(value) or "''"
