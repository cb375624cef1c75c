"""What is recorded of a backup when it is registered, so that a restore can be checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .backup_file import BackupFile
from .checksums import backup_checksum, backup_size
from .directory import FILES, files_in
from .kinds import DIRECTORY, MYSQL, POSTGRESQL, SQLITE, TAR, kind_of
from .postgresql import postgresql_tables_in, tables_of_backup
from .problems import RestoreProblem, RestoreRefused
from .sql_dumps import MYSQL_DUMP, tables_of_dump
from .sqlite import sqlite_tables
from .tar import check_archive

MOST = 1000
"""Names that the log takes of one backup."""


def facts_of(
    path: Path, warn: Callable[[str], None], *, checksum: bool = True, count_in: str = ""
) -> dict[str, Any]:
    """What can be found of a backup.

    That is `size_bytes`, `checksum`, `format`, `contents` and `backup_type`.

    `warn` is told what could not be found. `count_in` is the PostgreSQL database that the backup
    was just made of: its rows are counted, and `RestoreProblem` is raised if that fails. Raises
    `OSError` if the backup cannot be read.
    """
    found: dict[str, Any] = {"size_bytes": backup_size(path)}
    if checksum:
        found["checksum"] = backup_checksum(path)
    try:
        found["format"] = kind = kind_of(path)
        found["backup_type"] = "files" if kind in (DIRECTORY, TAR) else "database"
        contents = _contents(path, kind, count_in)
    except RestoreProblem as problem:
        if count_in:
            raise
        warn(f"What is in the backup is not recorded: {problem}")
        return found
    if len(contents) > MOST:
        warn(f"What is in the backup is not recorded: more than {MOST} tables.")
    elif contents:
        found["contents"] = contents
    return found


def _contents(path: Path, kind: str, count_in: str) -> dict[str, int | None]:
    if kind in POSTGRESQL:
        tables = tables_of_backup(BackupFile(path), kind)
        counts = postgresql_tables_in(count_in, count=True) if count_in else {}
        return {table: counts.get(table) for table in tables}
    if count_in:
        raise RestoreRefused(f"Rows can be counted for PostgreSQL, and {path} is {kind}.")
    if kind == MYSQL:
        return dict.fromkeys(tables_of_dump(path, MYSQL_DUMP))
    if kind == SQLITE:
        return sqlite_tables(path)
    if kind == DIRECTORY:
        return files_in(path)
    return {FILES: len(check_archive(path))}
