"""The host's legacy tables are gone: too early, or after the retirement."""

import json
from pathlib import Path

from tests.host_migration.conftest import cut_over
from tests.host_migration.imports import differences, imported, kinds_found, retired
from tests.host_migration.stage import LEGACY, LEGACY_BACKUPS, Stage
from tests.sample_host.build import make_host
from tests.support import here, raw


def hidden(stage: Stage) -> None:
    for table in (LEGACY, LEGACY_BACKUPS):
        stage.execute(f"ALTER TABLE {table} RENAME TO hidden_{table}")


def put_back(stage: Stage) -> None:
    for table in (LEGACY, LEGACY_BACKUPS):
        stage.execute(f"ALTER TABLE hidden_{table} RENAME TO {table}")


def shown(stage: Stage) -> list[tuple[object, ...]]:
    """The service's consolidated table."""
    columns = "id, name, status, target_database, origin"
    query = f"SELECT {columns} FROM system_backups_restorelog ORDER BY id"
    return raw.rows(stage.service, query)


def test_before_the_retirement_nothing_is_imported_and_the_way_on_is_named(
    stage: Stage, tmp_path: Path
):
    stage.forward()
    before = shown(stage)
    hidden(stage)
    for command in (["import_host"], ["retire", "--yes", "--reason=done"]):
        done = here.run(*command, source=stage.host, check=False)
        assert done.code == 2
        assert f"lacks the legacy tables {LEGACY_BACKUPS}, {LEGACY}" in done.err
        assert "Restore the legacy tables from a backup of the host" in done.err
        assert done.err.strip().endswith("manage.py retire --reason TEXT")
    assert here.run("verify", source=stage.host, check=False).code == 2
    assert {"legacy_table_gone", "moved_rows"} <= kinds_found(stage)
    assert shown(stage) == before
    put_back(stage)
    assert imported(stage) == 0
    retired(stage, f"--certificate={tmp_path / 'r.json'}")


def test_after_it_the_copies_are_the_rows(stage: Stage, tmp_path: Path):
    stage.forward()
    before = shown(stage)
    retired(stage, f"--certificate={tmp_path / 'r.json'}")
    stage.drop_legacy_tables()
    assert imported(stage) == 0
    assert differences(stage) == []
    assert here.run("verify", source=stage.host).code == 0
    assert shown(stage) == before
    back = here.run("roll_back", "--yes", "--reason=no", source=stage.host, check=False)
    assert back.code == 2
    assert "retired" in back.err
    assert {"legacy_table_gone", "moved_rows"} <= kinds_found(stage)
    copy = stage.copy_of_first
    stage.execute(f"UPDATE system_backups_restorelog SET message = 'later' WHERE id = {copy}")
    assert imported(stage) == 1
    assert differences(stage) == []


def test_a_host_can_be_looked_at_at_every_stage(database: str, host_url: str, tmp_path: Path):
    make_host(host_url, rows=12, seed=5)
    here.run("inspect_host", source=host_url)
    here.run("import_host", source=host_url)
    here.run("inspect_host", source=host_url)
    cut_over(host_url, tmp_path)
    stage = Stage.at(database, host_url, "plan", tmp_path)
    assert "moved_rows" not in kinds_found(stage)
    stage.forward()
    assert "moved_rows" in kinds_found(stage)
    stage.old_code_writes(1)
    stage.top_up()
    assert "moved_rows" in kinds_found(stage)
    retired(stage, f"--certificate={tmp_path / 'r.json'}")
    assert "legacy_table_gone" not in kinds_found(stage)
    stage.execute(f"DROP TABLE {LEGACY_BACKUPS}" + stage.cascade)
    assert "legacy_table_gone" in kinds_found(stage)
    stage.execute(f"DROP TABLE {LEGACY}" + stage.cascade)
    assert {"legacy_table_gone", "moved_rows"} <= kinds_found(stage)


def test_the_certificate_says_whether_the_hosts_own_table_holds_the_rows(
    small: Stage, tmp_path: Path
):
    small.forward()
    done = retired(small, f"--certificate={tmp_path / 'r.json'}")
    assert "The host's own consolidated table holds every legacy restore." in done.out
    assert "Do not drop" not in done.out
    moved = json.loads((tmp_path / "r.json").read_text())["certificate"]["moved"]
    assert (moved["complete"], moved["restores"]) == (True, 12)
    assert moved["backups"] == len(small.moved("backup"))


def test_and_that_it_does_not_where_nothing_was_moved(small: Stage, tmp_path: Path):
    done = retired(small, f"--certificate={tmp_path / 'r.json'}", "--json").json
    assert done["host_holds_legacy_rows"] is False
    moved = json.loads((tmp_path / "r.json").read_text())["certificate"]["moved"]
    assert (moved["complete"], moved["restores"], moved["backups"]) == (False, 0, 0)


def test_where_nothing_was_moved_the_command_says_that_the_tables_must_stay(
    small: Stage, tmp_path: Path
):
    done = retired(small, f"--certificate={tmp_path / 'r.json'}")
    assert "Do not drop the host's legacy tables" in done.out
