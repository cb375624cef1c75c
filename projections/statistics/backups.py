"""Backups that no restore was made from, and those of which no restore was ever checked."""

from typing import Any, Final

from projections.statistics.backup_counts import BackupCounts, BackupFacts
from projections.statistics.backups_then import counted_then
from projections.statistics.errors import NotOfBackups
from projections.statistics.past import PastReader
from projections.statistics.question import Question
from projections.statistics.reading import CountReader, marks
from projections.statistics.sql import sql

COLUMN: Final = {"target_database": "database_name", "restore_type": "backup_type"}
"""The dimensions of restores that backups have, and their column there."""
LATEST = 10
"""How many of the backups without a restore, and without a check, are told."""
PASSED, CHECKED = ("passed",), ("passed", "failed")


def refuse_unless_of_backups(question: Question) -> None:
    """Raise `NotOfBackups` for a filter that backups do not have."""
    for name in question.only:
        if name not in COLUMN:
            raise NotOfBackups(name)


def backups(question: Question, reader: CountReader, using: str) -> dict[str, Any]:
    """The figures of the backups that were made in the question's interval, ready for JSON.

    A backup was validated if a completed or partial restore that was made from it had a check:
    `passed` if one of them passed, else `failed`. A check of the backup's file does not count, as
    it does not show that the backup can be restored.
    """
    by = COLUMN.get(question.by or "")
    wanted = {COLUMN[name]: value for name, value in question.only.items()}
    if isinstance(reader, PastReader):
        assert question.as_of is not None, "a reader of the past has a position"
        found = counted_then(question.as_of, question.interval, wanted, by, reader, using)
        counts, restored, checked = found
    else:
        counts, restored, checked = _now(question, wanted, by, reader)
    total = BackupCounts()
    for one in counts.values():
        total.add(one.all, one.never_restored, one.passed, one.checked)
    return {
        **total.told(),
        **(_groups(counts, question.groups) if by else {}),
        "latest_never_restored": [one._asdict() for one in restored],
        "latest_never_validated": [one._asdict() for one in checked],
    }


def _groups(counts: dict[str | None, BackupCounts], most: int) -> dict[str, Any]:
    """Those with the most backups that were never restored first."""
    order = sorted(counts, key=lambda key: (-counts[key].never_restored, key is None, key or ""))
    return {
        "groups": [{"value": key, **counts[key].told()} for key in order[:most]],
        "groups_left_out": max(len(order) - most, 0),
    }


def _now(
    question: Question, wanted: dict[str, str], by: str | None, reader: CountReader
) -> tuple[dict[str | None, BackupCounts], list[BackupFacts], list[BackupFacts]]:
    conditions, given = reader.backup_conditions(question.interval, wanted)
    restored = sql("restored")
    passed, checked = (sql("checked").format(results=marks(of)) for of in (PASSED, CHECKED))
    counts: dict[str | None, BackupCounts] = {}
    statement = sql("backups").format(
        value=by or "''", restored=restored, passed=passed, checked=checked, conditions=conditions
    )
    for value, *numbers in reader.read(statement, [*PASSED, *CHECKED, *given]):
        counts[value] = BackupCounts()
        counts[value].add(*map(int, numbers))
    latest = []
    for having, of in ((restored, ()), (checked, CHECKED)):
        statement = sql("backups_without").format(having=having, conditions=conditions, most=LATEST)
        latest.append([BackupFacts.of(row) for row in reader.read(statement, [*of, *given])])
    return counts, latest[0], latest[1]
