"""The host's programs write to both tables before, while and after it migrates."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.host_migration.imports import differences, imported
from tests.host_migration.stage import CONSOLIDATED, CONSOLIDATED_BACKUPS, LEGACY, Stage
from tests.host_migration.test_top_up import assert_copied
from tests.support import raw

PATIENCE = 120
BEGIN = """
from django.apps import apps
from django.utils import timezone
Backup, Restore = (
    apps.get_model("database_management", name) for name in ("BackupLog", "RestoreLog")
)
for number in range(3):
    Restore.objects.create(
        name=f"{name} {number}", status="in_progress", target_database="orders",
        source_backup_id=Backup.objects.order_by("pk").values_list("pk", flat=True)[0],
        started_at=timezone.now(),
    )
"""
COMPLETE = """
from django.apps import apps
from django.utils import timezone
for restore in apps.get_model("database_management", "RestoreLog").objects.filter(
    name__startswith="begun before"
):
    restore.status, restore.message = "completed", "by old code"
    restore.completed_at = timezone.now()
    restore.save()
"""


@contextmanager
def old_code_at_work(stage: Stage) -> Iterator[list[int]]:
    """Old code writes to both tables, again and again: its turns so far."""
    turns: list[int] = []
    failed: list[Exception] = []
    stop = threading.Event()

    def go() -> None:
        try:
            while not stop.wait(0.02):
                stage.old_code_writes(len(turns) % 5)
                turns.append(len(turns))
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    writer = threading.Thread(target=go)
    writer.start()
    try:
        yield turns
    finally:
        stop.set()
        writer.join()
    assert failed == []


def further(turns: list[int]) -> None:
    """Wait until some more were made."""
    until, upto = len(turns) + 3, time.monotonic() + PATIENCE
    while len(turns) < until:
        assert time.monotonic() < upto, "nobody writes"
        time.sleep(0.01)


def test_what_both_sides_write_meanwhile_all_arrives_and_nothing_collides(stage: Stage):
    own = stage.value(f"SELECT count(*) FROM {CONSOLIDATED}")
    legacy = stage.value(f"SELECT count(*) FROM {LEGACY}")
    with old_code_at_work(stage) as turns:
        further(turns)
        stage.forward()
        further(turns)
        stage.top_up()
        further(turns)
    stage.top_up()
    assert_copied(stage)
    written = 3 * len(turns)  # in each table
    assert stage.value(f"SELECT count(*) FROM {LEGACY}") == legacy + written
    assert len(stage.moved()) == legacy + written
    assert stage.value(f"SELECT count(*) FROM {CONSOLIDATED}") == own + legacy + 2 * written
    imported(stage)
    assert differences(stage) == []
    assert imported(stage) == 0


def test_the_way_back_while_both_sides_write(small: Stage):
    small.forward()
    copies = set(small.moved().values())
    with old_code_at_work(small) as turns:
        further(turns)
        small.product.back()
        further(turns)
    there = {key for (key,) in raw.rows(small.host, f"SELECT id FROM {CONSOLIDATED}")}
    assert there & copies == set()
    assert len(there) == 12 + 3 * len(turns)
    assert small.value(f"SELECT count(*) FROM {LEGACY}") == 12 + 3 * len(turns)
    imported(small)
    assert differences(small) == []


def test_restores_in_progress_are_completed_by_old_code_and_arrive(stage: Stage):
    stage.product.manage("shell", "-v0", "-c", f"name = 'begun before'\n{BEGIN}")
    imported(stage)
    stage.forward()
    begun = ids(stage, "begun before")
    assert len(begun) == 3
    stage.product.manage("shell", "-v0", "-c", COMPLETE)
    stage.product.manage("shell", "-v0", "-c", f"name = 'begun after'\n{BEGIN}")
    assert imported(stage) == 6
    assert differences(stage) == []
    stage.top_up()
    assert_copied(stage)
    copies = stage.moved()
    shown = dict(raw.rows(stage.host, f"SELECT id, status FROM {CONSOLIDATED}"))
    assert {shown[copies[key]] for key in begun} == {"completed"}
    assert {shown[copies[key]] for key in ids(stage, "begun after")} == {"in_progress"}
    assert imported(stage) == 0
    assert differences(stage) == []


def test_a_restore_of_new_code_that_names_a_moved_backup(small: Stage):
    small.execute(
        "UPDATE database_management_backuplog SET database_name = 'orders'"
        f" WHERE id = (SELECT source_backup_id FROM {LEGACY} WHERE id = {with_backup(small)})"
    )
    imported(small)
    first = small.forward()["name"]
    copy = small.moved()[with_backup(small)]
    names = "name, source_backup_id, status, restore_type, trigger_type, is_overwrite, message"
    small.execute(
        f"INSERT INTO {CONSOLIDATED} ({names}, created_at, updated_at, target_database)"
        f" SELECT 'by new code', {names.partition(', ')[2]}, created_at, updated_at, ''"
        f" FROM (SELECT * FROM {CONSOLIDATED} WHERE id = {copy}) AS one"
    )
    assert imported(small) == 1
    assert differences(small) == []
    shown = "SELECT target_database FROM system_backups_restorelog WHERE name = 'by new code'"
    assert raw.value(small.service, shown) == "orders"
    small.top_up()
    assert small.value(shown) == "orders"
    assert imported(small) == 0
    assert differences(small) == []
    small.product.migrate(first)
    assert small.value(shown) == ""
    assert imported(small) == 0
    done = small.product.back(check=False)
    assert done.returncode == 1
    assert f"source_backup_id refers to moved rows of {CONSOLIDATED_BACKUPS}" in done.stderr


def ids(stage: Stage, name: str) -> list[int]:
    found = f"SELECT id FROM {LEGACY} WHERE name LIKE '{name}%'"
    return [key for (key,) in raw.rows(stage.host, found)]


def with_backup(stage: Stage) -> int:
    """The lowest id of a legacy restore that has a backup."""
    found = (
        f"SELECT min(r.id) FROM {LEGACY} AS r"
        " JOIN database_management_backuplog AS b ON b.id = r.source_backup_id"
    )
    return int(stage.value(found))
