"""The mapping's tables are what the projectors do, what the trail says, what imports record."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.events import Event
from domain.restores import events as restores
from domain.values import Tagged
from infrastructure.event_store.log import Log
from projections.database_management import mapping as legacy
from projections.engine.registry import PROJECTIONS
from projections.history.change_history import changes_of
from projections.mapping import conversions
from projections.mapping.fields import (
    AMENDED_HERE,
    BACKUPS_UUID,
    CHECKED_HERE,
    COUNTED_HERE,
    EVENTS_SO_FAR,
    LOGGED,
    MOVED_BACKUP,
    MOVED_ID,
    OWN_BACKUP,
    OWN_ID,
    OWN_UUID,
    THE_REST,
    USERS_NAME,
    WHICH_TABLE,
    ByOrigin,
    Field,
    Fields,
    SetByProjector,
    columns,
    provenance,
    usual_sources,
)
from projections.mapping.host_values import ColumnMapping, extra
from projections.system_backups import mapping as consolidated
from tests.projections.histories import (
    NATIVE,
    consolidated_columns,
    event,
    history,
    legacy_columns,
)
from tests.sample_host.build import make_host
from tests.support import here

TABLES: dict[str, ByOrigin] = {
    "database_management.RestoreLog": legacy.RESTORE_FIELDS,
    "database_management.BackupLog": legacy.BACKUP_FIELDS,
    "system_backups.RestoreLog": consolidated.RESTORE_FIELDS,
    "system_backups.BackupLog": consolidated.BACKUP_FIELDS,
}
TIMES = {"started_at", "completed_at", "created_at", "updated_at"}


def table_for(label: str, event: Event) -> Fields | None:
    """The fields of this table for the row that an event of a host brings in, if it does."""
    projection = PROJECTIONS[label]
    if not hasattr(event, "columns") or not isinstance(event, projection.event_type):
        return None
    return TABLES[label].get(event.origin)


def own_id(event: Any) -> int | None:
    return event.legacy_id if event.origin == "legacy" else event.consolidated_id


def own_backup(event: Any) -> int | None:
    if event.backup is None:
        return None
    return event.backup.legacy if event.origin == "legacy" else event.backup.consolidated


SET_BY_PROJECTOR: dict[SetByProjector, Callable[[Any], Any]] = {
    OWN_ID: own_id,
    MOVED_ID: lambda event: event.consolidated_id,
    OWN_BACKUP: own_backup,
    MOVED_BACKUP: lambda event: event.backup.consolidated if event.backup else None,
    OWN_UUID: lambda event: event.originator_id,
    BACKUPS_UUID: lambda event: event.backup.backup_id if event.backup else None,
    USERS_NAME: lambda event: event.username,
    WHICH_TABLE: lambda event: event.origin,
    EVENTS_SO_FAR: lambda event: event.originator_version,
    AMENDED_HERE: lambda event: "[]",
    CHECKED_HERE: lambda event: None,
    COUNTED_HERE: lambda event: None,
}
"""What the projectors must set, by what the tables say in words."""


def told(event: Any, field: Field, fields: Fields) -> Any:
    """What a table of fields says that a column shows of an event."""
    if field.rule is THE_REST:
        return extra(event, usual_sources(fields))
    if isinstance(field.rule, SetByProjector):
        return SET_BY_PROJECTOR[field.rule](event)
    seen = event.columns.get(field.source)
    if field.target == "target_database" and fields is legacy.RESTORES_OF_LEGACY and seen == "":
        return ""
    return field.rule({**event.derived, **event.assumed}.get(field.target, seen))


@pytest.mark.parametrize("label", TABLES)
def test_every_column_of_a_table_has_its_field_in_order(label: str):
    for fields in TABLES[label].values():
        assert [field.target for field in fields] == PROJECTIONS[label].columns


@pytest.mark.parametrize("label", TABLES)
def test_the_projectors_show_what_the_tables_say(label: str):
    seen = set()
    for one in history(11, 300):
        fields = table_for(label, one)
        if fields is None:
            continue
        row = PROJECTIONS[label].project(None, one)
        for field in fields:
            if field.target not in row.unfit:
                assert getattr(row, field.target) == told(one, field, fields), field
        seen.add(one.origin)
    assert seen == set(TABLES[label])


OWN = """
    id                > id
    name              > name
    source_backup_id  > source_backup_id
    status            > status
    restore_type      > restore_type
    trigger_type      > trigger_type
    target_database   > target_database      observed, else derived
    is_overwrite      > is_overwrite
    started_at        > started_at
    completed_at      > completed_at
    duration_seconds  > duration_seconds
    message           > message
    created_by_id     > created_by_id
    created_at        > created_at
    updated_at        > updated_at
    id                > restore_id           derived
    source_backup_id  > backup_id            derived
    created_by_id     > created_by_username  derived
                      > origin               the log
                      > version              the log
                      > amended              the log
    *                 > extra
"""
OWN_LEGACY = (
    OWN.replace("trigger_type", "restore_method")
    .replace(
        """
    restore_type      > restore_type""",
        "",
    )
    .replace(
        """
    is_overwrite      > is_overwrite""",
        "",
    )
)
MOVED = (
    OWN.replace("> id\n", "> id  derived\n", 1)
    .replace("> source_backup_id\n", "> source_backup_id  derived\n", 1)
    .replace(
        "restore_type      > restore_type",
        "restore_type      > restore_type  observed, else assumed",
    )
    .replace("trigger_type      > trigger_type", "restore_method > trigger_type")
    .replace(
        "is_overwrite      > is_overwrite",
        "is_overwrite      > is_overwrite  observed, else assumed",
    )
)
RECORDED_HERE = """
                      > validation           the log
                      > warnings_count       the log
"""
OWN_BACKUP = """
    id             > id
    name           > name
    backup_type    > backup_type
    status         > status
    database_name  > database_name
    file_path      > file_path
    size_bytes     > size_bytes
    created_at     > created_at
    updated_at     > updated_at
    id             > backup_id  derived
                   > origin     the log
                   > version    the log
    *              > extra
"""
MOVED_BACKUP = OWN_BACKUP.replace("> id\n", "> id  derived\n", 1)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (legacy.RESTORES_OF_LEGACY, OWN_LEGACY),
        (legacy.BACKUPS_OF_LEGACY, OWN_BACKUP),
        (consolidated.RESTORES_OF_LEGACY, MOVED.rstrip() + RECORDED_HERE),
        (consolidated.RESTORES_OF_CONSOLIDATED, OWN.rstrip() + RECORDED_HERE),
        (consolidated.BACKUPS_OF_LEGACY, MOVED_BACKUP),
        (consolidated.BACKUPS_OF_CONSOLIDATED, OWN_BACKUP),
    ],
)
def test_each_column_is_filled_from_where_the_plan_has_it(fields: Fields, said: str):
    """Host's column, column here, provenance; where none is said, it is observed."""
    assert [(field.source, field.target, field.origin.words) for field in fields] == [
        (source.strip(), column, words.strip() or "observed")
        for source, _, rest in (line.partition("> ") for line in said.strip().splitlines())
        for column, _, words in [rest.partition(" ")]
    ]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (conversions.to_text, "text, as it is"),
        (conversions.to_time, "an instant in UTC"),
        (OWN_ID, "as it is"),
        (THE_REST, "what the host has beyond the columns named here, verbatim, JSON"),
        (lambda value: value, ""),
    ],
)
def test_the_docs_say_of_a_rule_the_first_sentence_of_its_own(rule: Any, words: str):
    assert Field("id", "id", rule, LOGGED).rule_words == words


def test_a_column_that_takes_more_than_one_value_for_some_rows_is_the_projectors_to_set():
    of_one, of_more = (Field("id", "id", rule, LOGGED) for rule in (conversions.to_integer, OWN_ID))
    for one, other in ((of_one, of_more), (of_more, of_one), (of_more, of_more)):
        assert columns({"legacy": (one,), "consolidated": (other,)}) == ()
    assert columns({"legacy": (of_one,), "consolidated": (of_one,)}) == (
        ColumnMapping("id", conversions.to_integer, "id", "id"),
    )


def test_the_mapping_has_the_version_that_these_tables_stand_for():
    """Whoever changes what a row shows raises it: standing certificates are then not current."""
    assert (legacy.MAPPING_VERSION, consolidated.MAPPING_VERSION) == (3, 3)


def test_what_only_the_log_knows_was_observed_there():
    one = event(restores.RestoreImported)
    of_the_log = [f for f in legacy.RESTORES_OF_LEGACY if f.origin is LOGGED]
    assert {"version", "amended"} <= {field.target for field in of_the_log}
    for field in of_the_log:
        assert (field.origin.words, provenance(one, field)) == ("the log", "observed")


LEGACY_SAID = {"created_by_username": "derived"}
MOVED_SAID = {
    "id": "derived",
    "source_backup_id": "derived",
    "restore_type": "assumed",
    "is_overwrite": "assumed",
    "created_by_username": "derived",
}


def said(one: Event, label: str) -> dict[str, str]:
    """The provenance of each column, as the trail tells it, of those that are not observed."""
    (step,) = changes_of([one])
    return {
        change.column: change.provenance
        for change in step.changes
        if change.label == label and change.provenance != "observed"
    }


def test_the_trail_tells_the_provenance_that_the_tables_say():
    one = event(restores.RestoreImported)
    assert said(one, "database_management.RestoreLog") == LEGACY_SAID
    assert said(one, "system_backups.RestoreLog") == MOVED_SAID
    native = event(restores.RestoreImported, **NATIVE)
    assert said(native, "system_backups.RestoreLog") == LEGACY_SAID


def test_the_trail_tells_what_was_derived_or_assumed_in_this_event_alone():
    one = event(
        restores.RestoreImported,
        columns=legacy_columns(target_database=None),
        derived={"target_database": "shop", "started_at": Tagged("time", "2021-03-28T00:59:59Z")},
        assumed={
            "restore_type": "database",
            "is_overwrite": False,
            "completed_at": Tagged("time", "2021-03-28T01:59:59Z"),
        },
    )
    more = {"target_database": "derived", "started_at": "derived", "completed_at": "assumed"}
    assert said(one, "database_management.RestoreLog") == {**LEGACY_SAID, **more}
    assert said(one, "system_backups.RestoreLog") == {**MOVED_SAID, **more}


def test_the_trail_and_the_tables_agree_on_every_column_of_a_long_history():
    looked_at = set()
    for one in history(12, 200):
        for step in changes_of([one]):
            for change in step.changes:
                fields = table_for(change.label, one)
                if fields is None:
                    continue
                (field,) = (field for field in fields if field.target == change.column)
                assert change.provenance in field.origin.words, change
                looked_at.add((change.label, change.column))
    assert ("system_backups.BackupLog", "extra") in looked_at


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_imports_record_as_assumed_and_derived_what_the_tables_say(
    database: str, tmp_path: Path, zone: str
):
    host = f"sqlite:///{tmp_path}/host.sqlite3"
    make_host(host, rows=40)
    here.run("import_host", source=host, zone=zone)
    counted = dict.fromkeys(TABLES, 0)
    for chunk in Log().events():
        for one in chunk:
            for label in TABLES:
                fields = table_for(label, one)
                if fields is not None:
                    recorded_as_the_table_says(one, fields, label, zone)
                    counted[label] += 1
    assert all(count >= 5 for count in counted.values())


def recorded_as_the_table_says(one: Any, fields: Fields, label: str, zone: str) -> None:
    for field in fields:
        if field.rule is OWN_ID:
            assert own_id(one) == one.columns["id"]
    always = {
        f.target: f.origin.missing
        for f in fields
        if f.origin.missing is not None and f.source not in one.columns
    }
    if label == "system_backups.RestoreLog":
        assert {k: v for k, v in one.assumed.items() if k not in TIMES} == always
    otherwise = {field.target for field in fields if field.origin.otherwise}
    missing = {key for key in otherwise if one.columns.get(key) in (None, "")}
    assert one.derived.keys() - TIMES == missing
    if zone == "UTC":
        assert not TIMES & (one.derived.keys() | one.assumed.keys())


def test_what_the_host_has_beyond_the_named_columns_is_what_no_field_takes():
    for of_the_host, fields in (
        (legacy_columns(), legacy.RESTORES_OF_LEGACY),
        (legacy_columns(), consolidated.RESTORES_OF_LEGACY),
        (consolidated_columns(), consolidated.RESTORES_OF_CONSOLIDATED),
    ):
        assert {*usual_sources(fields).values()} >= of_the_host.keys() - {"rack"}
