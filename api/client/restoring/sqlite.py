"""SQLite: a file that is a database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from .backup_file import Contents
from .copying import copy_facts, copy_file
from .file_target import FileTarget, reasons
from .problems import RestoreAborted, RestoreRefused
from .target import Progress

MAGIC = b"SQLite format 3\0"
BESIDE = ("-wal", "-shm", "-journal")
"""Files that belong to a database, and would be taken for the new one's."""


class SQLiteFile(FileTarget):
    is_folder = False
    what = "a file"

    def users(self) -> list[str]:
        found = super().users()
        with self.path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return found  # opening it could remove what lies beside it
        try:
            # As the only user, this also brings what lies beside the database into it.
            with closing(sqlite3.connect(self.path, timeout=0, isolation_level=None)) as database:
                database.execute("BEGIN EXCLUSIVE")
                database.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if not found and "locked" in str(error):
                found = ["a process that has locked it"]
        except sqlite3.DatabaseError:
            pass  # it is damaged, which may be why it is replaced
        return found

    def check_backup(self, progress: Progress) -> None:
        log = self.backup.path.with_name(f"{self.backup.path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise RestoreRefused(
                f"Part of the backup is in {log}, which a restore would leave out. Open "
                f"{self.backup.path} with sqlite3 and run: PRAGMA wal_checkpoint(TRUNCATE)"
            )
        _check(self.backup.path)

    def fill(self, progress: Progress) -> None:
        size, copied = max(self.backup.path.stat().st_size, 1), 0

        def note(more: int) -> None:
            nonlocal copied
            copied += more
            progress(copied / size)

        with reasons(f"Writing {self.work}"):
            copy_file(self.backup.path, self.work, note)
            if self.path.exists():
                copy_facts(self.path, self.work)

    def contents_beside(self, expected: Contents) -> Contents:
        _check(self.work)
        return self.contents_of(self.work)

    def contents_of(self, path: Path) -> Contents:
        return sqlite_tables(path, unused=path == self.work)

    def swap(self, *, overwrite: bool) -> str:
        moved = []
        for end in BESIDE:
            old, new = f"{self.path}{end}", f"{self.before}{end}"
            if os.path.exists(old):
                os.rename(old, new)
                moved.append((old, new))
        try:
            return super().swap(overwrite=overwrite)
        except BaseException:
            for old, new in moved:
                os.rename(new, old)
            raise


def sqlite_tables(path: Path, *, unused: bool = True) -> dict[str, int | None]:
    """Each table and its number of rows. A file that is `unused` is not locked."""
    found: dict[str, int | None] = {}
    with _opened(path, unused=unused) as database:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' "
            "ESCAPE '~' ORDER BY name"
        ).fetchall()
        for (name,) in names:
            quoted = name.replace('"', '""')
            try:
                ((found[name],),) = database.execute(f'SELECT count(*) FROM "{quoted}"')
            except sqlite3.OperationalError:
                found[name] = None  # a virtual table, whose module is not here
    return found


def _check(path: Path) -> None:
    with _opened(path, unused=True) as database:
        said = [str(line) for (line,) in database.execute("PRAGMA integrity_check(3)")]
    if said != ["ok"]:
        raise RestoreAborted(f"{path} is damaged: {'; '.join(said)}.")


@contextmanager
def _opened(path: Path, *, unused: bool) -> Iterator[sqlite3.Connection]:
    how = "mode=ro&immutable=1" if unused else "mode=rw"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True)) as database:
            database.execute("PRAGMA query_only = 1")
            yield database
    except sqlite3.Error as error:
        raise RestoreAborted(f"{path} cannot be read as a SQLite database: {error}.") from error
