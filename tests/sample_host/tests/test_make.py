"""A host that was made is a real Django database with the rows that were asked for."""

from pathlib import Path

import pytest

from tests.sample_host import HostNotMade, host_command, make_host
from tests.support import raw

from .databases import FRESH

LEGACY, CONSOLIDATED = "database_management_restorelog", "system_backups_restorelog"
BACKUPS = ("database_management_backuplog", "system_backups_backuplog")


@pytest.fixture(params=FRESH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return FRESH[request.param](tmp_path)


def ids(url: str, table: str) -> set[int]:
    return {row[0] for row in raw.rows(url, f"SELECT id FROM {table}")}


def test_both_tables_hold_as_many_rows_as_asked_for(url: str) -> None:
    make_host(url, rows=120)
    assert [len(ids(url, table)) for table in (LEGACY, CONSOLIDATED)] == [120, 120]
    assert [len(ids(url, table)) for table in BACKUPS] == [30, 30]
    assert raw.value(url, "SELECT count(*) FROM reports_restorereview") == 6


def test_the_tables_reuse_each_others_ids_with_gaps(url: str) -> None:
    make_host(url, rows=120)
    assert ids(url, LEGACY) & ids(url, CONSOLIDATED)
    assert max(ids(url, LEGACY)) > 1000
    assert ids(url, BACKUPS[0]) & ids(url, BACKUPS[1])
    same = "SELECT count(*) FROM {} a JOIN {} b ON a.id = b.id AND a.name = b.name"
    assert raw.value(url, same.format(*BACKUPS)) == 0


def test_the_next_row_gets_a_free_id(url: str) -> None:
    make_host(url, rows=30)
    before = {table: max(ids(url, table)) for table in (LEGACY, CONSOLIDATED)}
    host_command("write", url, "--seconds=0.5", "--rate=40")
    written = "SELECT id FROM {} WHERE name LIKE 'written while running%'"
    for table, highest in before.items():
        new = raw.rows(url, written.format(table))
        assert new
        assert all(id_ > highest for (id_,) in new)


def test_the_same_seed_gives_the_same_rows_on_every_database(tmp_path: Path) -> None:
    columns = "id, name, source_backup_id, status, duration_seconds, message, created_by_id"
    made = []
    for number, (seed, database) in enumerate(((3, "sqlite"), (3, "postgresql"), (4, "sqlite"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        url = FRESH[database](folder)
        make_host(url, rows=150, seed=seed)
        made.append(raw.rows(url, f"SELECT {columns} FROM {LEGACY} ORDER BY id"))
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_a_host_is_never_made_twice_in_one_database(url: str) -> None:
    make_host(url, rows=5)
    with pytest.raises(HostNotMade, match="already holds a host"):
        make_host(url, rows=5)


def test_its_own_migrations_are_complete_and_its_checks_pass(tmp_path: Path) -> None:
    for variant in ("standard", "origin", "bare", "strange"):
        url = f"sqlite:///{tmp_path / variant}.sqlite3"
        make_host(url, rows=5, variant=variant)
        for command in (("makemigrations", "--check"), ("check", "--fail-level=WARNING")):
            host_command("manage", url, "--", *command, variant=variant)


def test_a_migration_from_elsewhere_can_be_applied(url: str, tmp_path: Path) -> None:
    make_host(url, rows=30)
    (tmp_path / "0002_target_database.py").write_text(
        "from django.db import migrations, models\n"
        "class Migration(migrations.Migration):\n"
        "    dependencies = [('system_backups', '0001_initial')]\n"
        "    operations = [migrations.AddField('restorelog', 'target_database',\n"
        "        models.CharField(max_length=100, default=''))]\n"
    )
    further = f"--migrations=system_backups={tmp_path}"
    host_command("manage", url, further, "--", "migrate")
    assert raw.value(url, f"SELECT count(*) FROM {CONSOLIDATED} WHERE target_database = ''") == 30
    host_command("manage", url, further, "--", "migrate", "system_backups", "0001")
    with pytest.raises(Exception, match="target_database"):
        raw.rows(url, f"SELECT target_database FROM {CONSOLIDATED}")
