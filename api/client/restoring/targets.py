"""The target for a kind of backup."""

from __future__ import annotations

from .backup_file import BackupFile
from .directory import Directory
from .kinds import DIRECTORY, MYSQL, POSTGRESQL, SQLITE
from .mysql import MySQLDatabase
from .postgresql import PostgreSQLDatabase
from .reporting import Reporter
from .sqlite import SQLiteFile
from .tar import TarArchive
from .target import Target


def make_target(
    kind: str,
    name: str,
    backup: BackupFile,
    reporter: Reporter,
    *,
    disconnect: bool = False,
    owner_too: bool = True,
) -> Target:
    """Where a backup of one of `KINDS` is restored to: a database's name, or a path."""
    if kind in POSTGRESQL:
        return PostgreSQLDatabase(
            name, backup, kind, reporter, disconnect=disconnect, owner_too=owner_too
        )
    if kind == MYSQL:
        return MySQLDatabase(name, backup)
    if kind == SQLITE:
        return SQLiteFile(name, backup)
    return (Directory if kind == DIRECTORY else TarArchive)(name, backup)
