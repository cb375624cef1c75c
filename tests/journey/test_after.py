"""After each step: the pages open, the ids and names are as before, and every way back works."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, override_settings

from tests.conftest import fresh
from tests.journey import looking, oracle
from tests.journey.stage import Stage
from tests.projections.engine.tables import contents, leftovers, schema
from tests.support import here, raw

TABLES = list(oracle.TABLES.values())
LEGACY, LEGACY_BACKUPS, CONSOLIDATED, BACKUPS = TABLES


@pytest.fixture
def migrated(
    vendor: str, templates: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> list[raw.Row]:
    """The four tables in the database's catalogue, as `migrate` makes them.

    To be asked for before `small`, to which this process then belongs.
    """
    return schema(fresh(templates, vendor, tmp_path_factory.mktemp("migrated")))


def ids(url: str, table: str) -> set[int]:
    return {key for (key,) in raw.rows(url, f"SELECT id FROM {table}")}


def after_cut_over(stage: Stage) -> None:
    looking.cut_over(stage)


def after_roll_back(stage: Stage) -> None:
    looking.cut_over(stage)
    looking.roll_back(stage)


def after_the_snapshot_was_put_back(stage: Stage) -> None:
    looking.cut_over(stage)
    looking.put_back(looking.snapshot(stage))


STEPS = (
    (after_cut_over, "cut_over"),
    (after_roll_back, "rolled_back"),
    (after_the_snapshot_was_put_back, "rolled_back"),
)
each_step = pytest.mark.parametrize(
    ("step", "state"), STEPS, ids=[step.__name__ for step, _ in STEPS]
)


@each_step
def test_the_admin_lists_every_table_and_opens_its_rows(
    small: Stage, step: Callable[[Stage], None], state: str
):
    step(small)
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    with override_settings(SECURE_SSL_REDIRECT=False):
        for table in TABLES:
            url = f"/admin/{'/'.join(table.rsplit('_', 1))}"
            assert client.get(f"{url}/").status_code == 200
            for key in (min(ids(small.service, table)), max(ids(small.service, table))):
                assert client.get(f"{url}/{key}/change/").status_code == 200


@each_step
def test_the_rows_keep_their_ids_and_the_schema_its_names(
    migrated: list[raw.Row], small: Stage, step: Callable[[Stage], None], state: str
):
    before = contents(small.service)
    step(small)
    after = contents(small.service)
    assert looking.state() == state
    if state == "cut_over":
        legacy = "database_management.RestoreLog", "database_management.BackupLog"
        assert {label: after[label] for label in legacy} == {
            label: before[label] for label in legacy
        }
        for table, of_legacy in ((CONSOLIDATED, LEGACY), (BACKUPS, LEGACY_BACKUPS)):
            moved = {oracle.OFFSET + key for key in ids(small.host, of_legacy)}
            assert ids(small.service, table) == ids(small.host, table) | moved
    else:
        assert after == before
    assert schema(small.service) == migrated
    assert leftovers(small.service) == []
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    small.assert_tables("all" if state == "cut_over" else "native")


def test_the_snapshot_holds_exactly_what_the_tables_held_for_any_sql_client(small: Stage):
    small.record(15, seed=1)
    before = oracle.found(small.service)
    looking.cut_over(small)
    assert oracle.found(f"sqlite:///{looking.snapshot(small)}") == before
    assert {label: len(table) for label, table in before.items()} == dict(
        raw.rows(
            f"sqlite:///{looking.snapshot(small)}",
            "SELECT label, rows FROM snapshot_tables",
        )
    )


def test_the_snapshot_can_be_put_back_with_the_events_since(small: Stage):
    small.record(15, seed=1)
    looking.cut_over(small)
    small.record(25, seed=2)
    done = looking.put_back(looking.snapshot(small)).json
    assert done["state"] == "rolled_back"
    small.assert_tables("native")
    looking.cut_over(small)
    small.assert_tables("all")


def test_what_an_earlier_cut_over_saved_is_not_overwritten(small: Stage):
    looking.cut_over(small)
    looking.roll_back(small)
    before, saved = looking.seen(small), looking.snapshot(small).read_bytes()
    refused = looking.cut_over(small, "--snapshot", str(looking.snapshot(small)), check=False)
    assert refused.code == 2
    assert "an earlier cut-over saved" in refused.err
    assert looking.snapshot(small).read_bytes() == saved
    assert looking.seen(small) == before
    assert looking.put_back(looking.snapshot(small)).code == 0


def test_a_snapshot_of_which_a_byte_was_changed_is_refused(small: Stage):
    looking.cut_over(small)
    before = looking.seen(small)
    file = looking.snapshot(small)
    whole = file.read_bytes()
    for at in (0, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert_refused_snapshot(small, file, before)
    file.write_bytes(whole)
    assert looking.put_back(file).json["state"] == "rolled_back"


@pytest.mark.parametrize("name", ["be#fore.sqlite3", "be fore%20a?b.sqlite3"])
def test_a_snapshot_may_have_any_name(small: Stage, name: str):
    file = small.folder / name
    looking.cut_over(small, "--snapshot", str(file))
    # What the name would be read as if it were taken for a URL.
    forged = small.folder / unquote(name.partition("#")[0].partition("?")[0])
    shutil.copyfile(file, forged)
    with closing(sqlite3.connect(forged)) as database, database:
        database.execute(f"UPDATE {LEGACY} SET name = 'forged'")
    assert looking.put_back(file).json["state"] == "rolled_back"
    small.assert_tables("native")


def test_a_file_that_the_log_does_not_know_is_refused(small: Stage, tmp_path: Path):
    looking.cut_over(small)
    before = looking.seen(small)
    other = tmp_path / "other.sqlite3"
    shutil.copyfile(looking.snapshot(small), other)
    raw.execute(f"sqlite:///{other}", f"UPDATE {LEGACY} SET name = 'forged'")
    assert_refused_snapshot(small, other, before)
    assert_refused_snapshot(small, tmp_path / "missing.sqlite3", before)
    assert_refused_snapshot(small, looking.certificate(small), before)


def assert_refused_snapshot(stage: Stage, file: Path, before: looking.Seen) -> None:
    refused = looking.put_back(file, check=False)
    assert refused.code == 2
    assert refused.err.count("\n") == 1
    assert "Nothing was changed" in refused.err
    assert looking.seen(stage) == before


def a_changed_row(stage: Stage) -> None:
    table = looking.frozen(stage, CONSOLIDATED)
    assert raw.execute(stage.service, f"UPDATE {table} SET name = 'forged' WHERE id = 30") == 1


def a_row_less(stage: Stage) -> None:
    assert raw.execute(stage.service, f"DELETE FROM {looking.frozen(stage, BACKUPS)}") > 0


def a_table_less(stage: Stage) -> None:
    raw.execute(stage.service, f"DROP TABLE {looking.frozen(stage, CONSOLIDATED)}")


def a_column_less(stage: Stage) -> None:
    table = looking.frozen(stage, CONSOLIDATED)
    raw.execute(stage.service, f"ALTER TABLE {table} DROP COLUMN extra")


@pytest.mark.parametrize("harm", [a_changed_row, a_row_less, a_table_less, a_column_less])
def test_a_roll_back_builds_from_the_log_what_is_not_as_it_was(
    migrated: list[raw.Row], small: Stage, harm: Callable[[Stage], None]
):
    looking.cut_over(small)
    small.record(15, seed=1)
    harm(small)
    assert looking.roll_back(small).json["state"] == "rolled_back"
    small.assert_tables("native")
    assert schema(small.service) == migrated
    assert leftovers(small.service) == []
    looking.cut_over(small)
    small.assert_tables("all")


def test_plain_rebuilds_in_between_change_nothing(migrated: list[raw.Row], small: Stage):
    here.run("rebuild")
    looking.cut_over(small)
    small.assert_tables("all")
    small.record(15, seed=1)
    here.run("rebuild")
    small.assert_tables("all")
    looking.roll_back(small)
    small.assert_tables("native")
    here.run("rebuild", "system_backups.RestoreLog")
    small.record(15, seed=2)
    small.assert_tables("native")
    looking.cut_over(small)
    here.run("rebuild", "system_backups.BackupLog")
    looking.roll_back(small)
    small.assert_tables("native")
    assert schema(small.service) == migrated
    assert here.run("verify", "--json", source=small.host).json["equal"]


def refused(*args: str, source: str = "") -> str:
    """The one line with which a command exits with 2."""
    done = here.run(*args, source=source, check=False)
    assert done.code == 2
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    return done.err


def test_without_a_host_or_an_import_nothing_can_be_done(database: str, tmp_path: Path):
    host = f"sqlite:///{tmp_path}/none.sqlite3"
    assert "cannot be read" in refused("cut_over", "--yes", source=host)
    assert "nothing has been imported yet" in refused("roll_back", "--yes")
    assert "nothing has been imported yet" in refused("retire", "--yes", "--reason=x", source=host)


def test_steps_out_of_order_are_refused_in_one_line(small: Stage):
    host = small.host
    before = looking.seen(small)
    assert "the host has been imported" in refused("roll_back", "--yes")
    assert "the host has been imported" in refused("retire", "--yes", "--reason=x", source=host)
    assert "host" in refused("cut_over", "--yes", source="")
    assert looking.seen(small) == before

    looking.cut_over(small)
    before = looking.seen(small)
    assert "it has been cut over" in refused("cut_over", "--yes", source=host)
    assert "--reason" in refused("retire", "--yes", source=host)
    assert "--reason" in refused("retire", "--yes", "--reason=  ", source=host)
    assert looking.seen(small) == before

    looking.roll_back(small)
    before = looking.seen(small)
    assert "it has been rolled back" in refused("roll_back", "--yes")
    assert "it has been rolled back" in refused("retire", "--yes", "--reason=x", source=host)
    assert looking.seen(small) == before

    looking.cut_over(small)
    certificate = str(small.folder / "last.json")
    here.run(
        *("retire", "--yes", "--json", "--reason=done", "--certificate", certificate), source=host
    )
    before = looking.seen(small)
    assert before.state == "retired"
    over = "it has been retired"
    assert over in refused("cut_over", "--yes", source=host)
    assert over in refused("roll_back", "--yes")
    assert over in refused("retire", "--yes", "--reason=again", source=host)
    file = str(looking.snapshot(small))
    assert over in refused("cut_over", "--yes", "--restore-snapshot", file)
    assert looking.seen(small) == before


def test_without_a_terminal_each_step_needs_to_be_confirmed(small: Stage):
    def unconfirmed(*args: str) -> None:
        before = looking.seen(small)
        done = small.manage(*args, check=False)
        assert done.code == 2
        assert done.out == ""
        assert done.err.count("\n") == 1, done.err
        assert "needs --yes" in done.err
        assert looking.seen(small) == before

    unconfirmed("cut_over")
    looking.cut_over(small)
    unconfirmed("roll_back")
    unconfirmed("retire", "--reason=done")
    unconfirmed("cut_over", "--restore-snapshot", str(looking.snapshot(small)))
