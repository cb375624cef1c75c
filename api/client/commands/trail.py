"""`audit`: the trail of one restore, or of the whole log, in words."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from ..configuration import read_configuration
from ..http_transport import HttpTransport
from ..transport import Body
from ..zone import zone_here
from .parsing import Parser
from .printing import escaped, local_time, print_json
from .reading import MOST_ROWS, pages_of, warn_of

DESCRIPTION = """\
Who recorded what, when and why, the newest last. Of one restore, each event with the columns that
it changed, which needs the role viewer; of the whole log, which needs the role auditor. The
options and the words are those of the service's own command, manage.py audit.
"""
WIDTH = 60
"""So many characters of a changed value are shown."""
TABLE_NAMES = {"database_management": "legacy table", "system_backups": "consolidated table"}
SEARCHED = ("person", "topic", "correlation", "since", "until", "last", "changes")
"""The options that choose events of the whole log."""


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "audit", help="show who recorded what, when and why", description=DESCRIPTION
    )
    parser.add_argument("restore", nargs="?", metavar="ID", help="its number or its UUID")
    add = parser.add_argument
    add("--person", metavar="NAME",
        help="only what this person recorded, or what was recorded on behalf of them")  # fmt: skip
    add("--topic", metavar="TOPIC",
        help="only these topics, such as restore.Amended; several with commas")  # fmt: skip
    add("--correlation", metavar="UUID", help="only the events of one piece of work")
    add("--since", metavar="TIME",
        help="recorded then or later: yesterday, 24h, '2 days ago', 2026-01-31")  # fmt: skip
    add("--until", metavar="TIME", help="recorded then or before; a day is included")
    add("--last", metavar="LENGTH", help="recorded in the last 24h, '30 days' or '2 weeks'")
    add("--tz", metavar="ZONE", help="the time zone of times; default: this machine's")
    add("--changes", action="store_true", help="with the columns that each event changed")
    add("--whole", action="store_true", help="show long values in full")
    add("--limit", type=int, default=100, metavar="N", help="the last N events; default: 100")
    add("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(function=_audit, parser=parser)


def _audit(options: argparse.Namespace) -> int:
    if options.restore and any(getattr(options, name) for name in SEARCHED):
        options.parser.error("a search is of the whole log: leave out ID")
    service = HttpTransport(read_configuration())
    more = False
    if options.restore:
        events = list(pages_of(service, f"restores/{options.restore}/events/"))
    else:
        events, more = _searched(service, options)
    warn_of(service)
    if options.json:
        print_json({"events": events})
        return 0
    tables = {change["label"] for event in events for change in event.get("changes") or ()}
    for event in events:
        print(event_line(event))
        for line in _changes(event, tables, whole=options.whole):
            print(f"{'':9}{line}")
    if not events:
        print("No event fits.")
    elif more:
        print(f"These are the last {len(events):,}; --limit shows more.")
    return 0


def _searched(service: HttpTransport, options: argparse.Namespace) -> tuple[list[Body], bool]:
    """The last events that the options choose, the newest last; whether there are more."""
    found: list[Body] = []
    page = service.get(
        "audit/events/",
        person=options.person,
        topic_in=options.topic,
        correlation=options.correlation,
        since=options.since,
        until=options.until,
        last=options.last,
        tz=options.tz or zone_here(),
        words="true",
        changes="true" if options.changes else None,
        ordering="-position",
        page_size=min(max(options.limit, 1), MOST_ROWS),
    )
    while True:
        found += page["results"]
        shown, next = found[: max(options.limit, 0)], page.get("next")
        if len(found) > len(shown) or not next or len(shown) == options.limit:
            return shown[::-1], bool(next) or len(found) > len(shown)
        page = service.get(next)


def event_line(event: Body) -> str:
    """Position, time, who, what happened, why, topic and UUID, in one line."""
    who = str(event["actor"])
    if event.get("on_behalf_of"):
        who += f" as {event['on_behalf_of']}"
    line = f"{event['position']:>8} {local_time(event['recorded_at'])} {who} {event.get('what')}"
    if event.get("reason"):
        line += f", because: {event['reason']}"
    return escaped(f"{line}  [{event['topic']}] {event['stream_id']}")


def _changes(event: Body, tables: set[str], *, whole: bool) -> Iterator[str]:
    """A line for each column that changed; what all tables have alike is told once."""
    alike: dict[tuple[Any, ...], list[Body]] = {}
    for one in event.get("changes") or ():
        key = (one["column"], repr(one["old"]), repr(one["new"]), one["provenance"])
        alike.setdefault((*key, one["host_column"], one["row"]), []).append(one)
    for group in sorted(alike.values(), key=lambda group: str(group[0]["column"])):
        one, here = group[0], {change["label"] for change in group}
        notes = [] if here >= tables else [TABLE_NAMES.get(one["label"].partition(".")[0], "")]
        notes += [one["provenance"]] if one["provenance"] != "observed" else []
        notes += [f"from {one['host_column']}"] if one["host_column"] else []
        note = f" ({', '.join(notes)})" if notes else ""
        old, new = (_value(one["column"], one[name], whole=whole) for name in ("old", "new"))
        yield escaped(f"{one['column']}: {old} → {new}{note}")


def _value(column: str, value: Any, *, whole: bool) -> str:
    """A column's value: text in quotes, a time in this machine's zone, `-` for nothing."""
    if value is None:
        return "-"
    if column.endswith("_at"):
        return local_time(value)
    shown = repr(value) if isinstance(value, (str, bool)) else str(value)
    return shown if whole or len(shown) <= WIDTH else f"{shown[: WIDTH - 1]}…"
