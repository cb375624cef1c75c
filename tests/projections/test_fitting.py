"""Which values the tables can hold: alike on every database."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import models
from msgspec.structs import replace

from domain.restores import events as restores
from projections.engine.fold import first_violation, values
from projections.engine.registry import PROJECTIONS
from projections.mapping.constraints import all_fit, checker, python_type
from projections.system_backups.projector import project
from tests.projections.histories import event

RESTORES = PROJECTIONS["system_backups.RestoreLog"]
FITTING = project(None, event(restores.RestoreImported))


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("name", "猫" * 256, "256 characters, and the column holds 255"),
        ("status", "x" * 21, "21 characters, and the column holds 20"),
        ("target_database", "x" * 101, "101 characters, and the column holds 100"),
        ("message", "cut \0 off", "a NUL character"),
        ("name", None, "NULL, and the column is NOT NULL"),
        ("created_at", None, "NULL, and the column is NOT NULL"),
        ("is_overwrite", None, "NULL, and the column is NOT NULL"),
        ("duration_seconds", -1, "-1 is not between 0 and 2147483647"),
        ("duration_seconds", 2**31, "2147483648 is not between 0 and 2147483647"),
        ("id", 2**63, "9223372036854775808 is not between"),
        ("id", None, "NULL, and the column is NOT NULL"),
        ("restore_id", None, "NULL, and the column is NOT NULL"),
        ("source_backup_id", -(2**63) - 1, "-9223372036854775809 is not between"),
        ("source_backup_id", 2**63, "9223372036854775808 is not between"),
        ("source_backup_id", True, "not a whole number"),
        ("duration_seconds", 1.0, "not a whole number"),
        ("version", -(2**31) - 1, "-2147483649 is not between -2147483648 and 2147483647"),
        ("is_overwrite", 1, "not a bool"),
        ("started_at", "2021-03-28", "not a datetime"),
        ("restore_id", "a1b2", "not a UUID"),
        ("name", b"bytes", "not text"),
        ("created_by_id", 3, "not text"),
    ],
)
def test_what_a_column_cannot_hold_is_named(column: str, value: Any, reason: str):
    row = replace(FITTING, **{column: value})
    unfit = first_violation(RESTORES, row, values(row))
    assert unfit is not None
    assert unfit.column == column
    assert unfit.reason.startswith(reason)
    assert checker(RESTORES.model)(values(row)) == unfit
    for rows in ([row], [FITTING, row], [row, FITTING], [FITTING, row, FITTING]):
        columns = list(zip(*map(values, rows), strict=True))
        assert not RESTORES.all_fit(columns)
        assert all_fit(RESTORES.model)(columns) is False


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "猫" * 255),
        ("message", "x" * 3_000_000),
        ("message", ""),
        ("duration_seconds", 2**31 - 1),
        ("duration_seconds", None),
        ("started_at", None),
        ("source_backup_id", -(2**63)),
        ("source_backup_id", 2**63 - 1),
        ("source_backup_id", None),
        ("version", -(2**31)),
        ("version", 2**31 - 1),
        ("duration_seconds", 0),
        ("created_by_id", None),
        ("created_by_id", ""),
    ],
)
def test_what_a_column_can_just_hold(column: str, value: Any):
    row = replace(FITTING, **{column: value})
    assert first_violation(RESTORES, row, values(row)) is None
    assert checker(RESTORES.model)(values(row)) is None
    for rows in ([row], [FITTING, row], [row, FITTING, row]):
        columns = list(zip(*map(values, rows), strict=True))
        assert RESTORES.all_fit(columns)
        assert all_fit(RESTORES.model)(columns) is True


def test_no_row_fits_anywhere():
    assert all_fit(RESTORES.model)([]) is True
    assert all_fit(RESTORES.model)([()] * len(values(FITTING))) is True


def test_a_row_with_a_column_less_is_not_taken_for_one():
    short = values(FITTING)[:-1]
    with pytest.raises(ValueError, match="zip"):
        checker(RESTORES.model)(short)
    with pytest.raises(ValueError, match="zip"):
        all_fit(RESTORES.model)([(value,) for value in short])


def test_a_column_of_a_kind_that_nobody_thought_of_is_refused():
    class Odd(models.Model):
        ratio = models.FloatField()

        class Meta:
            app_label = "nobody"

    for make in (checker, all_fit):
        with pytest.raises(TypeError, match="no check for columns like"):
            make(Odd)


@pytest.mark.parametrize(
    ("field", "type_"),
    [
        (models.UUIDField(), UUID),
        (models.DateTimeField(), datetime),
        (models.DateField(), date),
        (models.BooleanField(), bool),
        (models.BigIntegerField(), int),
        (models.PositiveIntegerField(), int),
        (models.CharField(max_length=5), str),
        (models.TextField(), str),
    ],
)
def test_a_column_of_a_table_of_sums_has_values_of_its_type_or_none(field: Any, type_: type):
    assert python_type(field) == type_ | None
