"""The statistics say what an independent count of the rows says: live, rebuilt, and as of then."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.restores import events as restores
from domain.values import Tagged
from infrastructure.event_store.log import Log
from projections.engine import version_cells
from projections.engine.catch_up import catch_up
from projections.engine.rebuild import rebuild
from projections.history.as_of import rows_as_of
from projections.row_versions.freshness import VersionsBehind
from projections.services import record as services
from projections.statistics.answer import answer
from projections.statistics.errors import SumsNotReady, TooManyDays
from projections.statistics.intervals import Interval
from projections.statistics.question import BY, DIMENSIONS, Question, Then
from tests.projections.engine.tables import live_digest
from tests.projections.histories import (
    NATIVE,
    OFFSET,
    consolidated_columns,
    event,
    legacy_columns,
    record,
    uuid,
)
from tests.projections.statistics.counting import Restore, agrees, by, inside, restores_in
from tests.support import raw

SUMS, ROWS = "statistics.RestoreSums", "system_backups.RestoreLog"
BEGIN = datetime(2023, 12, 20, tzinfo=UTC)
SPAN = timedelta(days=140)
ZONES = [UTC, *map(ZoneInfo, ("Asia/Kolkata", "Asia/Kathmandu", "Europe/Berlin", "Pacific/Apia",
         "Australia/Lord_Howe", "America/St_Johns")), ZoneInfo("Africa/Monrovia")]  # fmt: skip


def _time(chance: random.Random, after: datetime = BEGIN) -> datetime:
    """A time, often exactly where a period begins, or a microsecond before."""
    moment = after + timedelta(microseconds=chance.randrange(SPAN // timedelta(microseconds=1)))
    match chance.randrange(5):
        case 0:
            return moment.replace(hour=0, minute=0, second=0, microsecond=0)
        case 1:
            return moment.replace(minute=chance.choice([15, 30, 45]), second=0, microsecond=0)
        case 2:
            return moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return moment


def _host_time(moment: datetime | None) -> Any:
    return None if moment is None else Tagged("time", moment.isoformat())


def made_up(seed: int, count: int) -> list[Any]:
    """Restores of every origin, status and shape, that change, vanish and return."""
    chance, streams = random.Random(seed), []
    for number in range(1, count + 1):
        stream, start = uuid(f"made up {number}"), _time(chance)
        end = start + timedelta(seconds=int(10 ** chance.uniform(0, 5.5)))
        if chance.random() < 0.1:
            end = start - timedelta(hours=1)
        seconds = chance.choice([None, *[int((end - start).total_seconds())] * 6])
        columns: dict[str, Any] = {
            "status": chance.choice(
                ["completed"] * 6 + ["failed", "partial", "cancelled", "in_progress", "pending",
                                     "success", "Übersprungen"]
            ),
            "target_database": chance.choice(["orders", "till", "shop", "猫"]),
            "started_at": _host_time(chance.choice([start, start, start, None])),
            "completed_at": _host_time(chance.choice([end, end, end, None])),
            "duration_seconds": seconds if seconds is None or seconds >= 0 else 0,
            "created_at": _host_time(_time(chance)),
            "created_by_id": chance.choice([3, 4, None]),
        }  # fmt: skip
        base: dict[str, Any] = {"legacy_id": number, "consolidated_id": OFFSET + number}
        make: Any = legacy_columns
        if chance.random() < 0.6:
            base, make = {**NATIVE, "consolidated_id": number}, consolidated_columns
            del base["columns"]
            columns["restore_type"] = chance.choice(["database", "files", "full"])
        base["username"] = chance.choice(["ada", "grace", None])
        steps = [event(restores.RestoreImported, stream=stream, **base, columns=make(**columns))]
        if chance.random() < 0.3:
            changes = chance.choice(
                [{"status": "failed"}, {"target_database": "orders"},
                 {"completed_at": _host_time(_time(chance))}, {"target_database": "x" * 101}]
            )  # fmt: skip
            steps.append(event(restores.RestoreAmended, 2, stream=stream, changes=changes))
        if chance.random() < 0.15:
            steps.append(event(restores.RestoreVanishedFromHost, len(steps) + 1, stream=stream))
        streams.append(steps)
    events = []
    while streams:
        steps = chance.choice(streams[:9])
        events.append(steps.pop(0))
        if not steps:
            streams.remove(steps)
    return events


def recorded_here() -> None:
    """A few lives recorded by the service itself, each in one transaction with its tables."""
    for number in range(6):
        given: dict[str, Any] = {"actor": "ada", "target_database": ("orders", "hand")[number % 2]}
        restore = services.request_restore(name=f"by hand {number}", **given).what.id
        services.start_restore(restore, actor="ada")
        if number == 5:
            continue
        end = services.complete_restore if number % 3 else services.fail_restore
        end(restore, actor="ada", message="over")
        if number % 3 == 1:
            result = "passed" if number == 1 else "failed"
            services.validate_restore(restore, result=result, check="rows", actor="ada")


@st.composite
def questions(draw: st.DrawFn) -> Question:
    minutes = st.integers(-60, int(SPAN / timedelta(minutes=1)) + 60)
    since, before = sorted(
        BEGIN + timedelta(minutes=draw(minutes), microseconds=draw(st.sampled_from([0, 0, 1])))
        for _ in range(2)
    )
    only = draw(
        st.dictionaries(
            st.sampled_from(sorted(DIMENSIONS)),
            st.sampled_from(["orders", "database", "automatic", "manual", "ada", "3", "nobody"]),
            max_size=1,
        )
    )
    if "target_database" in only and draw(st.booleans()):
        only["trigger_type"] = "automatic"
    zone, what = draw(st.sampled_from(ZONES)), draw(st.sampled_from([None, *BY]))
    return Question(interval=Interval(since, before), by=what, only=only, zone=zone)


def known_at(position: int, scope: str) -> list[Restore]:
    """The rows of a replay up to a position."""
    return [Restore(**{name: row[name] for name in Restore._fields})
            for row in rows_as_of(ROWS, position, scope=scope)]  # fmt: skip


def check(question: Question, rows: list[Restore]) -> None:
    """The answer is what the rows say."""
    said = answer(question, BEGIN + SPAN)
    since, before = question.interval
    assert since is not None
    assert before is not None
    due = [
        one
        for one in inside(rows, since, before)
        if all(getattr(one, name) == value for name, value in question.only.items())
    ]
    agrees(said["total"], due)
    unknown = {one.status for one in due} - {
        *("completed", "partial", "failed", "cancelled", "pending", "in_progress")
    }
    assert said["total"]["unknown_statuses"] == {
        word: sum(one.status == word for one in due) for word in unknown
    }
    measured = sorted(
        (
            one.duration_seconds
            for one in due
            if one.status in ("completed", "partial", "failed")
            and one.duration_seconds is not None
            and not (one.started_at and one.completed_at and one.completed_at < one.started_at)
        ),
        reverse=True,
    )
    assert [one["duration_seconds"] for one in said["longest"]] == measured[:10]
    if question.by is None:
        assert "groups" not in said
        return
    groups = by(due, question.by, question.zone)
    told = {one["value"]: one for one in said["groups"]}
    assert said["groups_left_out"] == 0
    assert {name for name, one in told.items() if one["restores"]} == set(groups)
    for name, one in told.items():
        agrees(one, groups.get(name, []))
    if question.by == "day":
        assert [one["since"] for one in said["groups"]][1:] == [
            one["before"] for one in said["groups"]
        ][:-1]


@pytest.fixture
def history(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with a history that was followed in parts of several sizes."""
    monkeypatch.setattr(version_cells, "BLOCK", 50)
    monkeypatch.setattr(version_cells, "SIZES", range(3, 20, 2))
    events, chance = made_up(7, 260), random.Random(7)
    while events:
        size = chance.choice([1, 3, 120])
        record(events[:size])
        events = events[size:]
        assert {one.error for one in catch_up().values()} == {None}
    recorded_here()
    return database


def test_any_question_is_answered_as_an_independent_count_does(history: str):
    rows = restores_in(history)
    assert len(rows) > 120

    @settings(
        max_examples=60, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(questions())
    def asked(question: Question) -> None:
        check(question, rows)

    asked()
    followed = live_digest(SUMS)
    whole = answer(Question(by="target_database"), BEGIN + SPAN)
    agrees(whole["total"], rows)

    rebuild()
    assert live_digest(SUMS) == followed
    again = answer(Question(by="target_database"), BEGIN + SPAN)
    assert again == whole

    # The legacy rows join the table: the sums stay as they are, and the filter is another.
    rebuild([ROWS], scope="all")
    assert live_digest(SUMS) == followed
    wide = restores_in(history)
    assert len(wide) > len(rows)
    said = answer(Question(by="requested_by"), BEGIN + SPAN)
    assert said["origins"] == ["legacy", "consolidated", "recorded"]
    agrees(said["total"], wide)
    check(Question(Interval(BEGIN, BEGIN + SPAN), by="day", zone=ZONES[1]), wide)


def test_what_was_known_at_any_position_is_counted_from_a_replay(history: str):
    head = Log().head().position
    known = {
        (position, scope): known_at(position, scope)
        for position, scope in (
            *((1, "all"), (head // 5, "native"), (head // 2, "all")),
            *((head - 9, "native"), (head, "all")),
        )
    }

    @settings(
        max_examples=60, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(questions(), st.sampled_from(sorted(known)))
    def asked(question: Question, then: tuple[int, str]) -> None:
        check(replace(question, as_of=Then(*then)), known[then])

    asked()
    before = answer(Question(as_of=Then(head, "native")), BEGIN)
    now = answer(Question(), BEGIN)
    assert before == now
    record([event(restores.RestoreRequested, stream=uuid("later"))])
    assert {one.error for one in catch_up().values()} == {None}
    assert answer(Question(as_of=Then(head, "native")), BEGIN) == before
    assert answer(Question(), BEGIN) != now
    with pytest.raises(VersionsBehind):
        answer(Question(as_of=Then(head + 2, "native")), BEGIN)


def test_the_sums_as_of_any_position_are_those_of_the_rows_then(history: str):
    head = Log().head().position
    for position in (0, head // 3, head - 5, head):
        then = [row for row in rows_as_of(ROWS, position, scope="all")
                if row["status"] not in ("pending", "in_progress")]  # fmt: skip
        sums = list(rows_as_of(SUMS, position))
        for dimension, column in (("target", "target_database"), ("trigger", "trigger_type")):
            for grain in ("day", "month"):
                told = {
                    (row["value"], row["origin"]): 0 for row in sums
                    if row["dimension"] == dimension
                }  # fmt: skip
                for row in sums:
                    if (row["dimension"], row["grain"]) == (dimension, grain):
                        told[row["value"], row["origin"]] += sum(
                            row[name]
                            for name in ("completed", "partial", "failed", "cancelled", "other")
                        )
                due: dict[Any, int] = {}
                for row in then:
                    key = (row[column], row["origin"])
                    due[key] = due.get(key, 0) + 1
                assert told == due
    (state,) = rebuild([SUMS], dry_run=True).projections.values()
    assert state.changes is not None
    assert state.changes.rows == 0


def test_the_life_of_a_restore_is_counted_in_its_own_transaction(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    def slow(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("the tables were not brought up in the transaction that appends")

    monkeypatch.setattr("projections.services.appending.append_and_catch_up", slow)
    catch_up()
    recorded_here()
    agrees(answer(Question(), BEGIN)["total"], restores_in(database))


def test_groups_beyond_the_limit_are_left_out_and_counted(history: str):
    said = answer(Question(by="target_database", groups=2), BEGIN)
    sizes = [one["restores"] for one in said["groups"]]
    assert (len(sizes), said["groups_left_out"]) == (2, 3)
    assert sizes == sorted(sizes, reverse=True)


def test_an_answer_that_the_sums_cannot_give_is_refused(history: str):
    raw.execute(
        history, f"UPDATE engine_generation SET position = position - 1 WHERE label = '{SUMS}'"
    )
    with pytest.raises(SumsNotReady):
        answer(Question(), BEGIN)


@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.usefixtures("database")
def test_by_day_without_bounds_is_the_last_thirty_days():
    catch_up()
    said = answer(Question(by="day"), BEGIN)
    assert said["interval"]["since"] == "2023-11-20T00:00:00Z"
    assert len(said["groups"]) == 30
    with pytest.raises(TooManyDays):
        answer(Question(by="day", interval=Interval(datetime(1, 1, 1, tzinfo=UTC))), BEGIN)
