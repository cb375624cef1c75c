"""Columns that an event fills from other columns of the host than the usual ones."""

import json
from typing import Any

import pytest

from domain.restores import events as restores
from projections.database_management import projector as legacy
from projections.system_backups import projector as consolidated
from tests.projections.histories import folded, legacy_columns

BOTH = (legacy.project, consolidated.project)


def row(project: Any, columns: dict[str, Any], **state: Any) -> tuple[Any, dict[str, Any]]:
    """The row of a host's row with these further columns, and what stands in its `extra`."""
    state["columns"] = legacy_columns(**columns)
    found = folded(project, (restores.RestoreImported, state))
    return found, json.loads(found.extra)


@pytest.mark.parametrize("project", BOTH)
@pytest.mark.parametrize(
    ("title", "label", "name", "rest"),
    [
        ("monday", None, "monday", {}),
        (None, "weekly", "weekly", {}),
        ("monday", "weekly", "monday", {"label": "weekly"}),
        (None, None, None, {}),
    ],
)
def test_the_first_of_several_columns_that_is_not_null_is_shown_the_others_stand_in_extra(
    project: Any, title: str | None, label: str | None, name: str | None, rest: dict[str, str]
):
    sources = {"name": ("title", "label")}
    shown, extra = row(project, {"title": title, "label": label}, sources=sources)
    assert shown.name == name
    assert shown.message == "done"
    assert extra == {"name": "nightly", **rest}


@pytest.mark.parametrize("project", BOTH)
@pytest.mark.parametrize(
    ("target", "usual", "value"),
    [
        ("id", "id", 41),
        ("source_backup_id", "source_backup_id", 7),
        ("created_by_id", "created_by_id", 3),
    ],
)
def test_a_usual_column_that_fills_nothing_stands_in_extra(
    project: Any, target: str, usual: str, value: int
):
    """Though a column that is looked up, such as the user's name, usually is found by it."""
    _, extra = row(project, {"other": 5}, sources={target: ("other",)})
    assert extra == {usual: value}


@pytest.mark.parametrize("project", BOTH)
def test_what_fills_no_column_stands_in_extra_whatever_it_is_called(project: Any):
    columns = {"": 1, "*": 2, "restore_type": "full", "trigger_type": "x", "is_overwrite": True}
    _, extra = row(project, {**columns, "rack": "A"})
    assert extra.items() >= {"": 1, "*": 2, "rack": "A"}.items()


@pytest.mark.parametrize("project", BOTH)
@pytest.mark.parametrize("sources", [{}, {"source_backup_id": ("backup_no",)}])
def test_a_backup_that_is_no_number_withholds_the_row_unless_the_event_knows_the_backup(
    project: Any, sources: dict[str, tuple[str, ...]]
):
    columns = {"source_backup_id": "monday's", "backup_no": "monday's"}
    unknown, _ = row(project, columns, sources=sources, backup=None)
    assert unknown.unfit == {"source_backup_id": 'not a whole number: "monday\'s"'}
    known, _ = row(project, columns, sources=sources)
    assert known.unfit == {}


def test_a_derived_target_is_shown_in_both_tables_where_the_host_has_none():
    state = {"columns": legacy_columns(target_database=None), "derived": {"target_database": "hr"}}
    for project in BOTH:
        assert folded(project, (restores.RestoreImported, state)).target_database == "hr"
