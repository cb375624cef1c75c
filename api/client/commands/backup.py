"""`backup register`: tell the log of a backup, so that restores can name it."""

from __future__ import annotations

import argparse
import hashlib
import os
from pathlib import Path
from typing import Any

from ..configuration import read_configuration
from ..http_transport import HttpTransport
from ..recorder import Recorder
from ..redaction import Redactor
from ..spool import Spool
from .parsing import Parser
from .printing import complain, print_json

DESCRIPTION = """\
Registers a backup. If the path is a file here, its size and its SHA-256 are recorded with it, so
that a later restore can be checked against them.
"""
CHUNK = 1024 * 1024


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    backups = commands.add_parser("backup", help="register backups")
    actions = backups.add_subparsers(metavar="ACTION", dest="action", required=True)
    parser = actions.add_parser("register", help="register a backup", description=DESCRIPTION)
    add = parser.add_argument
    add("--name", required=True, help="what it is a backup of, in a few words")
    add("--path", required=True, metavar="PATH", help="where it lies: a file, a folder, a URL")
    add("--database", default="", metavar="NAME", help="the database that it was made of")
    add("--type", default="database", choices=("database", "files", "full", "custom"))
    add("--format", metavar="FORMAT", help="such as custom, directory, plain, tar, sqlite")
    add("--size", type=int, metavar="BYTES", help="default: the file's")
    add("--checksum", metavar="sha256:HEX", help="default: the file's")
    add("--no-checksum", action="store_true", help="do not read the file")
    add("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(function=_register)


def _register(options: argparse.Namespace) -> int:
    configuration = read_configuration()
    redactor = Redactor(os.environ)
    spool = Spool(configuration.spool)
    transport = HttpTransport(configuration, learn=redactor.learn)
    file = Path(options.path)
    size, checksum = options.size, options.checksum
    if file.is_file():
        size = file.stat().st_size if size is None else size
        if checksum is None and not options.no_checksum:
            checksum = file_checksum(file)
    recorder = Recorder(transport, spool, redactor, options.name, warn=complain)
    details: dict[str, Any] = {
        "backup_id": recorder.restore_id,
        "name": options.name,
        "backup_type": options.type,
        "database_name": options.database,
        "file_path": str(file.absolute()) if file.exists() else options.path,
        "size_bytes": size,
        "checksum": checksum,
        "format": options.format,
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


def file_checksum(file: Path) -> str:
    """The file's SHA-256, as it is recorded."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        for chunk in iter(lambda: content.read(CHUNK), b""):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"
