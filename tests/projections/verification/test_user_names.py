"""The name of whoever created a restore: verification finds the host's users by its own reading."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.conftest import fresh
from tests.infrastructure.hosts.tiny import CONSOLIDATED, LEGACY, TABLES, TinyHost
from tests.projections.verification.conftest import Service, empty
from tests.support import postgres, raw

REFERS_TO_AUTH_USER = "created_by_id {key} REFERENCES auth_user (id)"
ADMIN = "CREATE TABLE django_admin_log (id {key} PRIMARY KEY, user_id {key} REFERENCES people (id))"
HEX = "5f0c7a1be3f94d0aa0cf1f3c9b7a6d21"
LONG = "é" * 255


@dataclass(frozen=True)
class Users:
    """How a host keeps its users. `who` declares `created_by_id`; the restore's is `key`."""

    who: str
    key: Any
    name: str | None
    tables: Sequence[str] = ()
    renamed: str = ""
    """Gives the user who is called `name` the name "mallory"."""


RENAMED = "UPDATE people SET username = 'mallory' WHERE username = 'hopper'"
PEOPLE = "CREATE TABLE people (id {key} PRIMARY KEY, username varchar(300))"
HOPPER = "INSERT INTO people VALUES (41, 'hopper')"
KINDS = {
    "a foreign key to a table of its own": Users(
        "created_by_id {key} REFERENCES people (id)", 41, "hopper", [PEOPLE, HOPPER], RENAMED
    ),
    "keys that are text": Users(
        "created_by_id char(32) REFERENCES people (id)",
        HEX,
        "hopper",
        [
            "CREATE TABLE people (id char(32) PRIMARY KEY, username varchar(150))",
            f"INSERT INTO people VALUES ('{HEX}', 'hopper')",
        ],
        RENAMED,
    ),
    "no foreign key, and keys declared alike": Users(
        "created_by_id {key}",
        7,
        "ada",
        renamed="UPDATE auth_user SET username = 'mallory' WHERE id = 7",
    ),
    "no foreign key, and keys declared otherwise": Users("created_by_id varchar(20)", "7", None),
    "no foreign key, and an admin log that has one": Users(
        "created_by_id {key}", 41, "hopper", [PEOPLE, HOPPER, ADMIN], RENAMED
    ),
    "no foreign key, and a user who is gone": Users("created_by_id {key}", 99, None),
    "addresses in place of names": Users(
        "created_by_id {key} REFERENCES people (id)",
        41,
        "g@example.org",
        [
            "CREATE TABLE people (id {key} PRIMARY KEY, email varchar(150))",
            "INSERT INTO people VALUES (41, 'g@example.org')",
        ],
        "UPDATE people SET email = 'mallory' WHERE id = 41",
    ),
    "neither names nor addresses": Users(
        "created_by_id {key} REFERENCES people (id)",
        41,
        None,
        [
            "CREATE TABLE people (id {key} PRIMARY KEY, nick varchar(150))",
            "INSERT INTO people VALUES (41, 'hopper')",
        ],
    ),
    "users whom other users created": Users(
        "created_by_id {key} REFERENCES people (id)",
        41,
        "hopper",
        [
            "CREATE TABLE people (id {key} PRIMARY KEY, username text, created_by_id {key})",
            "INSERT INTO people VALUES (41, 'hopper', 42), (42, 'root', 41)",
        ],
        RENAMED,
    ),
    "names that need quotes": Users(
        'created_by_id {key} REFERENCES "Odd people" ("the key")',
        41,
        "hopper",
        [
            'CREATE TABLE "Odd people" ("the key" {key} PRIMARY KEY, username varchar(150))',
            "INSERT INTO \"Odd people\" VALUES (41, 'hopper')",
        ],
        'UPDATE "Odd people" SET username = \'mallory\' WHERE "the key" = 41',
    ),
    "a user without a name": Users(
        "created_by_id {key} REFERENCES people (id)",
        41,
        None,
        [PEOPLE, "INSERT INTO people VALUES (41, NULL)"],
        "UPDATE people SET username = 'mallory' WHERE id = 41",
    ),
    "a user with an empty name": Users(
        "created_by_id {key} REFERENCES people (id)",
        41,
        "",
        [PEOPLE, "INSERT INTO people VALUES (41, '')"],
        "UPDATE people SET username = 'mallory' WHERE id = 41",
    ),
    "a name as long as the column is wide": Users(
        "created_by_id {key} REFERENCES people (id)",
        41,
        LONG,
        [PEOPLE, f"INSERT INTO people VALUES (41, '{LONG}')"],
        "UPDATE people SET username = 'mallory' WHERE id = 41",
    ),
}


@pytest.fixture
def host(vendor: str, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    url = empty(vendor, tmp_path)
    yield url
    connections.close_all()
    if vendor == "postgresql":
        postgres.drop_database(url)


def service_of(users: Users, vendor: str, host: str, database: str) -> Service:
    """A service that has imported a host with these users, and a restore in each table."""
    tiny = TinyHost(host, leave_out=[LEGACY, CONSOLIDATED])
    for statement in users.tables:
        tiny.execute(statement.format(**tiny.types))
    for table in (LEGACY, CONSOLIDATED):
        columns = TABLES[table].replace(REFERS_TO_AUTH_USER, users.who)
        tiny.execute(f"CREATE TABLE {table} ({columns.format(**tiny.types)})")
        tiny.add(table, 5, created_by_id=users.key)
        tiny.add(table, 6)
    service = Service(vendor, host, database)
    service.import_again()
    return service


@pytest.mark.parametrize("kind", KINDS)
def test_names_are_looked_up_as_the_importer_looks_them_up(
    kind: str, vendor: str, host: str, database: str
) -> None:
    service = service_of(KINDS[kind], vendor, host, database)
    names = [(5, KINDS[kind].name), (6, None)]
    for table in (LEGACY, CONSOLIDATED):
        sql = f"SELECT id, created_by_username FROM {table} ORDER BY id"
        assert raw.rows(database, sql) == names
    found = service.verify()
    assert found["differences"] == []
    assert found["equal"] is True


@pytest.mark.parametrize("kind", [kind for kind, users in KINDS.items() if users.renamed])
def test_a_user_who_was_renamed_in_the_host_is_a_change_of_the_host(
    kind: str, vendor: str, host: str, database: str
) -> None:
    service = service_of(KINDS[kind], vendor, host, database)
    service.host_sql(KINDS[kind].renamed)
    found = service.verify()
    assert found["equal"] is False
    assert found["differences"] == [
        {
            "table": label,
            "pk": 5,
            "column": "created_by_username",
            "expected": "mallory",
            "found": KINDS[kind].name,
            "cause": "host_changed",
        }
        for label in ("database_management.RestoreLog", "system_backups.RestoreLog")
    ]


ODD = {
    "a number": ("17", "17"),
    "a number with a fraction": ("2.50", "2.5"),
    "no end": ("9e999", "Infinity"),
    "no beginning": ("-9e999", "-Infinity"),
    "bytes": ("x'00ff'", "00ff"),
    "bytes that are not UTF-8": ("CAST(x'6bff' AS TEXT)", "6bff"),
}


@pytest.mark.parametrize("kind", ODD)
def test_whatever_sqlite_keeps_in_place_of_a_name_both_take_for_the_same_text(
    kind: str, templates: dict[str, str], tmp_path: Path
) -> None:
    value, name = ODD[kind]
    users = Users(
        "created_by_id {key} REFERENCES people (id)",
        41,
        name,
        [
            "CREATE TABLE people (id {key} PRIMARY KEY, username)",
            f"INSERT INTO people VALUES (41, {value})",
        ],
    )
    host, database = empty("sqlite", tmp_path), fresh(templates, "sqlite", tmp_path)
    service = service_of(users, "sqlite", host, database)
    assert raw.value(database, f"SELECT created_by_username FROM {LEGACY} WHERE id = 5") == name
    assert service.verify()["differences"] == []


@pytest.mark.parametrize("name", ["n" * 256, "a\0b"])
def test_a_name_that_the_column_cannot_hold_keeps_its_restores_out(
    name: str, templates: dict[str, str], tmp_path: Path
) -> None:
    users = Users(
        "created_by_id {key} REFERENCES people (id)",
        41,
        name,
        ["CREATE TABLE people (id {key} PRIMARY KEY, username text)"],
    )
    host, database = empty("sqlite", tmp_path), fresh(templates, "sqlite", tmp_path)
    hexed = name.encode().hex()
    tables = [*users.tables, f"INSERT INTO people VALUES (41, CAST(x'{hexed}' AS TEXT))"]
    service = service_of(Users(users.who, 41, name, tables), "sqlite", host, database)
    found = service.verify()
    assert [(d["table"], d["pk"], d["column"], d["cause"]) for d in found["differences"]] == [
        ("database_management.RestoreLog", 5, "created_by_username", "quarantined"),
        ("system_backups.RestoreLog", 5, "created_by_username", "quarantined"),
    ]
    assert raw.rows(database, f"SELECT id FROM {LEGACY}") == [(6,)]


@pytest.mark.parametrize(
    "kind", ["a foreign key to a table of its own", "addresses in place of names"]
)
def test_the_next_import_records_that_a_user_was_renamed_and_only_that(
    kind: str, vendor: str, host: str, database: str
) -> None:
    service = service_of(KINDS[kind], vendor, host, database)
    before = raw.value(database, "SELECT position FROM event_store_head")
    service.host_sql(KINDS[kind].renamed)
    service.import_again()
    recorded = "SELECT topic FROM event_store_event WHERE position > "
    assert raw.rows(database, f"{recorded}{before}") == [("restore.ChangedInHost",)] * 2
    assert service.verify()["equal"] is True
    for table in (LEGACY, CONSOLIDATED):
        sql = f"SELECT created_by_username, version FROM {table} ORDER BY id"
        assert raw.rows(database, sql) == [("mallory", 2), (None, 1)]
    service.import_again()
    assert raw.value(database, "SELECT position FROM event_store_head") == before + 2
