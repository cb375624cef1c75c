"""What refers to legacy restores and backups refers to their copies, and back."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.host_migration.pointing import (
    Pointed,
    forward,
    point_models_elsewhere,
    pointed,
    with_followups,
    write,
)
from tests.host_migration.product import Product
from tests.host_migration.stage import CONSOLIDATED, LEGACY, Stage
from tests.host_migration.state import applied, changes
from tests.host_migration.test_reverse_check import copy_of
from tests.support import here, raw

OLD, NEW = "database_management.restorelog", "system_backups.restorelog"


@pytest.fixture
def followed(stage: Stage) -> Stage:
    """Both products, with an app that refers to legacy rows, whose rows were moved."""
    with_followups(stage).forward()
    return stage


@pytest.fixture
def few(small: Stage) -> Stage:
    """The same of a few rows, in the plan's layout."""
    with_followups(small).forward()
    return small


def test_everything_refers_to_the_copies_and_back(followed: Stage):
    before, state = pointed(followed), followed.state()
    told = forward(followed)
    assert pointed(followed) == due(before, followed)
    assert changes(state, followed.state()) != {}
    user = "users_user" if followed.product.name == "origin" else "auth_user"
    assert set(told["foreign_keys"]) == {
        "followups_approval.restore_id",
        "followups_incident_restores.restorelog_id",
        "followups_part.backup_id",
        "reports_restorereview.restore_id",
    }
    assert set(told["generic"]) == {
        "django_admin_log.object_id",
        "followups_bookmark.target_id",
        "followups_remark.object_id",
    }
    assert set(told["permissions"]) == {
        "auth_group_permissions.permission_id",
        f"{user}_user_permissions.permission_id",
    }
    followed.product.migrate(told["depends_on"][0].partition(".")[2])
    assert pointed(followed) == before
    assert changes(state, followed.state()) == {}


def due(before: Pointed, stage: Stage) -> Pointed:
    """What refers to what afterwards, row by row."""
    restores, backups = stage.moved(), stage.moved("backup")
    generic: dict[str, dict[int, Any]] = {}
    for name, rows in before.generic.items():
        generic[name] = {
            key: (NEW, str(restores[int(target)]))
            if kind == OLD and target in map(str, restores)
            else (kind, target)
            for key, (kind, target) in rows.items()
        }
    return Pointed(
        {
            name: {key: (backups if name == "part" else restores)[to] for key, to in rows.items()}
            for name, rows in before.keys.items()
        },
        generic,
        before.granted
        | {
            (who, "system_backups", name)
            for who, app, name in before.granted
            if app == "database_management" and name != "retry"
        },
    )


def test_it_says_how_many_rows_of_each_table_and_keeps_it(few: Stage):
    reviews = few.value("SELECT count(*) FROM reports_restorereview")
    told = forward(few)
    for line in (
        "foreign key followups_approval.restore_id (restore): 8 re-pointed",
        "foreign key followups_incident_restores.restorelog_id (restore): 6 re-pointed",
        "foreign key followups_part.backup_id (backup): 2 re-pointed",
        f"foreign key reports_restorereview.restore_id (restore): {reviews} re-pointed",
        "generic followups_remark.object_id (restore): 4 re-pointed, 1 left as they are",
        "generic followups_bookmark.target_id (restore): 2 re-pointed, 4 left as they are",
        "admin log django_admin_log.object_id (restore): 2 re-pointed, 1 left as they are",
        "permission auth_group_permissions.permission_id (restore): 2 given, 1 left as they are",
        "permission auth_user_user_permissions.permission_id (restore): 1 given",
    ):
        assert line in told["printed"]
    kept = raw.rows(
        few.host,
        "SELECT pointer, repointed, left_alone FROM restorelog_repointed WHERE kind = 'restore'"
        " AND what <> 'foreign key'",
    )
    assert {name: counts for name, *counts in kept} == {
        "followups_remark.object_id": [4, 1],
        "followups_bookmark.target_id": [2, 4],
        "django_admin_log.object_id": [2, 1],
        "auth_group_permissions.permission_id": [2, 1],
        "auth_user_user_permissions.permission_id": [1, 0],
    }
    page = Path(told["page"]).read_text()
    assert "| `followups_approval.restore_id` | `system_backups.RestoreLog` |" in page
    assert "| `followups_part.backup_id` | `system_backups.BackupLog` |" in page


def test_models_migrations_and_the_hosts_own_tests_are_as_they_should_be(followed: Stage):
    followed.product.patch_model(indexed=indexed(followed))
    forward(followed)
    check = ["makemigrations", "--check", "--dry-run"]
    assert followed.product.manage(*check, check=False).returncode == 1
    point_models_elsewhere(followed)
    followed.product.manage(*check)
    followed.product.manage("check")
    followed.product.manage("test", "--verbosity=0")


def indexed(stage: Stage) -> bool:
    """Whether the first migration adds an index, too."""
    (module,) = stage.product.migrations.glob("*_restorelog_consolidation.py")
    return "INDEX = ''" not in module.read_text()


def test_a_foreign_key_is_declared_as_before_but_for_its_table(few: Stage):
    before = keys_of(few)
    forward(few)
    expected = [
        (table, column, re.sub("^database_management", "system_backups", to), rest)
        for table, column, to, rest in before
    ]
    assert keys_of(few) == sorted(expected)
    copy = few.moved()[few.first]
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        delete_strictly(few, f"DELETE FROM {CONSOLIDATED} WHERE id = {copy}")


def delete_strictly(stage: Stage, statement: str) -> None:
    """SQLite looks at foreign keys only if it is asked to."""
    with raw.connect(stage.host) as connection:
        if stage.host.startswith("sqlite"):
            connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(statement)


def keys_of(stage: Stage) -> list[tuple[str, str, str, str]]:
    """Table, column, the table referred to, and what else is declared."""
    if stage.host.startswith("sqlite"):
        query = (
            'SELECT m.name, f."from", f."table", f.on_delete || (m.sql LIKE'
            " '%DEFERRABLE INITIALLY DEFERRED%') FROM sqlite_master AS m,"
            " pragma_foreign_key_list(m.name) AS f"
            " WHERE m.name LIKE 'followups%' OR m.name LIKE 'reports%'"
        )
    else:
        query = (
            "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text,"
            " regexp_replace(pg_get_constraintdef(c.oid), 'REFERENCES [a-z_]+', '')"
            " FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = c.conrelid"
            " AND a.attnum = c.conkey[1] WHERE c.contype = 'f' AND (c.conrelid::regclass::text"
            " LIKE 'followups%' OR c.conrelid::regclass::text LIKE 'reports%')"
        )
    return sorted((a, b, c, str(d)) for a, b, c, d in raw.rows(stage.host, query))


def test_ids_that_are_taken_by_another_row_meanwhile(few: Stage):
    """A one-to-one key, where a copy has the number of a legacy row that is referred to, too."""
    last = max(few.moved().values())
    few.execute(
        *(
            f"INSERT INTO {LEGACY} (id, name, status, restore_method, target_database, message,"
            f" created_at, updated_at) SELECT {last + number}, name, status, restore_method,"
            f" target_database, message, created_at, updated_at FROM {LEGACY}"
            f" WHERE id = {few.first}"
            for number in (-1, *range(1, 9))
        ),
        *(
            f"INSERT INTO followups_approval (restore_id, \"by\") VALUES ({last + number}, 'bo')"
            for number in range(1, 9)
        ),
    )
    few.write("--top-up")
    few.product.migrate()
    assert few.moved()[last + 1] == last + 2
    before = pointed(few)
    told = forward(few)
    assert pointed(few) == due(before, few)
    few.product.migrate(told["depends_on"][0].partition(".")[2])
    assert pointed(few) == before


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            f"INSERT INTO reports_restorereview (restore_id, verdict, note, reviewed_at)"
            f" SELECT max(id), 'fine', '', max(created_at) FROM {LEGACY}",
            "reports_restorereview.restore_id: 1 rows refer to rows of "
            f"{LEGACY} that have no copy ({{new}})",
        ),
        (
            "UPDATE followups_remark SET object_id = {new} WHERE id = (SELECT min(id) FROM"
            " (SELECT id FROM followups_remark) AS r)",
            f"followups_remark.object_id: 1 rows refer to rows of {LEGACY} that have no copy"
            " ({new})",
        ),
        (
            "INSERT INTO followups_remark (content_type_id, object_id, text) SELECT id, {copy},"
            " 'slow' FROM django_content_type WHERE app_label = 'system_backups' AND model ="
            " 'restorelog'",
            "followups_remark.object_id: 1 rows would be the same as another row ({first})",
        ),
    ],
    ids=["foreign key", "generic", "twice"],
)
def test_what_has_no_copy_stops_it_is_listed_and_nothing_is_changed(
    few: Stage, statement: str, said: str
):
    few.execute(
        f"INSERT INTO {LEGACY} (name, status, restore_method, target_database, message, created_at,"
        " updated_at) SELECT name, status, restore_method, target_database, message, created_at,"
        f" updated_at FROM (SELECT * FROM {LEGACY} ORDER BY id LIMIT 1) AS one"
    )
    named = {
        "new": few.value(f"SELECT max(id) FROM {LEGACY}"),
        "first": few.first,
        "copy": few.moved()[few.first],
    }
    few.execute(statement.format(**named))
    write(few)
    before = few.state()
    done = few.product.migrate(check=False)
    assert done.returncode == 1
    assert said.format(**named) in done.stderr
    assert "Nothing was changed." in done.stderr
    assert changes(before, few.state()) == {}


def test_after_a_top_up_it_goes_on(few: Stage):
    few.old_code_writes(1)
    few.execute(
        f"INSERT INTO reports_restorereview (restore_id, verdict, note, reviewed_at)"
        f" SELECT max(id), 'fine', '', max(created_at) FROM {LEGACY}"
    )
    few.write("--top-up")
    few.product.migrate()
    before = pointed(few)
    forward(few)
    assert pointed(few) == due(before, few)
    # A later top-up comes after it, and does not touch what refers to the copies.
    few.old_code_writes(2)
    few.write("--top-up")
    few.product.migrate()
    assert pointed(few) == due(before, few)


def test_what_refers_to_a_copy_since_refers_to_its_original_afterwards(few: Stage):
    before = pointed(few)
    told = forward(few)
    copy = few.moved()[few.first]
    few.execute(
        f"INSERT INTO reports_restorereview (restore_id, verdict, note, reviewed_at)"
        f" SELECT id, 'new', '', created_at FROM {CONSOLIDATED} WHERE id = {copy}",
        f"INSERT INTO followups_remark (content_type_id, object_id, text) SELECT id, {copy}, 'new'"
        " FROM django_content_type WHERE app_label = 'system_backups' AND model = 'restorelog'",
        "DELETE FROM followups_approval WHERE id = (SELECT id FROM (SELECT min(id) AS id FROM"
        " followups_approval) AS a)",
    )
    printed = few.product.migrate(told["depends_on"][0].partition(".")[2]).stdout
    assert "generic followups_remark.object_id (restore): 5 put back" in printed
    after = pointed(few)
    review = few.value("SELECT max(id) FROM reports_restorereview")
    assert after.keys["review"] == {**before.keys["review"], review: few.first}
    remark = few.value("SELECT max(id) FROM followups_remark")
    added = {remark: (OLD, str(few.first))}
    assert after.generic["remark"] == {**before.generic["remark"], **added}
    assert len(after.keys["approval"]) == 7


def test_what_referred_to_a_copy_before_stays_so(few: Stage):
    copy = few.moved()[few.first]
    few.execute(
        f"INSERT INTO followups_remark (content_type_id, object_id, text) SELECT id, {copy}, 'own'"
        " FROM django_content_type WHERE app_label = 'system_backups' AND model = 'restorelog'"
    )
    before, state = pointed(few), few.state()
    told = forward(few)
    few.product.migrate(told["depends_on"][0].partition(".")[2])
    assert pointed(few) == before
    assert changes(state, few.state()) == {}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE reports_restorereview SET restore_id = {native} WHERE id = {review}",
            "reports_restorereview.restore_id: 1 rows were re-pointed and refer to something else"
            " now ({review})",
        ),
        (
            "UPDATE followups_bookmark SET target_id = '{native}' WHERE target_id = '{copy}'",
            "followups_bookmark.target_id: 1 rows were re-pointed and refer to something else now",
        ),
        (
            "INSERT INTO reports_restorereview (restore_id, verdict, note, reviewed_at)"
            " SELECT id, 'new', '', created_at FROM system_backups_restorelog WHERE id = {native}",
            "reports_restorereview.restore_id: 1 rows refer to rows of system_backups_restorelog"
            " that are no copies of database_management_restorelog ({native})",
        ),
    ],
    ids=["foreign key", "generic", "own restore"],
)
def test_what_changed_since_stops_the_way_back_of_both_and_is_listed(
    few: Stage, statement: str, said: str
):
    told = forward(few)
    named = {
        "native": few.value(f"SELECT min(id) FROM {CONSOLIDATED}"),
        "copy": few.moved()[few.first],
        "review": few.value("SELECT min(id) FROM reports_restorereview"),
    }
    few.execute(statement.format(**named))
    before = few.state()
    done = few.product.back(check=False)
    assert done.returncode == 1
    assert said.format(**named) in done.stderr
    assert "Nothing was changed." in done.stderr
    assert changes(before, few.state()) == {}
    assert told["name"] in applied(few.host)
    assert "0002_restorelog_consolidation" in applied(few.host)


def test_both_go_back_to_the_beginning(few: Stage):
    few.product.back()
    before = few.state()
    few.product.migrate()
    forward(few)
    few.product.back()
    assert changes(before, few.state()) == {}
    assert not any("restorelog" in name for name in applied(few.host))


def test_it_can_be_done_once_more_for_what_was_written_since(few: Stage):
    forward(few)
    few.execute(
        f"INSERT INTO followups_remark (content_type_id, object_id, text) SELECT id, {few.first},"
        " 'late' FROM django_content_type WHERE app_label = 'database_management' AND model ="
        " 'restorelog'"
    )
    before, state = pointed(few), few.state()
    told = forward(few)
    assert told["foreign_keys"] == []
    late = few.value("SELECT max(id) FROM followups_remark")
    expected = {**before.generic["remark"], late: (NEW, str(few.moved()[few.first]))}
    assert pointed(few).generic == {**before.generic, "remark": expected}
    few.product.migrate(told["depends_on"][0].partition(".")[2])
    assert pointed(few) == before
    assert changes(state, few.state()) == {}


def test_on_a_copy_every_row_is_as_before(few: Stage, tmp_path: Path):
    before = few.state()
    told = write(few, f"--reverse-check={copy_of(few, tmp_path)}").json["reverse_check"]
    assert (told["equal"], told["differences"]) == (True, [])
    assert few.state() == before


def test_in_a_new_database_of_the_project(few: Stage, tmp_path: Path):
    forward(few)
    few.product.patch_model(indexed=indexed(few))
    point_models_elsewhere(few)
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    new = Product(few.product.name, few.product.folder, url)
    new.migrate()
    new.manage("makemigrations", "--check", "--dry-run")
    to = (
        "SELECT count(*) FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f"
        " WHERE f.\"table\" = 'database_management_restorelog'"
    )
    assert raw.value(url, to) == 0
    new.back()
    new.migrate()


def test_what_is_left_out_goes_on_referring_to_legacy_rows(few: Stage):
    before = pointed(few)
    leave = [
        "--leave-out=reports_restorereview.restore_id",
        "--leave-out=followups_remark.content_type_id",
    ]
    told = forward(few, *leave)
    after = pointed(few)
    assert set(told["left"]) == {
        "reports_restorereview.restore_id",
        "followups_remark.content_type_id",
    }
    assert after.keys["review"] == before.keys["review"]
    assert after.generic["remark"] == before.generic["remark"]
    assert after.keys["approval"] == due(before, few).keys["approval"]
    assert "go on referring to legacy rows: " in Path(told["page"]).read_text()


def test_what_cannot_be_understood_is_named(few: Stage):
    few.execute(
        "CREATE TABLE seen (what integer NOT NULL REFERENCES django_content_type (id), which"
        " integer NOT NULL, of integer PRIMARY KEY REFERENCES database_management_restorelog (id))"
    )
    types = "SELECT id FROM django_content_type WHERE app_label = 'database_management'"
    few.execute(
        f"INSERT INTO seen (what, which, of) SELECT ({types} AND model = 'restorelog'),"
        f" {few.first}, {few.first}"
    )
    done = write(few, check=False)
    assert done.code == 2
    assert "seen.of: it is the primary key of its own table" in done.err
    assert "seen.what: it is not known which column has the id of the row" in done.err
    assert "--leave-out" in done.err
    assert list(few.product.migrations.glob("*pointers*")) == []
    told = write(few, "--leave-out=seen.of", "--object-id=seen.what=which").json
    assert "seen.which" in told["generic"]
    assert told["left"] == ["seen.of"]


def test_options_and_hosts_that_do_not_fit(small: Stage, tmp_path: Path):
    done = write(small, check=False)
    assert (done.code, "no record of moved rows" in done.err) == (2, True)
    small.forward()
    for options, said in (
        (["--top-up"], "--pointers moves no rows"),
        (["--leave-out=reports_restorereview.note"], "nothing there refers to legacy rows"),
        (["--object-id=reports_restorereview.note=id"], "nothing there refers to legacy rows"),
        (["--object-id=django_admin_log.content_type_id=colour"], "there is no such column"),
    ):
        done = write(small, *options, check=False)
        assert (done.code, said in done.err) == (2, True), (options, done.err)
    elsewhere = f"--out={tmp_path}"
    done = here.run("host_migration", elsewhere, "--pointers", source=small.host, check=False)
    assert "no earlier migration of this service" in done.err
    done = here.run("host_migration", elsewhere, "--object-id=a.b=c", source=small.host,
                    check=False)  # fmt: skip
    assert "--object-id is for --pointers only" in done.err
