"""The check finds a certificate genuine whatever type a column of the host is declared with.

Each test is a host with columns of one declared type: every target in turn, with a row for each
value. What keeps a row out of a table has to be the same for the service and for the check.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.hosts.tiny import DEFAULTS, TABLES, WHEN, TinyHost
from tests.projections.matrix.host import NAMED
from tests.projections.matrix.odd_values import POSTGRESQL, POSTGRESQL_DEFINITIONS, SQLITE_VALUES
from tests.support import checking, here, postgres, raw

ON_SQLITE = ("text", "integer", "real", "numeric", "bool", "blob", "datetime", "date")
ON_POSTGRESQL = ("text", "integer", "numeric", "double precision", "boolean", "bytea",
                 "timestamptz", "wall_clock", "date", "interval", "uuid", "jsonb",
                 "text[]")  # fmt: skip
STEPS: tuple[Collection[str], ...] = (
    ("restore_method", "restore_type"),
    *((name,) for name in ("name", "status", "trigger_type", "target_database", "is_overwrite",
                           "message", "source_backup_id", "created_at", "updated_at")),
    # A restore may leave out the first of these, and a backup the second.
    ("created_by_id", "file_path"), ("duration_seconds", "size_bytes"),
    ("started_at", "backup_type"), ("completed_at", "database_name"),
)  # fmt: skip
"""Targets whose columns are of the type at the same time."""


class TypedHost(TinyHost):
    """Its four tables have some columns of one type."""

    def declare(self, names: Collection[str], declared: str, values: Sequence[str]) -> None:
        """The tables anew, with a row for each value, a SQL literal, in each of these columns."""
        with raw.connect(self.url) as connection, closing(connection.cursor()) as cursor:
            for table, columns in NAMED.items():
                typed = [name for name in names if name in columns]
                definition = self._definition(table, typed, declared)
                cursor.execute(f"DROP TABLE {table}")
                cursor.execute(f"CREATE TABLE {table} ({definition})")
                # As many rows each time, since rows must not vanish from a host.
                for key, value in enumerate(values, start=1):
                    row = {"id": str(key)} | self._usual(table, typed, key)
                    row |= dict.fromkeys(typed, value)
                    cursor.execute(
                        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})"
                    )

    def _definition(self, table: str, typed: Collection[str], declared: str) -> str:
        parts = TABLES[table].format(**self.types).replace(" REFERENCES auth_user (id)", "")
        return ", ".join(
            f"{name} {declared}" if (name := part.split()[0]) in typed else part
            for part in parts.split(", ")
        )

    def _usual(self, table: str, typed: Collection[str], key: int) -> dict[str, str]:
        """Of a restore what it needs, and its backup, which says its target database."""
        if table not in DEFAULTS:
            return {}
        usual = {
            name: str(value).lower() if isinstance(value, bool) else f"'{value}'"
            for name, value in DEFAULTS[table].items()
        }
        usual |= {"created_at": f"'{WHEN}'", "source_backup_id": str(key)}
        usual.pop("target_database", None)
        return {name: value for name, value in usual.items() if name not in typed}


@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.parametrize("declared", ON_SQLITE)
def test_on_sqlite(database: str, declared: str, public_key: Path, tmp_path: Path):
    host = TypedHost(f"sqlite:///{tmp_path}/host.sqlite3")
    genuine_in_each_column(host, declared, SQLITE_VALUES, public_key, tmp_path)


@pytest.fixture(scope="module")
def defined() -> Iterator[str]:
    """A PostgreSQL database with types of its own."""
    url = postgres.fresh_database()
    with raw.connect(url) as connection:
        connection.execute(POSTGRESQL_DEFINITIONS)
    yield url
    postgres.drop_database(url)


@pytest.mark.parametrize("vendor", ["postgresql"])
@pytest.mark.parametrize("declared", ON_POSTGRESQL)
def test_on_postgresql(
    database: str, defined: str, declared: str, public_key: Path, tmp_path: Path
):
    url = postgres.fresh_database(template=defined)
    genuine_in_each_column(TypedHost(url), declared, POSTGRESQL[declared], public_key, tmp_path)
    postgres.drop_database(url)


def genuine_in_each_column(
    host: TypedHost, declared: str, values: Sequence[str], key: Path, folder: Path
) -> None:
    said, listed = {}, set()
    for names in STEPS:
        host.declare(names, declared, values)
        here.run("import_host", source=host.url)
        said[names], quarantined = checked(host, key, folder)
        listed |= {one["column"] for one in quarantined}
    assert said == dict.fromkeys(STEPS)
    assert listed  # no type fits every target


def checked(host: TypedHost, key: Path, folder: Path) -> tuple[str | None, list[dict[str, Any]]]:
    """Why the check refuses what the service certifies now, and the quarantined rows in it."""
    certificate, rows = folder / "certificate.json", folder / "rows.ndjson"
    certificate.unlink(missing_ok=True)  # The service replaces none that its log names.
    verified = here.run(
        *("verify", "--all", "--certificate", str(certificate), "--export", str(rows)),
        source=host.url,
        check=False,
    )
    assert verified.code in (0, 1), verified.err
    done = checking.check_here(certificate, "--public-key", key, "--rows", rows, "--json")
    content = json.loads(certificate.read_bytes())["certificate"]
    answer = json.loads(done.out)
    assert done.err == ""
    return answer["refused"], content["quarantined"]["rows"]
