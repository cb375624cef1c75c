"""Every column of every table, whoever fills it: one value is changed, and `verify` names it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connections, models

from domain.values import Tagged
from infrastructure.event_store.log import Log
from infrastructure.event_store.verify_log import verify_chain
from infrastructure.recording import backups, restores
from projections.engine.catch_up import catch_up
from projections.verification.expected.schema import TABLES
from tests.conftest import use
from tests.projections.verification.conftest import Service
from tests.support import raw

WHEN = datetime(2023, 11, 5, 1, 30, tzinfo=UTC)
OFFSET = 10**12
LEGACY = "database_management_restorelog"
CONSOLIDATED = "system_backups_restorelog"


def fields(label: str) -> "Iterator[models.Field[Any, Any]]":
    """The table's columns, as Django has them; the primary key is another test's."""
    for field in apps.get_model(label)._meta.concrete_fields:
        if not field.primary_key:
            yield field


def other(field: "models.Field[Any, Any]", value: Any) -> list[Any]:
    """Values that this column might hold in place of the one it holds."""
    match field:
        case models.UUIDField():
            values: list[Any] = [uuid4()]
        case models.DateTimeField():
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value or WHEN
            values = [moment.replace(tzinfo=UTC) + timedelta(microseconds=1)]
        case models.BooleanField():
            values = [not value]
        case models.IntegerField():
            values = [(value or 0) + 1]
        case _:
            values = [f"{value[:-1]}~", ""] if value else ["~"]
    return [*values, None] if field.null and value is not None else values


def shown(value: Any) -> Any:
    """As `verify` shows it."""
    if isinstance(value, UUID):
        return str(value)
    return f"{value:%Y-%m-%dT%H:%M:%S.%f}Z" if isinstance(value, datetime) else value


def stored(service: Service, value: Any) -> Any:
    """As the driver takes it."""
    if service.vendor == "postgresql":
        return value
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return value


def assert_each_change_is_named(service: Service, label: str, pk: int) -> None:
    """Change each column of this row to each other value, and back."""
    table = label.replace(".", "_").lower()
    use(service.url)
    chain = verify_chain(Log())  # which nothing here changes
    with raw.connect(service.url) as connection:
        for field in fields(label):
            column = field.column
            ((before,),) = service.rows(f"SELECT {column} FROM {table} WHERE id = ?", pk)
            for value in other(field, before):
                put(connection, service, table, column, stored(service, value), pk)
                found = service.verify(labels=(label,), chain=chain)
                put(connection, service, table, column, before, pk)
                assert found["equal"] is False, column
                (difference,) = found["differences"]
                assert difference == {
                    "table": label,
                    "pk": pk,
                    "column": column,
                    "expected": said(field, before),
                    "found": shown(value),
                    "cause": "projection_wrong",
                }
                counted = found["tables"][label]
                assert (counted["differing"], counted["host_changed"]) == (1, 0)
    assert service.verify()["equal"] is True


def put(connection: Any, service: Service, table: str, column: str, value: Any, pk: int) -> None:
    """Set one cell and commit."""
    mark = "?" if service.vendor == "sqlite" else "%s"
    statement = f"UPDATE {table} SET {column} = {mark} WHERE id = {mark}"
    assert connection.execute(statement, (value, pk)).rowcount == 1
    connection.commit()


def said(field: "models.Field[Any, Any]", value: Any) -> Any:
    """What a value that was read from the table is shown as."""
    if value is None:
        return None
    if isinstance(field, models.UUIDField):
        return str(UUID(str(value)))
    if isinstance(field, models.DateTimeField):
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return shown(moment)
    return bool(value) if isinstance(field, models.BooleanField) else value


def live(service: Service, happens: Any) -> None:
    """Have something happen here, and bring the projections up to it."""
    use(service.url)
    happens(Log())
    catch_up()
    connections.close_all()


def amend(service: Service, stream: Any, **changes: Any) -> None:
    live(
        service,
        lambda log: restores.amend_restore(
            log, UUID(str(stream)), changes, actor="bo", reason="r", amended_at=WHEN
        ),
    )


def last(service: Service, label: str, where: str) -> int:
    table = label.replace(".", "_").lower()
    ((pk,),) = service.rows(f"SELECT max(id) FROM {table} WHERE {where}")
    assert pk is not None
    return int(pk)


@pytest.mark.parametrize("label", TABLES)
def test_each_column_of_a_row_of_the_host_s_own_table(service: Service, label: str) -> None:
    linked = "AND source_backup_id IS NOT NULL AND created_by_id IS NOT NULL"
    more = linked if label.endswith("RestoreLog") else ""
    assert_each_change_is_named(service, label, last(service, label, f"id < {OFFSET} {more}"))


@pytest.mark.parametrize("label", ["system_backups.BackupLog", "system_backups.RestoreLog"])
def test_each_column_of_a_legacy_row_in_a_consolidated_table(service: Service, label: str) -> None:
    assert_each_change_is_named(service, label, last(service, label, f"id > {OFFSET}"))


@pytest.mark.parametrize("label", ["database_management.RestoreLog", "system_backups.RestoreLog"])
def test_each_column_of_a_row_that_was_amended_here(service: Service, label: str) -> None:
    pk = last(service, "database_management.RestoreLog", "source_backup_id IS NOT NULL")
    ((stream,),) = service.rows(f"SELECT restore_id FROM {LEGACY} WHERE id = ?", pk)
    ((backup,),) = service.rows(
        "SELECT backup_id FROM database_management_backuplog WHERE id = "
        "(SELECT min(id) FROM database_management_backuplog)"
    )
    live(
        service,
        lambda log: restores.amend_restore(
            log,
            UUID(str(stream)),
            {"message": "seen to", "trigger_type": "recovery"},
            actor="bo",
            reason="r",
            backup_id=UUID(str(backup)),
            amended_at=WHEN,
        ),
    )
    amend(service, stream, started_at=Tagged("time", "2023-11-05T00:10:00.000007"))
    assert_each_change_is_named(service, label, pk + (OFFSET if "system" in label else 0))


@pytest.mark.parametrize("label", TABLES)
def test_each_column_of_a_row_that_was_recorded_here(service: Service, label: str) -> None:
    def happens(log: Log) -> None:
        backup = backups.register_backup(
            log, name="b", actor="bo", database_name="crm", registered_at=WHEN
        ).id
        restore = restores.request_restore(
            log, name="n", actor="bo", requested_by="12", backup_id=backup, requested_at=WHEN
        ).id
        restores.start_restore(log, restore, started_at=WHEN, actor="bo")
        restores.amend_restore(
            log,
            restore,
            {"message": "m", "is_overwrite": True},
            actor="bo",
            reason="r",
            amended_at=WHEN,
        )

    live(service, happens)
    assert_each_change_is_named(service, label, last(service, label, f"id > {2 * OFFSET}"))
