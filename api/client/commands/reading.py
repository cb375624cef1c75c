"""`list`, `describe` and `follow`: what the log knows."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..configuration import read_configuration
from ..following import LogFollower
from ..http_transport import HttpTransport
from ..transport import Body, NotReached
from ..zone import zone_here
from .parsing import Parser
from .printing import complain, duration_text, escaped, local_time, print_json, print_table

PAUSE = 2.0
"""Seconds between two looks of `follow`."""
MOST_ROWS = 1000
"""Rows of a page."""
OVER = ("completed", "partial", "failed", "cancelled")
FOLLOWING = """\
Shows what happens to a restore until it is over. Without a restore, every event of the log from
now on, each once and in order, until Ctrl-C. If the connection or the service is lost, a line on
stderr says so; the events of the meantime come as soon as it is back.

Events come as the service records them (server-sent events). A service that sends no streams, or
a proxy that holds them back, is asked for new events every two seconds instead; a line says so.
"""
LABELS = {
    "name": "Name",
    "status": "Status",
    "validation": "Validation",
    "target_database": "Target",
    "restore_type": "Type",
    "trigger_type": "Trigger",
    "is_overwrite": "Overwrites",
    "source_backup": "Backup",
    "started_at": "Started",
    "completed_at": "Ended",
    "duration_seconds": "Took",
    "created_by_username": "Requested by",
    "warnings_count": "Warnings",
    "attributes": "Attributes",
    "message": "Message",
    "restore_id": "UUID",
}
"""Members of a row that `describe` shows, in this order, and what it calls them."""
QUIET_COLUMNS = frozenset({"updated_at", "version", "created_at", "id", "restore_id"})
"""Columns whose changes the timeline does not repeat."""


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    listing = commands.add_parser("list", help="list restores, the newest last")
    add = listing.add_argument
    add("--failed", action="store_true", help="the same as --status failed")
    add("--status", help="pending, in_progress, completed, partial, failed, cancelled")
    add("--target", "--target-database", dest="target_database", metavar="NAME",
        help="what was restored into")  # fmt: skip
    add("--search", metavar="WORDS", help="words in the name, the message or the attributes")
    add("--since", metavar="TIME",
        help="ended then or later, or started then or later and still running: yesterday, 24h, "
        "'2 days ago', 22:30, 2026-01-31")  # fmt: skip
    add("--until", metavar="TIME", help="the same, then or before; a day is included")
    add("--last", metavar="LENGTH", help="the same, in the last 24h, '30 days' or '2 weeks'")
    add("--tz", metavar="ZONE", help="the time zone of times; default: this machine's")
    add_limit(listing)
    listing.set_defaults(function=_list)
    describing = commands.add_parser("describe", help="show one restore and what happened to it")
    describing.add_argument("restore", metavar="ID", help="its number or its UUID")
    describing.add_argument("--json", action="store_true", help="print a JSON object")
    describing.set_defaults(function=_describe)
    following = commands.add_parser(
        "follow",
        help="show what happens to a restore until it is over, or all that happens",
        description=FOLLOWING,
    )
    following.add_argument(
        "restore", metavar="ID", nargs="?",
        help="its number or its UUID; else every event of the log, which needs the role auditor",
    )  # fmt: skip
    following.set_defaults(function=_follow)


def _service() -> HttpTransport:
    return HttpTransport(read_configuration())


def _list(options: argparse.Namespace) -> int:
    service = _service()
    found = service.get(
        "restores/",
        status="failed" if options.failed else options.status,
        target_database=options.target_database,
        search=options.search,
        **interval_parameters(options),
        page_size=rows_asked_for(options),
    )
    warn_of(service)
    head = ("ID", "REQUESTED", "STATUS", "TARGET", "TOOK", "BY", "NAME")
    return show_list(options, "restores", found, head, _line)


def interval_parameters(options: argparse.Namespace) -> dict[str, str | None]:
    """The parameters of an interval; the list is then ordered by it, the newest first."""
    asked = {name: getattr(options, name) for name in ("since", "until", "last")}
    return {**asked, "tz": options.tz or zone_here()} if any(asked.values()) else {}


def add_limit(parser: argparse.ArgumentParser) -> None:
    """The options that every list has."""
    add = parser.add_argument
    add("--limit", type=int, default=20, metavar="N", help="at most so many (default: 20)")
    add("--json", action="store_true", help="print a JSON object")


def rows_asked_for(options: argparse.Namespace) -> int:
    """How many rows to ask for."""
    return int(min(max(options.limit, 1), MOST_ROWS))


def show_list(
    options: argparse.Namespace,
    name: str,
    found: Body,
    head: Sequence[str],
    line: Callable[[Body], Sequence[object]],
) -> int:
    """Print a page of a list that came newest first, the newest last; the exit code."""
    rows = found["results"][::-1]
    if options.json:
        print_json({name: rows})
        return 0
    print_table(head, [line(row) for row in rows])
    if found.get("next"):
        complain(f"There are more; these are the newest {len(rows)}. See --limit and the filters.")
    return 0


def _line(row: Body) -> tuple[object, ...]:
    status = str(row["status"])
    if row.get("validation"):
        status += f" ({row['validation']})"
    return (
        row["id"],
        local_time(row["created_at"]),
        status,
        row["target_database"],
        duration_text(row["duration_seconds"]),
        row["created_by_username"],
        row["name"],
    )


def _describe(options: argparse.Namespace) -> int:
    service = _service()
    row = service.get(f"restores/{options.restore}/")
    events = list(pages_of(service, f"restores/{row['restore_id']}/events/"))
    warn_of(service)
    if options.json:
        print_json({"restore": row, "events": events})
        return 0
    for name, label in LABELS.items():
        text = _told(name, row.get(name))
        if text:
            first, *more = text.splitlines()
            print(f"{label + ':':<14}{escaped(first)}")
            for line in more:
                print(f"{'':<14}{escaped(line)}")
    print("\nWhat happened")
    for event in events:
        print(f"  {_happened(event)}")
    return 0


def _told(name: str, value: Any) -> str:
    """A member's value for a person; empty if there is nothing to tell."""
    if value is None or value == {}:
        return ""
    if name.endswith("_at"):
        return local_time(value)
    if name == "duration_seconds":
        return duration_text(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key}={one}" for key, one in value.items())
    return str(value)


def _follow(options: argparse.Namespace) -> int:
    service = _service()
    if options.restore is None:
        return _follow_all(service)
    row = service.get(f"restores/{options.restore}/")
    trail, seen = f"restores/{row['restore_id']}/events/", 0
    print(escaped(row["name"]), flush=True)
    lost = ""
    while True:
        try:
            # First the row: its last event must be among those that are read after it.
            row = service.get(f"restores/{row['restore_id']}/")
            for event in pages_of(service, trail):
                if event["position"] > seen:
                    seen = event["position"]
                    print(_happened(event), flush=True)
            lost = ""
        except NotReached as error:
            if lost != str(error):
                lost = str(error)
                complain(lost)
        else:
            if row["status"] in OVER:
                return 0
        time.sleep(PAUSE)


def _follow_all(service: HttpTransport) -> int:
    """Every event from now on."""
    for event in LogFollower(service, complain).events():
        print(f"{_happened(event)}  {event['stream_id']}", flush=True)
    return 0


def pages_of(service: HttpTransport, path: str) -> Iterator[Body]:
    """The results of every page."""
    page = service.get(path)
    while True:
        yield from page["results"]
        if not page.get("next"):
            return
        page = service.get(page["next"])


def _happened(event: Body) -> str:
    """An event in a line: when it was recorded, what, who, and what it changed."""
    person = f" as {event['on_behalf_of']}" if event.get("on_behalf_of") else ""
    parts = [local_time(event["recorded_at"]), event["topic"], f"by {event['actor']}{person}"]
    if event.get("reason"):
        parts.append(f"because: {event['reason']}")
    changed = {
        change["column"]: change["new"]
        for change in event.get("changes", ())
        if change["label"] == "system_backups.RestoreLog"
        and change["row"] == "changed"
        and change["column"] not in QUIET_COLUMNS
    }
    parts += [f"{name}={_short(value)}" for name, value in changed.items()]
    return escaped("  ".join(parts))


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def warn_of(service: HttpTransport) -> None:
    """Pass on what the service warns of in every answer."""
    if service.warning:
        complain(service.warning)
