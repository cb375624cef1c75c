"""MySQL and MariaDB: a dump of mysqldump or mariadb-dump, into a database.

Server and user are the client program's: its option files, or MYSQL_HOST, MYSQL_TCP_PORT,
MYSQL_USER and MYSQL_PWD. No password ever stands on a command line.

A database cannot be renamed there. So the dump is tried in a database of its own first; only then,
and with consent, what is in the target is removed and the dump is restored into it.
"""

from __future__ import annotations

import os
import shutil

from .backup_file import BackupFile, Contents
from .compressed import chunks
from .naming import free_names, work_prefix
from .problems import ProgramMissing, RestoreAborted
from .programs import run_program
from .sql_dumps import MYSQL_DUMP, check_dump
from .target import Progress, Target, left_database

VARIABLES = {"MYSQL_HOST": "host", "MYSQL_TCP_PORT": "port", "MYSQL_USER": "user"}
"""Not every client program knows all of them."""
LONGEST = 64
"""Characters of a name."""


class MySQLDatabase(Target):
    """A database."""

    def __init__(self, name: str, backup: BackupFile) -> None:
        self.name = name
        self._backup = backup
        self._work = ""
        self._made = False
        self.needs_consent = (
            f"This server cannot rename databases: once the dump was restored beside it without "
            f"an error, all that is in {name} is removed, and the dump is restored in its place."
        )

    def prepare(self) -> str:
        self._work, _ = free_names(self.name, LONGEST, _exists)
        return ""

    def leftovers(self) -> list[str]:
        begin = work_prefix(self.name, LONGEST)
        names = run_mysql(
            "SELECT schema_name FROM information_schema.schemata "
            f"WHERE left(schema_name, {len(begin)}) = {_literal(begin)}"
        ).splitlines()
        return [f"{name}. To remove it: DROP DATABASE {_quoted(name)}" for name in names]

    def exists(self) -> bool:
        return self._work != self.name and _exists(self.name)

    def users(self) -> list[str]:
        return run_mysql(
            "SELECT concat(user, '@', host, ' (id ', id, ')') FROM information_schema.processlist "
            f"WHERE db = {_literal(self.name)} AND id <> connection_id()"
        ).splitlines()

    def check_backup(self, progress: Progress) -> None:
        check_dump(self._backup.path, MYSQL_DUMP)

    def fill(self, progress: Progress) -> None:
        """Beside what is there; where nothing is, into the target itself."""
        if not self.exists():
            self._work = self.name
        run_mysql(f"CREATE DATABASE {_quoted(self._work)}{self._character_set()}")
        self._made = True
        self._load(self._work, progress)

    def contents_beside(self, expected: Contents) -> Contents:
        return mysql_tables_in(self._work, expected)

    def contents(self, expected: Contents) -> Contents:
        return mysql_tables_in(self.name, expected)

    def swap(self, *, overwrite: bool) -> str:
        """Restore once more, into the target; the trial is kept until that is done."""
        if self._work == self.name:
            return ""
        made = f"CREATE DATABASE {_quoted(self.name)}{self._character_set()}"
        if overwrite:
            run_mysql(f"DROP DATABASE {_quoted(self.name)}")
        run_mysql(made)
        try:
            self._load(self.name, lambda share: None)
        except BaseException as error:
            why = str(error) or type(error).__name__
            raise RestoreAborted(f"{self.name} is incomplete now: {why}") from error
        self.discard()
        return f"What was in {self.name} before is gone."

    def discard(self) -> None:
        if self._made:
            run_mysql(f"DROP DATABASE {_quoted(self._work)}")

    def left_beside(self) -> str:
        return left_database(self._work, _exists)

    def _character_set(self) -> str:
        """That of the database that is replaced."""
        found = run_mysql(
            "SELECT default_character_set_name, default_collation_name FROM "
            f"information_schema.schemata WHERE schema_name = {_literal(self.name)}"
        ).split()
        return f" CHARACTER SET {found[0]} COLLATE {found[1]}" if found else ""

    def _load(self, database: str, progress: Progress) -> None:
        words = [*_client(), f"--database={database}"]
        run_program(words, feed=chunks(self._backup.path, progress))


def run_mysql(statement: str) -> str:
    """Run a statement; the answer's rows, a line each."""
    return run_program([*_client(), f"--execute={statement}"])


def mysql_tables_in(name: str, expected: Contents) -> dict[str, int | None]:
    """The tables; those that were counted are counted again."""
    listed = run_mysql(
        "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
        f"AND table_schema = {_literal(name)}"
    )
    found: dict[str, int | None] = {}
    for table in listed.splitlines():
        counted = expected.get(table) is not None
        count = f"SELECT count(*) FROM {_quoted(name)}.{_quoted(table)}"
        found[table] = int(run_mysql(count)) if counted else None
    return found


def _client() -> list[str]:
    program = next((one for one in ("mariadb", "mysql") if shutil.which(one)), None)
    if program is None:
        raise ProgramMissing("mariadb or mysql")
    given = {option: os.environ.get(name) for name, option in VARIABLES.items()}
    return [
        *(program, "--batch", "--raw", "--skip-column-names", "--default-character-set=utf8mb4"),
        *(f"--{option}={value}" for option, value in given.items() if value),
    ]


def _exists(name: str) -> bool:
    return bool(
        run_mysql(f"SELECT 1 FROM information_schema.schemata WHERE schema_name = {_literal(name)}")
    )


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
