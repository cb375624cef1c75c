"""Which values the tables can hold: alike on every database."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.restores import events as restores
from projections.engine.fold import misfit, values
from projections.engine.registry import PROJECTIONS
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
        ("source_backup_id", -(2**63) - 1, "-9223372036854775809 is not between"),
    ],
)
def test_what_a_column_cannot_hold_is_named(column: str, value: Any, reason: str):
    row = replace(FITTING, **{column: value})
    unfit = misfit(RESTORES, row, values(row))
    assert unfit is not None
    assert unfit.column == column
    assert unfit.reason.startswith(reason)
    both = list(zip(values(FITTING), values(row), strict=True))
    assert not RESTORES.all_fit(both)


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
        ("created_by_id", None),
    ],
)
def test_what_a_column_can_just_hold(column: str, value: Any):
    row = replace(FITTING, **{column: value})
    assert misfit(RESTORES, row, values(row)) is None
    assert RESTORES.all_fit(list(zip(values(FITTING), values(row), strict=True)))
