"""A dry run of a rebuild says which rows it would change, and leaves them as they are."""

import json
from dataclasses import replace
from typing import Any

import pytest

from projections.engine import registry
from projections.engine.catch_up import catch_up
from projections.engine.rebuild import rebuild
from projections.engine.rebuild_diff import RebuildDiff
from projections.mapping.conversions import to_text
from projections.mapping.host_values import ColumnMapping
from projections.system_backups.mapping import MAPPING_VERSION, RESTORES
from projections.system_backups.projector import ConsolidatedRestores
from tests.builders import imported, requested
from tests.projections.engine.tables import contents, generations, leftovers
from tests.projections.histories import history, record
from tests.support import here, raw

LABEL = "system_backups.RestoreLog"


def corrected(monkeypatch: pytest.MonkeyPatch, target: str, rule: Any, version: int = 8) -> None:
    """Deploy another mapping of one column of the consolidated restores."""
    columns = tuple(
        ColumnMapping(target, rule, column.legacy, column.consolidated)
        if column.target == target
        else column
        for column in RESTORES
    )
    monkeypatch.setattr(ConsolidatedRestores, "columns", columns)
    projection = replace(registry.PROJECTIONS[LABEL], version=version)
    monkeypatch.setitem(registry.PROJECTIONS, LABEL, projection)


def changes_of(label: str = LABEL) -> RebuildDiff | None:
    return rebuild(dry_run=True).projections[label].changes


@pytest.fixture
def four_rows(database: str) -> str:
    """Two restores of the host's consolidated table and two recorded here."""
    native = {"origin": "consolidated", "legacy_id": None, "assumed": {}}
    columns = {"restore_type": "files", "trigger_type": "manual", "is_overwrite": True}
    record(
        [
            *(
                imported(key, key, consolidated_id=key, **native,
                         columns={**imported(key, key).columns, **columns, "message": message})
                for key, message in ((7, "done"), (8, "x" * 700 + "!"))
            ),
            requested(1),
            requested(2),
        ]
    )  # fmt: skip
    catch_up()
    return database


def test_a_corrected_rule_changes_exactly_the_rows_it_is_about(
    four_rows: str, monkeypatch: pytest.MonkeyPatch
):
    before = contents(four_rows)
    corrected(monkeypatch, "name", lambda value: to_text(value).replace("nightly 7", "Nightly 7"))

    found = changes_of()

    assert found is not None
    assert (found.appear, found.disappear, found.change) == (0, 0, 1)
    assert (found.version_now, found.version_then) == (MAPPING_VERSION, 8)
    (one,) = found.differences
    assert (one.table, one.pk, one.column, one.now, one.then) == (
        (LABEL, 7, "name", "nightly 7", "Nightly 7")
    )
    assert contents(four_rows) == before
    assert leftovers(four_rows) == []
    assert {state for _, state in generations(four_rows)} == {"live"}


def test_every_kind_of_column_is_told_as_it_reads(four_rows: str):
    raw.execute(
        four_rows,
        "UPDATE system_backups_restorelog SET is_overwrite = false, duration_seconds = NULL,"
        " started_at = '2020-01-01 00:00:00+00', restore_id = "
        "'00000000000000000000000000000001', status = '' WHERE id = 7"
        if four_rows.startswith("postgres")
        else "UPDATE system_backups_restorelog SET is_overwrite = 0, duration_seconds = NULL,"
        " started_at = '2020-01-01 00:00:00', restore_id = "
        "'00000000000000000000000000000001', status = '' WHERE id = 7",
    )
    found = json.loads(json.dumps(here.run("rebuild", "--dry-run", "--json").json))
    told = {
        one["column"]: (one["now"], one["then"])
        for one in found["projections"][LABEL]["changes"]["differences"]
    }
    assert told.pop("restore_id")[0] == "00000000-0000-0000-0000-000000000001"
    assert told == {
        "is_overwrite": (False, True),
        "duration_seconds": (None, 300),
        "started_at": ("2020-01-01T00:00:00Z", "2024-02-29T23:00:00.000001Z"),
        "status": ("", "completed"),
    }


def test_rows_that_would_appear_and_disappear_are_told_whole(four_rows: str):
    raw.execute(four_rows, "UPDATE system_backups_restorelog SET id = 6 WHERE id = 7")

    found = changes_of()

    assert found is not None
    assert (found.appear, found.disappear, found.change) == (1, 1, 0)
    gone, new = found.differences
    assert (gone.pk, gone.column, gone.then, gone.now["name"]) == (6, None, None, "nightly 7")
    assert (new.pk, new.column, new.now, new.then["name"]) == (7, None, None, "nightly 7")
    assert list(new.then)[:3] == ["id", "name", "source_backup_id"]
    assert new.then["id"] == 7


def test_a_long_text_is_cut_to_what_surrounds_the_difference(four_rows: str):
    raw.execute(four_rows, f"UPDATE system_backups_restorelog SET message = '{'x' * 700}?'")
    found = changes_of()
    assert found is not None
    (one,) = [one for one in found.differences if one.pk == 8]
    assert one.now == f"…{'x' * 50}?… (701 characters)"
    assert one.then == f"…{'x' * 50}!… (701 characters)"


def test_another_version_without_effect_says_that_no_row_would_change(
    four_rows: str, monkeypatch: pytest.MonkeyPatch
):
    corrected(monkeypatch, "name", to_text, version=7)
    found = changes_of()
    assert found == RebuildDiff(version_now=MAPPING_VERSION, version_then=7)
    printed = here.run("rebuild", "--dry-run").out
    assert (
        f"{LABEL}: version 7 of the mapping instead of {MAPPING_VERSION} would change no row"
        in printed
    )


def test_the_first_twenty_rows_are_shown_and_all_are_counted(database: str):
    record(history(6, 120))
    catch_up()
    (count,) = raw.rows(database, "SELECT count(*) FROM system_backups_restorelog")[0]
    assert count > 25
    raw.execute(database, "UPDATE system_backups_restorelog SET name = 'forged', version = 99")
    first = raw.rows(database, "SELECT id FROM system_backups_restorelog ORDER BY id LIMIT 20")

    found = changes_of()

    assert found is not None
    assert (found.appear, found.disappear, found.change) == (0, 0, count)
    assert [one.pk for one in found.differences] == [pk for (pk,) in first for _ in range(2)]
    assert [one.column for one in found.differences[:2]] == ["name", "version"]
    printed = here.run("rebuild", "--dry-run").out
    assert f"rows that would change: {count}" in printed
    assert f"{LABEL}: … and {count - 20} more rows" in printed
    assert "name: 'forged' → " in printed


def test_what_a_scribbled_column_cannot_mean_is_told_as_it_stands(four_rows: str):
    if four_rows.startswith("postgres"):
        # PostgreSQL takes no such values; the nearest is a time that Python has no word for.
        raw.execute(four_rows, "UPDATE system_backups_restorelog SET started_at = 'infinity'")
    else:
        raw.execute(
            four_rows,
            "UPDATE system_backups_restorelog SET started_at = 'soon', version = 'many'",
        )
    found = changes_of()
    assert found is not None
    assert found.change == 4
    assert any(one.column == "started_at" for one in found.differences)


def test_a_table_that_is_gone_has_nothing_to_compare(four_rows: str):
    raw.execute(four_rows, "DROP TABLE system_backups_restorelog")
    assert changes_of() is None
    assert "is gone or broken" in here.run("rebuild", "--dry-run").out


def test_without_a_dry_run_nothing_is_compared(four_rows: str):
    made = here.run("rebuild", "--json").json
    assert set(made["projections"][LABEL]) == {"events", "rows", "withheld", "digest", "seconds"}
