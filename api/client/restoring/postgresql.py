"""PostgreSQL: every kind of dump of pg_dump, into a database of the server that libpq finds.

Which server, which user and which password are libpq's: PGHOST, PGUSER, PGPASSFILE, … No password
ever stands on a command line.
"""

from __future__ import annotations

import json
import pkgutil
import re
import shlex

from .backup_file import BackupFile, Contents
from .compressed import chunks
from .naming import free_names, work_prefix
from .problems import RestoreAborted
from .programs import run_program
from .reporting import Reporter
from .sql_dumps import POSTGRESQL_DUMP, check_dump, postgresql_tables, tables_of_dump
from .target import Progress, Target, left_database

LONGEST = 63
"""Bytes of a name; the server would cut a longer one."""
MAINTENANCE = "postgres"
PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}
"""Of locales, since PostgreSQL 15."""
_TALK = re.compile(r"^pg_restore: (?!error|warning|detail|hint|fatal|from TOC)", re.IGNORECASE)
_LOADING = re.compile(r"^pg_restore: processing data for table ")


class PostgreSQLDatabase(Target):
    """A database. `owner_too` has its objects belong to the roles that the dump names."""

    def __init__(
        self,
        name: str,
        backup: BackupFile,
        kind: str,
        reporter: Reporter,
        *,
        disconnect: bool = False,
        owner_too: bool = True,
    ) -> None:
        self.name = name
        self._backup = backup
        self._kind = kind
        self._reporter = reporter
        self._disconnect = disconnect
        self._owner_too = owner_too
        self._work = self._before = ""
        self._made = False

    def prepare(self) -> str:
        self._work, self._before = free_names(self.name, LONGEST, _exists)
        return ""

    def leftovers(self) -> list[str]:
        begin = _literal(work_prefix(self.name, LONGEST))
        names = _lines(f"SELECT datname FROM pg_database WHERE starts_with(datname, {begin})")
        return [f"{name}. To remove it: dropdb {shlex.quote(name)}" for name in names]

    def exists(self) -> bool:
        return _exists(self.name)

    def users(self) -> list[str]:
        if self._disconnect:
            return []
        # A worker of autovacuum is no user: the server itself ends it for a new name.
        return _lines(
            "SELECT concat_ws(' ', usename, application_name, host(client_addr), "
            "'(pid ' || pid || ')') FROM pg_stat_activity "
            f"WHERE datname = {_literal(self.name)} AND pid <> pg_backend_pid() "
            "AND backend_type <> 'autovacuum worker'"
        )

    def check_backup(self, progress: Progress) -> None:
        if self._kind == "postgresql-plain":
            check_dump(self._backup.path, POSTGRESQL_DUMP)
        else:
            run_program(["pg_restore", "--list", str(self._backup.path)])

    def fill(self, progress: Progress) -> None:
        run_psql(self._creation())
        self._made = True
        if self._kind == "postgresql-plain":
            run_program(
                [*PSQL, "--quiet", "--output=/dev/null", "--single-transaction", "--file=-",
                 _dbname(self._work)],
                feed=chunks(self._backup.path, progress),
            )  # fmt: skip
            return
        path = str(self._backup.path)
        listed = run_program(["pg_restore", "--list", path])
        tables = max(listed.count(" TABLE DATA "), 1)
        loaded = 0

        def shown(line: str) -> bool:
            nonlocal loaded
            if _LOADING.match(line):
                loaded += 1
                progress(loaded / (tables + 1))
            return not _TALK.match(line)

        owner = [] if self._owner_too else ["--no-owner", "--no-privileges"]
        run_program(
            ["pg_restore", "--exit-on-error", "--no-password", "--verbose", *owner,
             _dbname(self._work), path],
            shown=shown,
        )  # fmt: skip

    def contents_beside(self, expected: Contents) -> Contents:
        return postgresql_tables_in(self._work, count=_counted(expected))

    def contents(self, expected: Contents) -> Contents:
        return postgresql_tables_in(self.name, count=_counted(expected))

    def swap(self, *, overwrite: bool) -> str:
        """Both names change in one transaction, so that there is always a target."""
        rename = f"ALTER DATABASE {_quoted(self._work)} RENAME TO {_quoted(self.name)}"
        if not overwrite:
            run_psql(rename)
            return ""
        away = f"ALTER DATABASE {_quoted(self.name)} RENAME TO {_quoted(self._before)}"
        statements = [away, rename]
        if self._disconnect:
            statements.insert(
                0,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE datname = {_literal(self.name)} AND pid <> pg_backend_pid()",
            )
        run_psql(*statements)
        return (
            f"What was in {self.name} before is kept as {self._before}. "
            f"To remove it: dropdb {shlex.quote(self._before)}"
        )

    def discard(self) -> None:
        if self._made:
            run_psql(f"DROP DATABASE {_quoted(self._work)} WITH (FORCE)")

    def left_beside(self) -> str:
        return left_database(self._work, _exists)

    def _creation(self) -> str:
        """The new database is like the one that it replaces: owner, encoding, locale."""
        made = f"CREATE DATABASE {_quoted(self._work)} TEMPLATE template0"
        found = _lines(
            "SELECT json_build_object('encoding', pg_encoding_to_char(d.encoding), "
            "'owner', pg_get_userbyid(d.datdba), 'row', to_jsonb(d), 'set', (SELECT "
            "string_agg(c, ', ') FROM pg_db_role_setting s, unnest(s.setconfig) c "
            "WHERE s.setdatabase = d.oid AND s.setrole = 0)) "
            f"FROM pg_database d WHERE datname = {_literal(self.name)}"
        )
        if not found:
            return made
        old = json.loads(found[0])
        row = old["row"]
        if old["set"] or row["datacl"]:
            said = f"settings ({old['set']})" if old["set"] else "privileges"
            self._reporter.warn(
                f"{self.name} has {said} of its own, which the new one will not have"
            )
        made += f" OWNER {_quoted(old['owner'])} ENCODING {_literal(old['encoding'])}"
        made += f" LC_COLLATE {_literal(row['datcollate'])} LC_CTYPE {_literal(row['datctype'])}"
        locale = row.get("datlocale") or row.get("daticulocale")
        provider = PROVIDERS.get(row.get("datlocprovider"))
        if provider:
            made += f" LOCALE_PROVIDER {provider}"
            made += f" {provider.upper()}_LOCALE {_literal(locale)}" if locale else ""
        return made


PSQL = (
    *("psql", "--no-psqlrc", "--no-align", "--tuples-only", "--no-password"),
    "--set=ON_ERROR_STOP=1",
)


def run_psql(*statements: str, database: str = MAINTENANCE) -> str:
    """Run statements in one transaction, or a single one by itself."""
    single = ["--single-transaction"] if len(statements) > 1 else []
    given = [f"--command={statement}" for statement in statements]
    return run_program([*PSQL, *single, _dbname(database), *given])


def postgresql_tables_in(name: str, *, count: bool) -> dict[str, int | None]:
    """`schema.table` and, if they are to be counted, the numbers of rows."""
    text = pkgutil.get_data(__package__ or "", "postgresql_tables.sql")
    if text is None:
        raise RestoreAborted("This copy of the client lacks postgresql_tables.sql.")
    answer = run_program(
        [*PSQL, f"--set=count={'yes' if count else 'no'}", "--file=-", _dbname(name)], feed=[text]
    )
    rows = (json.loads(line) for line in answer.splitlines() if line)
    return {f"{schema}.{table}": number for schema, table, number in rows}


def tables_of_backup(backup: BackupFile, kind: str) -> list[str]:
    """The tables in a dump, without a server."""
    if kind == "postgresql-plain":
        return tables_of_dump(backup.path, POSTGRESQL_DUMP)
    words = ["pg_restore", "--schema-only", "--file=-", str(backup.path)]
    return postgresql_tables(run_program(words).encode())


def _exists(name: str) -> bool:
    return bool(_lines(f"SELECT 1 FROM pg_database WHERE datname = {_literal(name)}"))


def _lines(statement: str) -> list[str]:
    return [line for line in run_psql(statement).splitlines() if line]


def _counted(expected: Contents) -> bool:
    return any(rows is not None for rows in expected.values())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _dbname(name: str) -> str:
    """As a connection string, so that a name that looks like one is only a name."""
    return "--dbname=dbname='" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"
