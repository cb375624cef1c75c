"""The database of a long history, made once in a run for all that is asked of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.comparing import Alone, Bound
from tests.bench.places import Place, migrated
from tests.bench.running import run
from tests.bench.workload import Workload
from tests.support import raw


@dataclass
class History:
    """Where it is, and what was found while it was made; nothing if an earlier run had kept it."""

    where: Place
    url: str
    events: int
    rows: int
    found: list[Alone | Bound] = field(default_factory=list)


def made(where: Place, workload: Workload, *, kept: Path | None, quick: bool) -> History:
    """A log of the workload's length with all its tables, or the one that is kept in the folder."""
    events = workload.history["events"]
    note = None if kept is None else kept / f"history-of-{events}.json"
    if note is not None and note.exists():
        again = json.loads(note.read_text())
        return History(where, where.again(again["url"]), events, again["rows"])
    url = migrated(where)
    filled = run("fill_history", url, count=events, quick=quick)
    rebuilt = run("rebuild", url, count=events)
    if where.vendor == "postgresql":
        # As autovacuum does by itself some time after so many events.
        raw.vacuum(url, "event_store_event")
    history = History(where, url, events, rows_of(url))
    history.found.extend(_found(history, filled, rebuilt))
    if note is not None:
        note.write_text(json.dumps({"url": url, "rows": history.rows}))
    return history


def rows_of(url: str) -> int:
    return int(raw.value(url, "SELECT count(*) FROM system_backups_restorelog"))


def _found(
    history: History, filled: dict[str, Any], rebuilt: dict[str, Any]
) -> Iterator[Alone | Bound]:
    def alone(what: str, unit: str, value: float, size: int, peak: int) -> Alone:
        return Alone(
            what=what,
            vendor=history.where.vendor,
            unit=unit,
            each=[value],
            size=size,
            peak_memory=peak,
        )

    events, memory = history.events, rebuilt["peak_memory"]
    rate = events / filled["seconds"]
    yield alone("a long log, appended in bulk", "events/s", rate, events, filled["peak_memory"])
    rate = events / rebuilt["seconds"]
    yield alone("all tables of it, until the switch", "events/s", rate, events, memory)
    rate = events / (rebuilt["seconds"] + rebuilt["after_seconds"])
    yield alone("the same until searches have their indexes", "events/s", rate, events, memory)
    milliseconds = 1000 * rebuilt["search_seconds"]
    yield alone("the search indexes alone", "ms", milliseconds, history.rows, memory)
    yield Bound(
        what="size of what a long history takes",
        vendor=history.where.vendor,
        unit="MB",
        cases={"search indexes": rebuilt["search_bytes"] / 1e6, **_sizes(history)},
    )


def _sizes(history: History) -> dict[str, float]:
    """Megabytes of each table with its indexes, of those that have a megabyte."""
    statement = (
        "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        if history.where.vendor == "postgresql"
        else "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master"
        " ON dbstat.name = sqlite_master.name GROUP BY tbl_name"
    )
    sizes = raw.rows(history.url, statement)
    return {f"{name} with its indexes": size / 1e6 for name, size in sizes if size > 1e6}
