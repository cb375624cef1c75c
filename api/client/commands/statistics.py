"""`statistics`: how often restores succeed, and how long they take."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from ..configuration import read_configuration
from ..http_transport import HttpTransport
from ..transport import Body, NotReached
from ..zone import zone_here
from .parsing import Parser
from .printing import duration_text, escaped, local_time, print_json, print_table
from .reading import warn_of

DESCRIPTION = """\
Success rate, durations and numbers of restores, over an interval and by groups. A restore counts
when it ended; while it runs, when it started. The options and the answer are those of the
service's own command, manage.py statistics.
"""
FILTERS = {
    "target": "target_database",
    "type": "restore_type",
    "trigger": "trigger_type",
    "user": "requested_by",
}
"""The options that choose restores, and the parameters of REST that they stand for."""
GROUPED = {**FILTERS, "day": "day"}
"""The words of `--by`, and what they stand for."""
COLUMNS = (
    "RESTORES", "SUCCESS", "COMPLETED", "PARTIAL", "FAILED", "CANCELLED", "RUNNING", "VALIDATED",
    "P50", "P95", "P99",
)  # fmt: skip
NO_ROUTE = "not_found"
"""The code of an address that the service does not have."""
BACKUPS = ("backups", "never_restored", "never_validated", "passed", "failed")


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "statistics",
        help="show how often restores succeed, and how long they take",
        description=DESCRIPTION,
    )
    add_question_arguments(parser)
    add = parser.add_argument
    add("--tz", metavar="ZONE", help="the time zone of days and times; default: this machine's")
    add("--limit", type=int, metavar="N", help="the N groups with the most restores; default: 100")
    add("--json", action="store_true", help="print the JSON object of REST")
    parser.set_defaults(function=_statistics)


def add_question_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a question, which `manage.py statistics` has, too."""
    add = parser.add_argument
    add("--since", metavar="TIME",
        help="restores that ended then or later: yesterday, 24h, '2 days ago', 2026-01-31; in your "
        "time zone unless the time names one")  # fmt: skip
    add("--until", metavar="TIME", help="restores that ended then or before; a day is included")
    add("--last", metavar="LENGTH", help="those of the last 24h, '30 days' or '2 weeks'")
    add("--by", choices=sorted(GROUPED), help="also by this, in groups")
    add("--target", metavar="NAME", help="only restores into this database")
    add("--type", metavar="WORD", help="only restores of this type")
    add("--trigger", metavar="WORD", help="only those triggered like this")
    add("--user", metavar="NAME", help="only those that this user asked for")
    add("--as-of", metavar="POSITION_OR_TIME",
        help="what was known at a position of the log, or at a time by its clock, such as "
        "2026-06-30T00:00:00Z; relative times end there, too")  # fmt: skip
    add("--backups", action="store_true",
        help="also the backups made in the interval: how many were never restored, and never "
        "validated")  # fmt: skip


def _statistics(options: argparse.Namespace) -> int:
    service = HttpTransport(read_configuration())
    try:
        found = _asked(service, options)
    except NotReached as error:
        if error.code != NO_ROUTE:
            raise
        raise NotReached(f"{error} It may be older than its statistics.") from error
    warn_of(service)
    if options.json:
        print_json(found)
        return 0
    for table in _page(found):
        if isinstance(table, str):
            print(escaped(table))
        else:
            head, *rows = table
            print_table([str(one) for one in head], rows)
    return 0


def _asked(service: HttpTransport, options: argparse.Namespace) -> Body:
    return service.get(
        "statistics/",
        since=options.since,
        until=options.until,
        last=options.last,
        tz=options.tz or zone_here(),
        by=GROUPED.get(options.by),
        **{parameter: getattr(options, name) for name, parameter in FILTERS.items()},
        as_of=options.as_of,
        backups="true" if options.backups else None,
        limit=options.limit,
    )


def _page(found: Body) -> Iterator[str | list[Sequence[object]]]:
    """The lines and the tables of the page."""
    yield _told(found)
    if "as_of" in found:
        yield f"As known at position {found['position']:,} of the log."
    yield ""
    by, total = found["by"] or "", found["total"]
    groups = found.get("groups", ())
    yield [
        (_head(by) or "RESTORES OF", *COLUMNS),
        ("all", *_cells(total)),
        *((_name(one["value"]), *_cells(one)) for one in groups),
    ]
    yield from _left_out(found)
    yield ""
    yield from _apart(total)
    if found["longest"]:
        yield ""
        yield "The longest:"
        yield [
            ("ID", "DURATION", "TARGET", "STATUS", "NAME"),
            *(
                (one["id"], duration_text(one["duration_seconds"]), one["target_database"],
                 one["status"], one["name"])
                for one in found["longest"]
            ),
        ]  # fmt: skip
    if "backups" in found:
        yield ""
        yield from _backups(found["backups"], by)


def _backups(found: Body, by: str) -> Iterator[str | list[Sequence[object]]]:
    if not found["backups"]:
        yield "No backups were made in it."
        return
    yield "Backups made in it, by what became of their restores:"
    head = _head(by) if "groups" in found else "BACKUPS OF"
    yield [
        (head, *map(_head, BACKUPS)),
        ("all", *(f"{found[name]:,}" for name in BACKUPS)),
        *(
            (_name(one["value"]), *(f"{one[name]:,}" for name in BACKUPS))
            for one in found.get("groups", ())
        ),
    ]
    yield from _left_out(found)
    if found["latest_never_restored"]:
        yield ""
        yield "The latest that were never restored:"
        yield [
            ("ID", "MADE", "DATABASE", "NAME"),
            *(
                (one["id"], local_time(one["created_at"]), _name(one["database_name"]),
                 _name(one["name"]))
                for one in found["latest_never_restored"]
            ),
        ]  # fmt: skip


def _left_out(found: Body) -> Iterator[str]:
    if found.get("groups_left_out"):
        yield f"{found['groups_left_out']:,} more groups are left out: --limit shows more."


def _told(found: Body) -> str:
    interval = found["interval"]
    parts = [
        f"{word} {local_time(interval[name])}"
        for word, name in (("from", "since"), ("to before", "before"))
        if interval[name]
    ]
    return f"Restores {' '.join(parts) or 'of all times'}, time zone {interval['tz']}"


def _cells(figures: Body) -> tuple[object, ...]:
    durations = figures["durations"]
    return (
        f"{figures['restores']:,}",
        _percent(figures["success_rate"]),
        *(f"{figures[name]:,}" for name in ("completed", "partial", "failed", "cancelled")),
        f"{figures['running'] + figures['pending']:,}",
        _percent(figures["validation"]["rate"]),
        *(
            "-" if durations[name] is None else duration_text(round(durations[name]))
            for name in ("p50", "p95", "p99")
        ),
    )


def _apart(total: Body) -> Iterator[str]:
    """What is in no rate."""
    durations = total["durations"]
    yield (
        f"Durations: {durations['measured']:,} measured, {durations['missing']:,} missing, "
        f"{durations['negative']:,} negative. Percentiles are within 1%."
    )
    if total["unknown_statuses"]:
        told = ", ".join(f"{word} ({n:,})" for word, n in total["unknown_statuses"].items())
        yield f"Other statuses, in no rate: {told}."


def _head(name: str) -> str:
    return name.upper().replace("_", " ")


def _percent(rate: Any) -> str:
    return "-" if rate is None else f"{rate:.1%}"


def _name(value: object) -> object:
    # A name that is empty can be seen, and is not one that is missing.
    return "-" if value is None else value or "''"
