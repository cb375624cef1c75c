"""In batches: the same as in one transaction, while the host's programs go on writing."""

import threading
from itertools import count

import pymysql
import pytest

from tests.host_migration.batches import (
    forward,
    killed_again_and_again,
    killed_halfway,
    state_but_moments,
    wait_until_alone,
    written,
)
from tests.host_migration.imports import differences, imported
from tests.host_migration.stage import CONSOLIDATED, LEGACY, Stage, columns
from tests.host_migration.state import applied, changes
from tests.host_migration.test_top_up import assert_copied
from tests.support import raw

DEADLOCK = 1213
"""MySQL's number for it."""


def test_every_row_and_column_is_as_in_one_transaction_forward_and_back(stage: Stage):
    before = stage.state()
    stage.forward()
    whole = state_but_moments(stage)
    stage.product.back()
    told = stage.write("--batches=25").json
    assert told["batches"] == 25
    stage.product.migrate()
    assert changes(whole, state_but_moments(stage)) == {}
    stage.product.patch_model(indexed=told["adds_index"])
    stage.product.manage("makemigrations", "--check", "--dry-run")
    stage.product.back()
    assert changes(before, stage.state()) == {}


def test_killed_again_and_again_it_goes_on_and_ends_the_same(small: Stage):
    before = small.state()
    small.forward()
    whole = state_but_moments(small)
    small.product.back()
    name = written(small, 5)
    done = killed_again_and_again(small, name)
    assert (done["exit"], done["killed"] > 30) == (0, True), done
    wait_until_alone(small)
    assert changes(whole, state_but_moments(small)) == {}
    done = killed_again_and_again(small, small.product.last)
    assert (done["exit"], done["killed"] > 30) == (0, True), done
    wait_until_alone(small)
    assert changes(before, small.state()) == {}


def test_what_is_written_before_it_goes_on_is_carried_over(small: Stage):
    name = written(small, 4)
    killed_halfway(small, name)
    first = small.moved()
    assert small.first in first
    small.old_code_writes(small.first % 5)  # changes a row that was moved, and others
    small.product.migrate()
    assert_copied(small)
    assert first.items() <= small.moved().items()


def test_it_is_complete_when_it_ends_while_both_tables_are_written_to(small: Stage):
    there = ids(small, LEGACY)
    before = ids(small, CONSOLIDATED)
    with Writer(small) as writer:
        forward(small, 3)
    assert not writer.failed
    assert writer.written > 0
    assert there <= small.moved().keys()
    assert len(ids(small, CONSOLIDATED) - before - set(small.moved().values())) == writer.inserted
    forward(small, 3, "--top-up")
    assert_copied(small)


def test_a_row_and_its_copy_that_both_changed_meanwhile_stop_it(small: Stage):
    name = written(small, 4)
    killed_halfway(small, name)
    copy = small.moved()[small.first]
    small.execute(
        f"UPDATE {LEGACY} SET message = 'the one' WHERE id = {small.first}",
        f"UPDATE {CONSOLIDATED} SET message = 'the other' WHERE id = {copy}",
    )
    done = small.product.migrate(check=False)
    assert done.returncode == 1
    assert f"{LEGACY}: 1 rows changed, and so did the copies (id {small.first})" in done.stderr
    assert "Batches that were complete stay as they are" in done.stderr
    small.execute(f"UPDATE {CONSOLIDATED} SET message = 'the one' WHERE id = {copy}")
    small.product.migrate()
    assert_copied(small)


def test_a_copy_that_changed_alone_stays_and_is_counted(small: Stage):
    name = written(small, 4)
    killed_halfway(small, name)
    copy = small.moved()[small.first]
    small.execute(f"UPDATE {CONSOLIDATED} SET message = 'seen' WHERE id = {copy}")
    done = small.product.manage("migrate")
    assert f"{CONSOLIDATED}: 1 copies were changed or deleted since" in done.stdout
    assert small.value(f"SELECT message FROM {CONSOLIDATED} WHERE id = {copy}") == "seen"


def test_a_further_one_in_batches_goes_back_by_itself(small: Stage):
    before = small.state()
    first = forward(small, 5)
    small.old_code_writes(1)
    then = small.state()
    name = written(small, 4, "--top-up")
    assert killed_again_and_again(small, name)["exit"] == 0
    assert_copied(small)
    assert killed_again_and_again(small, first)["exit"] == 0
    wait_until_alone(small)
    assert changes(then, small.state()) == {}
    small.product.back()
    assert sorted(small.state()) == sorted(before)


def test_what_a_trigger_changes_on_the_way_stops_it(small: Stage):
    name = written(small, 4)
    moved = killed_halfway(small, name)
    small.execute(*triggers(small))
    done = small.product.migrate(check=False)
    assert done.returncode == 1
    assert f"{CONSOLIDATED}.message differs in" in done.stderr
    assert len(small.moved()) == moved


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"UPDATE {CONSOLIDATED} SET message = 'seen' WHERE id = {{copy}}", "changed or deleted"),
        (
            f"UPDATE {CONSOLIDATED} SET source_backup_id = {{backup}} WHERE id = {{native}}",
            f"{CONSOLIDATED}.source_backup_id refers to moved rows",
        ),
        ("INSERT INTO notes (restore_id) VALUES ({copy})", "notes.restore_id refers to moved rows"),
    ],
    ids=["changed", "own restore", "referenced"],
)
def test_what_would_be_lost_stops_the_way_back_before_the_first_row_goes(
    small: Stage, statement: str, said: str
):
    small.execute(f"CREATE TABLE notes (restore_id bigint REFERENCES {CONSOLIDATED} (id))")
    name = forward(small, 4)
    named = {
        "copy": max(small.moved().values()),
        "backup": max(small.moved("backup").values()),
        "native": small.value(f"SELECT min(id) FROM {CONSOLIDATED}"),
    }
    small.execute(statement.format(**named))
    before = small.state()
    done = small.product.back(check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert changes(before, small.state()) == {}
    assert name in applied(small.host)


def test_one_that_was_killed_is_given_up(small: Stage):
    before = small.state()
    name = written(small, 4)
    killed_halfway(small, name)
    small.product.manage("migrate", "--fake", "system_backups", name)
    small.product.back()
    assert changes(before, small.state()) == {}


def test_in_between_an_import_adds_nothing_and_every_row_is_equal(small: Stage):
    name = written(small, 4)
    killed_halfway(small, name)
    assert (imported(small), differences(small)) == (0, [])
    small.product.migrate()
    assert (imported(small), differences(small)) == (0, [])


def test_one_that_is_complete_can_be_run_again(small: Stage):
    name = forward(small, 5)
    after = small.state()
    small.execute(f"DELETE FROM django_migrations WHERE name = '{name}'")
    small.product.migrate()
    assert changes(after, small.state()) == {}


def test_the_page_says_how_it_is_done(small: Stage):
    told = small.write("--batches").json
    assert told["batches"] == 2_000
    with open(told["page"], encoding="utf-8") as page:
        text = page.read()
    assert "It moves 2,000 rows at a time." in text
    assert f"manage.py migrate --fake system_backups {told['name']}" in text


class Writer:
    """The host's programs, which insert into both tables, and change legacy rows and their own."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.native = sorted(ids(stage, CONSOLIDATED))
        self.legacy = sorted(ids(stage, LEGACY))
        self.over = threading.Event()
        self.failed: list[Exception] = []
        self.written = self.inserted = 0
        self.thread = threading.Thread(target=self.write, daemon=True)

    def __enter__(self) -> "Writer":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def write(self) -> None:
        own = ", ".join(columns(self.stage.host, CONSOLIDATED) - {"id", "target_database"})
        theirs = ", ".join(columns(self.stage.host, LEGACY) - {"id"})
        try:
            for turn in count():
                if self.over.is_set():
                    return
                self.turn(turn, own, theirs)
        except Exception as error:  # noqa: BLE001 - the test tells it
            self.failed.append(error)

    def execute(self, statement: str) -> None:
        """Whoever is told of a deadlock by MySQL tries again."""
        while True:
            try:
                self.stage.execute(statement)
            except pymysql.OperationalError as error:
                if error.args[0] != DEADLOCK:
                    raise
            else:
                return

    def turn(self, turn: int, own: str, theirs: str) -> None:
        for table, names, key in (
            (LEGACY, theirs, self.legacy[0]),
            (CONSOLIDATED, own, self.native[0]),
        ):
            self.execute(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM {table} WHERE id = {key}"
            )
        self.inserted += 1
        for table, keys in ((LEGACY, self.legacy), (CONSOLIDATED, self.native)):
            key = keys[turn % len(keys)]
            self.execute(f"UPDATE {table} SET message = 'turn {turn}' WHERE id = {key}")
        self.written += 4
        self.over.wait(0.01)


def triggers(stage: Stage) -> list[str]:
    """What makes a copy that is completed differ from its source."""
    if stage.host.startswith("sqlite"):
        return [
            f"CREATE TRIGGER meddle AFTER INSERT ON {CONSOLIDATED}"
            f" BEGIN UPDATE {CONSOLIDATED} SET message = 'checked' WHERE id = new.id; END"
        ]
    return [
        "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN new.message := 'checked'; RETURN new; END $$",
        f"CREATE TRIGGER meddle BEFORE INSERT ON {CONSOLIDATED} FOR EACH ROW"
        " EXECUTE FUNCTION meddle()",
    ]


def ids(stage: Stage, table: str) -> set[int]:
    return {key for (key,) in raw.rows(stage.host, f"SELECT id FROM {table}")}
