"""Verification's rules are its own: a mistake in them is found by the projector being right."""

from dataclasses import replace
from typing import Any

import pytest

from projections.verification.expected import schema
from projections.verification.expected.schema import TABLES, Assumed, ColumnKind, Fallback, Rule
from tests.projections.verification.conftest import Made

LABEL = "system_backups.RestoreLog"
MISTAKES = {
    "is_overwrite": {"legacy": Assumed(True)},
    "restore_type": {"legacy": Assumed("full")},
    "trigger_type": {"legacy": Fallback("status")},
    "started_at": {"consolidated": "created_at"},
    "completed_at": {"consolidated": "started_at"},
    "message": {"legacy": "name"},
    "created_at": {"legacy": "updated_at"},
    "name": {"holds": ColumnKind("text", 10)},
    "duration_seconds": {"holds": ColumnKind("integer", 60, null=True)},
    "created_by_id": {"holds": ColumnKind("person", 255)},
}


@pytest.mark.parametrize("column", MISTAKES)
def test_a_mistake_in_the_rules_is_found(
    made: Made, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(rule: Rule) -> Rule:
        changes: dict[str, Any] = MISTAKES[column]
        return replace(rule, **changes) if rule.column == column else rule

    table = TABLES[LABEL]
    wrong = replace(table, rules=tuple(map(mistaken, table.rules)))
    monkeypatch.setitem(schema.TABLES, LABEL, wrong)
    found = made("sqlite").verify()
    assert found["equal"] is False
    assert {d["table"] for d in found["differences"]} == {LABEL}
    # None is a whole row, which by the mistaken rule should not stand in the table; a column that
    # the rule names no longer is expected in `extra`.
    assert {d["column"] for d in found["differences"]} - {None, "extra"} == {column}
