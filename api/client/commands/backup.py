"""`backup register` and `backup list`: the backups that restores can name."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from ..configuration import read_configuration
from ..http_transport import HttpTransport
from ..recorder import Recorder
from ..redaction import Redactor
from ..restoring.facts import facts_of
from ..restoring.problems import RestoreRefused
from ..spool import Spool
from ..transport import Body
from .parsing import Parser
from .printing import complain, local_time, print_json
from .reading import add_limit, rows_asked_for, show_list, warn_of
from .registered import TYPES

DESCRIPTION = """\
Registers a backup. If the path is a file or a directory here, its size, its checksum, its format
and what is in it are recorded with it, so that a later restore can be checked against them.

Of a SQLite file the tables and their rows are recorded, of a dump its tables, of a directory or a
tar archive the number of files. Rows of a dump are known only by the database that it was made of:
with --count-rows they are counted there, which is right as long as nobody has changed them since.
"""


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    backups = commands.add_parser("backup", help="register backups, list them")
    actions = backups.add_subparsers(metavar="ACTION", dest="action", required=True)
    parser = actions.add_parser("register", help="register a backup", description=DESCRIPTION)
    add = parser.add_argument
    add("--name", required=True, help="what it is a backup of, in a few words")
    add("--path", required=True, metavar="PATH", help="where it lies: a file, a folder, a URL")
    add("--database", default="", metavar="NAME", help="the database that it was made of")
    add("--type", choices=TYPES, help="default: as found")
    add("--format", metavar="FORMAT", help="such as postgresql-custom; default: as found")
    add("--size", type=int, metavar="BYTES", help="default: as found")
    add("--checksum", metavar="sha256:HEX", help="default: as found")
    add("--no-checksum", action="store_true", help="do not make a checksum")
    add("--count-rows", action="store_true",
        help="count the rows of a PostgreSQL dump's tables, in --database")  # fmt: skip
    add("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(function=_register)
    listing = actions.add_parser("list", help="list registered backups, the newest last")
    add = listing.add_argument
    add("--database", metavar="NAME", help="the database that they were made of")
    add("--search", metavar="WORDS", help="words in the name, the database or the path")
    add_limit(listing)
    listing.set_defaults(function=_list_backups)


def _register(options: argparse.Namespace) -> int:
    configuration = read_configuration()
    redactor = Redactor(os.environ)
    spool = Spool(configuration.spool)
    transport = HttpTransport(configuration, learn=redactor.learn)
    file = Path(options.path)
    found: dict[str, Any] = {}
    if options.count_rows and not options.database:
        raise RestoreRefused("--count-rows needs --database: where the rows are counted.")
    if file.exists():
        found = facts_of(
            file,
            complain,
            checksum=not (options.no_checksum or options.checksum),
            count_in=options.database if options.count_rows else "",
        )
    recorder = Recorder(transport, spool, redactor, options.name, warn=complain)
    details: dict[str, Any] = {
        "backup_id": recorder.restore_id,
        "name": options.name,
        "backup_type": options.type or found.get("backup_type"),
        "database_name": options.database,
        "file_path": str(file.absolute()) if file.exists() else options.path,
        "size_bytes": found.get("size_bytes") if options.size is None else options.size,
        "checksum": options.checksum or found.get("checksum"),
        "format": options.format or found.get("format"),
        "contents": found.get("contents"),
        "registered_at": recorder.clock.stamp(),
    }
    recorder.record("register", **details)
    left = recorder.close()
    warning = left.warning(spool.folder)
    if warning:
        complain(warning)
    if options.json:
        print_json({"backup_id": recorder.restore_id, "recorded": not left.events})
    elif not left.events:
        print(recorder.restore_id)
    return 2 if left.refused or not left.kept else 0


def _list_backups(options: argparse.Namespace) -> int:
    service = HttpTransport(read_configuration())
    found = service.get(
        "backups/",
        database_name=options.database,
        search=options.search,
        ordering="-created_at",
        page_size=rows_asked_for(options),
    )
    warn_of(service)
    head = ("BACKUP", "MADE", "STATUS", "DATABASE", "BYTES", "NAME")
    return show_list(options, "backups", found, head, _line)


def _line(row: Body) -> tuple[object, ...]:
    size = row["size_bytes"]
    return (
        row["backup_id"],
        local_time(row["created_at"]),
        row["status"],
        row["database_name"],
        "" if size is None else f"{size:,}",
        row["name"],
    )
