"""`export`: a list as a file, for the role auditor."""

from __future__ import annotations

import argparse
import base64
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from email.message import Message
from pathlib import Path

from ..configuration import read_configuration
from ..http_transport import HttpTransport
from ..transport import NotReached
from .parsing import Parser
from .printing import complain
from .reading import interval_parameters, warn_of

LISTS = ("restores", "legacy-restores", "backups", "audit-events")
FORMATS = ("csv", "ndjson", "parquet")
DESCRIPTION = """\
Writes a list to standard output, or to a file: all of it as of one position of the log.

  restorelog export restores --failed --last 30d > failed.csv

The filters are those of REST. If it cannot be read to its end, the exit code is 2, and a file
that was named with --out is not there.
"""


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    exporting = commands.add_parser("export", help="take a list as a file", description=DESCRIPTION)
    add = exporting.add_argument
    add("list", choices=LISTS, metavar="LIST", help=", ".join(LISTS))
    add("--format", choices=FORMATS, default="csv", help="csv (default), ndjson or parquet")
    add("--out", type=Path, metavar="FILE", help="the file to write (default: standard output)")
    add("--statement", type=Path, metavar="FILE",
        help="have the service sign what the file is, and write that statement here")  # fmt: skip
    add("--failed", action="store_true", help="the same as --status failed")
    add("--status", help="only those with this status")
    add("--target", "--target-database", dest="target_database", metavar="NAME",
        help="only those into this target")  # fmt: skip
    add("--search", metavar="WORDS", help="words as in `list`")
    add("--since", metavar="TIME",
        help="as in `list`; of events, recorded then or later; of backups, created")  # fmt: skip
    add("--until", metavar="TIME", help="the same, then or before; a day is included")
    add("--last", metavar="LENGTH", help="the same, in the last 24h, '30 days' or '2 weeks'")
    add("--tz", metavar="ZONE", help="the time zone of times; default: this machine's")
    add("--as-of", dest="as_of", metavar="POSITION", help="as of a position or time of the log")
    add("--ordering", metavar="COLUMNS", help="as in REST, such as -created_at")
    add("--filter", action="append", default=[], type=_a_filter, metavar="NAME=VALUE",
        help="any other filter of REST")  # fmt: skip
    exporting.set_defaults(function=_export)


NAMED = ("status", "target_database", "search", "as_of", "ordering")
"""The options that are parameters of REST."""


def _a_filter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _export(options: argparse.Namespace) -> int:
    given: dict[str, str | None] = {name: getattr(options, name) for name in NAMED}
    given.update(interval_parameters(options))
    if options.failed:
        given["status"] = "failed"
    parameters = {name: value for name, value in given.items() if value is not None}
    parameters.update(options.filter)
    parameters["format"] = options.format
    if options.statement is not None:
        parameters["sign"] = "true"
    service = HttpTransport(read_configuration())
    route = f"exports/{options.list}/"
    if options.out is None:
        headers = service.download(route, sys.stdout.buffer.write, parameters)
        sys.stdout.buffer.flush()
    else:
        headers = _to_file(options.out, lambda write: service.download(route, write, parameters))
    if options.statement is not None:
        options.statement.write_bytes(_statement(headers))
    warn_of(service)
    complain(
        f"{headers['Export-Rows']} rows as of position {headers['Export-Position']}; "
        f"recorded at position {headers['Export-Event']}"
    )
    return 0


def _to_file(path: Path, download: Callable[[Callable[[bytes], object]], Message]) -> Message:
    """Write all of it to the file, or nothing."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with open(beside, "xb") as file:
            headers = download(file.write)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink()
    return headers


def _statement(headers: Message) -> bytes:
    try:
        return base64.b64decode(headers["Export-Statement"], validate=True)
    except (TypeError, ValueError) as error:
        raise NotReached("The service signed no statement.") from error
