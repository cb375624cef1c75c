"""When no migration is written: exit 2, one line that says why and what to do, and no file."""

from pathlib import Path

from tests.host_migration.product import Product
from tests.host_migration.stage import CONSOLIDATED, Stage
from tests.sample_host.build import make_host
from tests.support import here


def test_before_a_cut_over(database: str, host_url: str, tmp_path: Path):
    make_host(host_url, rows=12)
    here.run("import_host", source=host_url)
    done = here.run("host_migration", f"--out={tmp_path}", source=host_url, check=False)
    assert done.code == 2
    assert "written after a cut-over: the host has been imported" in done.err
    assert done.err.strip().endswith("First: manage.py cut_over")
    assert list(tmp_path.glob("*restorelog*")) == []


def test_after_a_roll_back(small: Stage, tmp_path: Path):
    here.run("roll_back", "--yes", "--reason=a test", source=small.host)
    done = here.run("host_migration", f"--out={tmp_path}", source=small.host, check=False)
    assert done.code == 2
    assert "it has been rolled back" in done.err


def test_columns_that_need_an_answer_are_named(origin: Stage, tmp_path: Path):
    out = f"--out={tmp_path}"
    done = here.run("host_migration", out, source=origin.host, check=False)
    assert done.code == 2
    for column in ("trigger_type", "storage_location", "is_compressed", "compression_type"):
        assert f"system_backups_backuplog.{column}" in done.err
    for column in ("backup_method", "database_name", "compression", "retention_days"):
        assert f"database_management_backuplog.{column}" in done.err
    assert "--value" in done.err
    assert "--leave-out" in done.err
    assert list(tmp_path.glob("*restorelog*")) == []


def test_an_answer_to_no_question(small: Stage):
    table = "database_management_restorelog"
    for option, said in (
        (f"--leave-out={table}.message", "this column is moved"),
        (f"--leave-out={table}.colour", "no such column to leave out"),
        (f"--value={CONSOLIDATED}.colour=blue", "no such column to fill"),
        (f"--value={CONSOLIDATED}.duration_seconds=long", "the column is of type integer"),
        ("--value=blue", "it should look like TABLE.column=value"),
        (f"--copy={CONSOLIDATED}.message=colour", f"{table} has no column colour"),
        ("--depends-on=nothing", "it should look like APP.MIGRATION"),
    ):
        done = small.write(option, check=False)
        assert (done.code, said in done.err) == (2, True), (option, done.err)


def test_a_first_one_twice_and_a_further_one_without_a_first(small: Stage, tmp_path: Path):
    done = small.write("--top-up", check=False)
    assert done.code == 2
    assert "no record of moved rows" in done.err
    small.forward()
    done = small.write(check=False)
    assert done.code == 2
    assert done.err.strip().endswith("manage.py host_migration --out DIR --top-up")
    elsewhere = f"--out={tmp_path}"
    done = here.run("host_migration", elsewhere, "--top-up", source=small.host, check=False)
    assert done.code == 2
    assert "no earlier migration of this service" in done.err


def test_another_file_is_not_overwritten(small: Stage):
    path = small.product.migrations / "0002_restorelog_consolidation.py"
    path.write_text("# somebody else's\n")
    done = small.write(check=False)
    assert done.code == 2
    assert "migration of this service" in done.err
    assert path.read_text() == "# somebody else's\n"


def test_it_is_written_again_over_its_own_file(small: Stage):
    first = small.write().json
    assert small.write().json == first


def test_another_dependency_can_be_named(small: Stage):
    told = small.write("--depends-on=system_backups.0007_squashed").json
    assert told["depends_on"] == [
        "system_backups.0007_squashed",
        "database_management.0001_initial",
    ]
    assert told["name"] == "0008_restorelog_consolidation"


def test_a_project_without_the_legacy_rows_is_no_trouble(small: Stage, tmp_path: Path):
    """Somebody else's copy of the project, with a new database: its tables are empty."""
    small.write()
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    new = Product(small.product.name, small.product.folder, url)
    new.migrate()
    new.back()
    new.migrate()
