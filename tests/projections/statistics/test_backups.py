"""Backups that were never restored or validated, now and as of any position."""

import random
from datetime import timedelta
from typing import Any

import pytest

from domain.backups import events as backups
from domain.restores import events as restores
from domain.restores.values import BackupRef
from domain.values import Tagged
from infrastructure.event_store.log import Log
from projections.engine import version_cells
from projections.engine.catch_up import catch_up
from projections.engine.rebuild import rebuild
from projections.history.as_of import rows_as_of
from projections.statistics.answer import answer
from projections.statistics.errors import NotOfBackups, SumsNotReady
from projections.statistics.intervals import Interval
from projections.statistics.question import Question, Then
from tests.projections.histories import NOON, OFFSET, backup_columns, event, record, uuid
from tests.support import raw

RESTORES, BACKUPS = "system_backups.RestoreLog", "system_backups.BackupLog"
DATABASES = ("orders", "till")


def backup_steps(chance: random.Random, number: int) -> list[Any]:
    """A backup that is registered here, or found in a host, where it changes and vanishes."""
    stream = uuid(f"backup {number}")
    made = NOON + timedelta(hours=number)
    if number % 3 == 0:
        return [
            event(
                backups.BackupRegistered, stream=stream, registered_at=made,
                database_name=DATABASES[number % 2],
            ),
            event(backups.BackupVerified, 2, stream=stream),
        ]  # fmt: skip
    ids = {"legacy_id": number, "consolidated_id": OFFSET + number}
    if number % 3 == 1:
        ids = {"origin": "consolidated", "legacy_id": None, "consolidated_id": number}
    columns = backup_columns(
        created_at=Tagged("time", made.isoformat()) if number % 4 else None,
        database_name=DATABASES[number % 2],
    )
    steps = [event(backups.BackupImported, stream=stream, columns=columns, **ids)]
    if chance.random() < 0.5:
        changed = {**columns, "database_name": "orders", "file_path": "p" * chance.choice([9, 501])}
        steps.append(event(backups.BackupChangedInHost, 2, stream=stream, columns=changed, **ids))
    if chance.random() < 0.3:
        steps.append(event(backups.BackupVanishedFromHost, len(steps) + 1, stream=stream))
    return steps


def restore_steps(chance: random.Random, number: int, known: dict[int, int]) -> list[Any]:
    """A restore from a backup, or from none; some are checked."""
    stream, backup = uuid(f"restore {number}"), chance.choice(sorted(known))
    ref = BackupRef(backup_id=uuid(f"backup {backup}"), legacy=None, consolidated=known[backup])
    steps = [
        event(restores.RestoreRequested, stream=stream, backup=chance.choice([ref, ref, None])),
        event(restores.RestoreStarted, 2, stream=stream),
    ]
    if chance.random() < 0.8:
        end = chance.choice([restores.RestoreCompleted, restores.RestoreFailed])
        steps.append(event(end, 3, stream=stream))
        if end is restores.RestoreCompleted and chance.random() < 0.6:
            result = chance.choice(["passed", "failed"])
            steps.append(event(restores.RestoreValidated, 4, stream=stream, result=result))
            if chance.random() < 0.2:
                changes = {"status": "failed"}
                steps.append(event(restores.RestoreAmended, 5, stream=stream, changes=changes))
    return steps


@pytest.fixture
def end(database: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The end of a log of backups and of restores made from some of them."""
    monkeypatch.setattr(version_cells, "BLOCK", 40)
    monkeypatch.setattr(version_cells, "SIZES", range(3, 20, 2))
    chance = random.Random(11)
    known: dict[int, int] = {}
    position = 0
    for number in range(1, 40):
        steps = backup_steps(chance, number)
        position = record(steps)
        known[number] = {0: 2 * OFFSET + position - 1, 1: number, 2: OFFSET + number}[number % 3]
        if chance.random() < 0.6:
            position = record(restore_steps(chance, number, known))
    assert {one.error for one in catch_up().values()} == {None}
    return position


def due(position: int, scope: str, question: Question) -> dict[str, Any]:
    """What a replay up to a position says."""
    made: dict[int, set[Any]] = {}
    for row in rows_as_of(RESTORES, position, scope=scope):
        result = row["validation"] if row["status"] in ("completed", "partial") else None
        made.setdefault(row["source_backup_id"], set()).add(result)
    since, before = question.interval
    found = []
    for row in rows_as_of(BACKUPS, position, scope=scope):
        at = row["created_at"]
        if (since or before) and at is None:
            continue
        if (since and at < since) or (before and at >= before):
            continue
        if row["database_name"] == question.only.get("target_database", row["database_name"]):
            found.append((row["id"], row["database_name"], made.get(row["id"], set()), at))

    def counts(those: list[Any]) -> dict[str, int]:
        passed = sum("passed" in results for _, _, results, _ in those)
        checked = sum(bool(results - {None}) for _, _, results, _ in those)
        return {
            "backups": len(those),
            "never_restored": sum(not results for _, _, results, _ in those),
            "never_validated": len(those) - checked,
            "passed": passed,
            "failed": checked - passed,
        }

    names = sorted({name for _, name, _, _ in found})
    return {
        **counts(found),
        "groups": {name: counts([one for one in found if one[1] == name]) for name in names},
        "never_restored_ids": {id for id, _, results, _ in found if not results},
        "never_validated_ids": {id for id, _, results, _ in found if not results - {None}},
    }


QUESTIONS = (
    Question(backups=True, by="target_database"),
    Question(backups=True, by="target_database", only={"target_database": "orders"}),
    Question(
        Interval(NOON + timedelta(hours=5), NOON + timedelta(hours=30)),
        backups=True, by="target_database",
    ),
)  # fmt: skip


def check(said: dict[str, Any], expected: dict[str, Any]) -> None:
    told = dict(said["backups"])
    groups = {one.pop("value"): one for one in map(dict, told.pop("groups"))}
    assert (groups, told.pop("groups_left_out")) == (expected.pop("groups"), 0)
    for which in ("never_restored", "never_validated"):
        ids, latest = expected.pop(f"{which}_ids"), told.pop(f"latest_{which}")
        assert {one["id"] for one in latest} <= ids
        assert len(latest) == min(len(ids), 10)
        times = [one["created_at"] for one in latest if one["created_at"]]
        assert times == sorted(times, reverse=True)
        assert all(one["created_at"] for one in latest[: len(times)])
    assert told == expected


def test_backups_are_counted_as_a_replay_has_them(end: int):
    for position in (1, end // 3, end // 2, end - 3, end):
        for scope in ("native", "all"):
            for question in QUESTIONS:
                then = Question(**{**vars(question), "as_of": Then(position, scope)})
                check(answer(then, NOON), due(position, scope, question))
    for question in QUESTIONS:
        check(answer(question, NOON), due(end, "native", question))
    rebuild([RESTORES, BACKUPS], scope="all")
    for question in QUESTIONS:
        check(answer(question, NOON), due(end, "all", question))
        then = Question(**{**vars(question), "as_of": Then(end // 2, "native")})
        check(answer(then, NOON), due(end // 2, "native", question))


def test_what_backups_do_not_have_is_refused(end: int, database: str):
    with pytest.raises(NotOfBackups):
        answer(Question(backups=True, only={"requested_by": "ada"}), NOON)
    assert Log().head().position == end
    raw.execute(
        database, f"UPDATE engine_generation SET position = position - 1 WHERE label = '{BACKUPS}'"
    )
    with pytest.raises(SumsNotReady, match="backups are at event"):
        answer(QUESTIONS[0], NOON)
    assert "backups" not in answer(Question(), NOON)
