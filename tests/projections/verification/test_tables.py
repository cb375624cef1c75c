"""What verification holds each table to, read out of its rules as a table of columns.

Each line says a column, what it can hold, and which column of the host's legacy and of its
consolidated table fills it. What stands in quotes fills it in every row of that origin, and what
stands in brackets is worked out for each row.
"""

from dataclasses import FrozenInstanceError
from typing import get_args

import pytest
from django.apps import apps

from projections.verification.expected.schema import (
    OPTIONAL_IN_HOST,
    TABLES,
    Assumed,
    ColumnKind,
    Computed,
    Constant,
    ExpectedTable,
    Fallback,
    Kind,
    Origin,
    Rule,
    Source,
    Subject,
)

BACKUPS = """
id             integer from -9223372036854775808 to 9223372036854775807          | id            | id
name           text of 255 or NULL                                               | name          | name
backup_type    text of 20 or NULL                                                | backup_type   | backup_type
status         text of 20 or NULL                                                | status        | status
database_name  text of 100 or NULL                                               | database_name | database_name
file_path      text of 500 or NULL                                               | file_path     | file_path
size_bytes     integer from -9223372036854775808 to 9223372036854775807 or NULL  | size_bytes    | size_bytes
created_at     time or NULL                                                      | created_at    | created_at
updated_at     time or NULL                                                      | updated_at    | updated_at
backup_id      uuid                                                              | (stream)      | (stream)
origin         text of 12                                                        | 'legacy'      | 'consolidated'
version        integer from -9223372036854775808 to 2147483647                   | (version)     | (version)
extra          extra                                                             | extra         | extra
"""  # noqa: E501

LEGACY_RESTORES = """
id                integer from -9223372036854775808 to 9223372036854775807          | id               | id
name              text of 255                                                       | name             | name
source_backup_id  integer from -9223372036854775808 to 9223372036854775807 or NULL  | source_backup_id | source_backup_id
status            text of 20                                                        | status           | status
restore_method    text of 20                                                        | restore_method   | restore_method
target_database   text of 100                                                       | target_database  | target_database
started_at        time or NULL                                                      | started_at       | started_at
completed_at      time or NULL                                                      | completed_at     | completed_at
duration_seconds  integer from 0 to 2147483647 or NULL                              | duration_seconds | duration_seconds
message           text of 2147483648                                                | message          | message
created_by_id     person of 255 or NULL                                             | created_by_id    | created_by_id
created_at        time                                                              | created_at       | created_at
updated_at        time                                                              | updated_at       | updated_at
restore_id          uuid                                                        | (stream)         | (stream)
backup_id           uuid or NULL                                                | (backup)         | (backup)
created_by_username text of 255 or NULL                                         | (username)       | (username)
origin              text of 12                                                  | 'legacy'         | 'consolidated'
version             integer from -9223372036854775808 to 2147483647             | (version)        | (version)
amended             text of 2147483648                                          | (amended)        | (amended)
extra               extra                                                       | extra            | extra
"""  # noqa: E501

CONSOLIDATED_RESTORES = """
id                integer from -9223372036854775808 to 9223372036854775807          | id               | id
name              text of 255                                                       | name             | name
source_backup_id  integer from -9223372036854775808 to 9223372036854775807 or NULL  | source_backup_id | source_backup_id
status            text of 20                                                        | status           | status
restore_type      text of 20                                                        | 'database'       | restore_type
trigger_type      text of 20                                                        | own or restore_method | trigger_type
target_database   text of 100                                                       | target_database  | target_database
is_overwrite      boolean                                                           | False            | is_overwrite
started_at        time or NULL                                                      | started_at       | started_at
completed_at      time or NULL                                                      | completed_at     | completed_at
duration_seconds  integer from 0 to 2147483647 or NULL                              | duration_seconds | duration_seconds
message           text of 2147483648                                                | message          | message
created_by_id     person of 255 or NULL                                             | created_by_id    | created_by_id
created_at        time                                                              | created_at       | created_at
updated_at        time                                                              | updated_at       | updated_at
restore_id          uuid                                                        | (stream)         | (stream)
backup_id           uuid or NULL                                                | (backup)         | (backup)
created_by_username text of 255 or NULL                                         | (username)       | (username)
origin              text of 12                                                  | 'legacy'         | 'consolidated'
version             integer from -9223372036854775808 to 2147483647             | (version)        | (version)
amended             text of 2147483648                                          | (amended)        | (amended)
extra               extra                                                       | extra            | extra
validation          text of 20 or NULL                                          | None             | None
warnings_count      integer from 0 to 2147483647 or NULL                        | None             | None
"""  # noqa: E501

HOLDS = {
    "database_management.BackupLog": BACKUPS,
    "system_backups.BackupLog": BACKUPS,
    "database_management.RestoreLog": LEGACY_RESTORES,
    "system_backups.RestoreLog": CONSOLIDATED_RESTORES,
}


def lines(statement: str) -> list[str]:
    """The lines of a statement, whatever the space between words."""
    return [" ".join(line.split()) for line in statement.strip().splitlines()]


def worded(source: Source) -> str:
    """What fills a column: a constant in quotes, what is worked out in brackets."""
    if isinstance(source, Assumed | Constant):
        return repr(source.value)
    if isinstance(source, Fallback):
        return f"own or {source.column}"
    return f"({source.what})" if isinstance(source, Computed) else source


def in_words(rule: Rule) -> str:
    """A rule as a line of the statements above."""
    holds = rule.holds
    limit = f" of {holds.limit}" if holds.limit else ""
    if holds.kind == "integer":
        limit = f" from {holds.smallest} to {holds.limit}"
    null = " or NULL" if holds.null else ""
    sources = [worded(source) for source in (rule.legacy, rule.consolidated)]
    return " | ".join((f"{rule.column} {holds.kind}{limit}{null}", *sources))


@pytest.mark.parametrize("label", HOLDS)
def test_each_column_holds_this_and_is_filled_from_there(label: str) -> None:
    assert [in_words(rule) for rule in TABLES[label].rules] == lines(HOLDS[label])


def test_the_four_tables_have_the_names_that_the_host_s_have() -> None:
    assert [(t.label, t.name, t.origin, t.subject) for t in TABLES.values()] == [
        ("database_management.BackupLog", "database_management_backuplog", "legacy", "backup"),
        ("system_backups.BackupLog", "system_backups_backuplog", "consolidated", "backup"),
        ("database_management.RestoreLog", "database_management_restorelog", "legacy", "restore"),
        ("system_backups.RestoreLog", "system_backups_restorelog", "consolidated", "restore"),
    ]
    assert list(TABLES) == list(HOLDS)


def test_a_host_need_not_have_every_column() -> None:
    optional = dict(OPTIONAL_IN_HOST)
    assert optional == {
        "restore": {"source_backup_id", "target_database"},
        "backup": {
            "name",
            "backup_type",
            "status",
            "database_name",
            "file_path",
            "size_bytes",
            "created_at",
            "updated_at",
        },
    }


@pytest.mark.parametrize("label", TABLES)
def test_what_is_compared_is_every_column_that_the_table_has(label: str) -> None:
    model = apps.get_model(label)
    assert TABLES[label].columns == tuple(field.column for field in model._meta.concrete_fields)


def test_the_host_names_none_of_the_service_s_own_columns() -> None:
    table = TABLES["system_backups.BackupLog"]
    named = ("id", "name", "backup_type", "status", "database_name", "file_path", "size_bytes")
    assert table.columns == (
        *(*named, "created_at", "updated_at"),
        *("backup_id", "origin", "version", "extra"),
    )
    assert table.named_in_host == (*named, "created_at", "updated_at")
    own = {"restore_id", "backup_id", "created_by_username", "origin", "version", "amended"}
    for label in ("database_management.RestoreLog", "system_backups.RestoreLog"):
        of = TABLES[label]
        here = {"validation", "warnings_count"} if label.startswith("system_backups") else set()
        assert set(of.columns) - set(of.named_in_host) == own | here | {"extra"}
        assert of.key == "restore_id"


def test_the_tables_have_every_kind_of_column_that_there_is() -> None:
    tables = TABLES.values()
    assert set(get_args(Kind)) == {rule.holds.kind for t in tables for rule in t.rules}
    assert set(get_args(Origin)) == {table.origin for table in tables}
    assert set(get_args(Subject)) == {table.subject for table in tables}


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        (Assumed(False), "value"),
        (Constant("legacy"), "value"),
        (Fallback("restore_method"), "column"),
        (Computed("version"), "what"),
        (ColumnKind("time"), "null"),
        (Rule("id", ColumnKind("integer"), "id", "id"), "column"),
        (ExpectedTable("a.B", "a_b", "legacy", "backup", ()), "name"),
    ],
)
def test_nothing_that_verifies_can_change_the_rules(rule: object, part: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(rule, part, None)
