"""Statistics over REST and at the terminal: what is asked for, and what is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from projections.engine.catch_up import catch_up
from projections.services import record
from tests.api.conftest import Reader
from tests.api.rows import put, restore
from tests.support import here


@pytest.fixture
def recorded(database: str) -> None:
    catch_up()
    for number, end in enumerate((record.complete_restore, record.fail_restore)):
        restore = record.request_restore(
            name="nightly", actor="ada", target_database=f"db{number}"
        ).what.id
        record.start_restore(restore, actor="ada")
        end(restore, actor="ada", message="")


@pytest.mark.usefixtures("recorded")
def test_the_success_rate_by_target_is_one_request(viewer: Reader):
    said = viewer.json("statistics/", last="24h", by="target_database")
    assert said["total"]["success_rate"] == 0.5
    assert {one["value"]: one["success_rate"] for one in said["groups"]} == {"db0": 1, "db1": 0}
    since, before = (datetime.fromisoformat(said["interval"][n]) for n in ("since", "before"))
    assert (before - since, said["interval"]["tz"]) == (timedelta(days=1), "UTC")
    assert abs(datetime.now(UTC) - before) < timedelta(minutes=5)
    assert said["relative_error"] == 0.01


@pytest.mark.usefixtures("recorded")
def test_days_are_those_of_the_zone_and_the_last_one_is_included(viewer: Reader):
    said = viewer.json(
        "statistics/", by="day", since="2024-03-30", until="2024-03-31", tz="Europe/Berlin"
    )
    assert [(one["since"], one["before"]) for one in said["groups"]] == [
        ("2024-03-29T23:00:00Z", "2024-03-30T23:00:00Z"),
        ("2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z"),
    ]
    assert viewer.json("statistics/", since="today", tz="+05:30")["interval"]["tz"] == "+05:30"


@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"tz": "Mars/Phobos"}, "interval_invalid"),
        ({"tz": "../../etc/passwd"}, "interval_invalid"),
        ({"since": "some day"}, "interval_invalid"),
        ({"since": "2024-01-02", "until": "2024-01-01"}, "interval_invalid"),
        ({"last": "24h", "since": "yesterday"}, "interval_invalid"),
        ({"last": "999999999999 weeks"}, "interval_invalid"),
        ({"by": "status"}, "by_invalid"),
        ({"limit": "0"}, "limit_invalid"),
        ({"backups": "some"}, "invalid_value"),
        ({"limit": "many"}, "invalid_value"),
        ({"target_database": "\0"}, "invalid_value"),
        ({"by": "day", "since": "0001-01-01"}, "too_many_days"),
        ({"target": "db0"}, "unknown_parameter"),
    ],
)
@pytest.mark.usefixtures("recorded")
def test_what_cannot_be_understood_is_refused(viewer: Reader, asked: dict[str, str], code: str):
    assert viewer.problem("statistics/", 400, **asked)["code"] == code


def test_what_was_known_earlier_is_asked_for_by_position_or_time(viewer: Reader, recorded: None):
    now = viewer.json("statistics/", last="24h")
    end = now["position"]
    then = viewer.json("statistics/", as_of=str(end - 1), last="24h")
    assert (then["position"], then["as_of"]["position"], then["as_of"]["scope"]) == (
        *(end - 1,) * 2, "native",
    )  # fmt: skip
    told = {name: then["total"][name] for name in ("completed", "running", "failed")}
    assert told == {"completed": 1, "running": 1, "failed": 0}
    assert (now["total"]["failed"], "as_of" in now) == (1, False)
    # What is relative ends there.
    assert then["interval"]["before"] == then["as_of"]["recorded_at"]
    days = viewer.json("statistics/", as_of=str(end), by="day")
    assert days["interval"]["before"] == days["as_of"]["recorded_at"]
    # The terminal says the same.
    said = here.run("statistics", "--as-of", str(end - 1), "--last", "24h", "--json").json
    assert (said["total"], said["position"]) == (then["total"], end - 1)
    assert f"position {end - 1} of" in here.run("statistics", "--as-of", str(end - 1)).out
    refused = here.run("statistics", "--as-of", "99", check=False)
    assert (refused.code, "position from 0 to" in refused.err) == (2, True)
    for as_of, code in (("99", "as_of_beyond_log"), ("noon", "as_of_invalid")):
        assert viewer.problem("statistics/", 400, as_of=as_of)["code"] == code
    for as_of in ("0", "2020-01-01"):
        assert viewer.problem("statistics/", 404, as_of=as_of)["code"] == "not_yet_recorded"


def test_backups_that_were_never_restored_are_counted_and_named(viewer: Reader, recorded: None):
    ids, backups = [], []
    for name in ("monday", "tuesday"):
        given = {"backup_type": "database", "file_path": "/b", "database_name": "orders"}
        made = record.register_backup(name=name, actor="ada", **given)
        backups.append(made.what.id)
        ids.append(viewer.json(f"backups/{made.what.id}/")["id"])
    restore = record.request_restore(name="x", actor="ada", backup_id=backups[0]).what.id
    record.start_restore(restore, actor="ada")
    record.complete_restore(restore, actor="ada")
    record.validate_restore(restore, actor="ada", check="rows", result="failed")
    said = viewer.json("statistics/", backups="true", by="target_database")["backups"]
    latest = said.pop("latest_never_restored")
    assert said.pop("latest_never_validated") == latest
    assert [one["id"] for one in latest] == viewer.ids("backups/", never_restored="true") == ids[1:]
    assert viewer.ids("backups/", never_validated="true") == ids[1:]
    counts = {"backups": 2, "never_restored": 1, "never_validated": 1, "passed": 0, "failed": 1}
    assert said == {**counts, "groups": [{"value": "orders", **counts}], "groups_left_out": 0}
    assert "backups" not in viewer.json("statistics/")
    told = here.run("statistics", "--backups").out
    assert "never validated" in told
    assert "tuesday" in told
    refused = {"backups": "true", "requested_by": "ada"}
    assert viewer.problem("statistics/", 400, **refused)["code"] == "not_of_backups"


@pytest.mark.parametrize("moment", ["now", "0", "2020-01-01"])
def test_a_service_that_has_recorded_nothing_has_counted_nothing(viewer: Reader, moment: str):
    for then in ({}, {"as_of": moment}):
        said = viewer.json("statistics/", by="day", backups="true", **then)
        assert (said["total"]["restores"], said["position"]) == (0, 0)
        assert said["backups"]["never_restored"] == 0


def test_counting_that_takes_too_long_ends_and_says_what_to_narrow(
    viewer: Reader, settings: Callable[[str, Any], None]
):
    put(*(restore(id, name="n" * 200, duration_seconds=id) for id in range(1, 3_001)))
    asked = {"restore_type": "database", "trigger_type": "manual"}
    settings("LIST_SECONDS", 0.001)
    problem = viewer.problem("statistics/", 503, **asked, by="target_database")
    assert problem["code"] == "statistics_too_slow"
    assert problem["costly"] == ["restore_type", "trigger_type", "target_database"]
    assert problem["narrowing"] == ["since", "until", "last"]
    assert "a shorter interval" in problem["detail"]
    # Nothing of the limit is left behind.
    settings("LIST_SECONDS", 60)
    assert viewer.json("statistics/", **asked)["total"]["restores"] == 3_000


@pytest.mark.usefixtures("recorded")
def test_the_terminal_says_the_same(viewer: Reader):
    asked = ("statistics", "--last", "24h", "--by", "target", "--user", "ada")
    said = here.run(*asked, "--json").json
    rest = viewer.json("statistics/", last="24h", by="target_database", requested_by="ada")
    assert (said["total"], said["groups"]) == (rest["total"], rest["groups"])
    text = here.run(*asked).out
    assert "50.0%" in text
    assert "db1" in text
    refused = here.run("statistics", "--since", "soon", check=False)
    assert (refused.code, "--since: 'soon' is not a time" in refused.err) == (2, True)
