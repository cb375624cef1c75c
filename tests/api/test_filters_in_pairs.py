"""Every filter of a list, alone and in pairs, chooses what an independent filter chooses."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import QuerySet
from hypothesis import given, settings
from hypothesis import strategies as st

from api.v1.backups.views import BackupList
from api.v1.filters.interval import asked_interval
from api.v1.restores import run_by
from api.v1.restores.views import LegacyRestoreList, RestoreList
from domain.events import Metadata
from domain.restores.events import RestoreStarted
from projections.database_management.models import BackupLog as LegacyBackup
from projections.row_versions.models import RestoreVersion
from projections.statistics.errors import IntervalNotUnderstood
from tests.api.rows import NOON, backup, legacy, put, restore
from tests.projections.histories import event, record

ROWS = 60
NOW = NOON + timedelta(hours=3)
TINY = timedelta(microseconds=1)
TIMES = ["2025-06-01T13:00:00Z", "2025-06-01 19:30", "90 min", "2025-06-01"]
INTERVAL = {"since": TIMES, "until": TIMES, "last": ["2h", "30000 days"], "tz": ["Asia/Kolkata"]}
"""The parameters of the interval, and values that Python reads by itself."""
COLUMN = {"source_backup": "source_backup_id", "created_by": "created_by_id"}
TEXTS = {
    True: ("name", "message", "target_database", "created_by_username"),
    False: ("name", "database_name", "file_path"),
}


def facts(chance: random.Random) -> dict[str, Any]:
    def moment(*others: Any) -> Any:
        return chance.choice([*others, *(NOON + timedelta(hours=n) for n in range(5))])

    return {
        "name": chance.choice(["orders", "Orders", "a b", "ä", ""]),
        "source_backup_id": chance.choice([None, 1, 2, 3]),
        "status": chance.choice(["completed", "failed", "partial", "odd"]),
        "target_database": chance.choice(["shop", "Shop", ""]),
        "started_at": moment(None),
        "completed_at": moment(None),
        "duration_seconds": chance.choice([None, 0, 1, 60]),
        "message": chance.choice(["", "disk full", "DISK"]),
        "created_by_id": chance.choice([None, "1", "2"]),
        "created_by_username": chance.choice([None, "ada", "Bob"]),
        "created_at": moment(),
        "updated_at": moment(),
        "origin": chance.choice(["legacy", "consolidated", "recorded"]),
        "version": chance.choice([1, 2, 3]),
        "extra": chance.choice(["{}", '{"zone":"eu"}', '{"zone":"us","n":1}']),
    }


def restores(chance: random.Random, id: int) -> Any:
    return restore(
        id,
        **facts(chance),
        restore_type=chance.choice(["database", "files"]),
        trigger_type=chance.choice(["manual", "scheduled"]),
        is_overwrite=chance.random() < 0.3,
        validation=chance.choice([None, "passed", "failed"]),
        warnings_count=chance.choice([None, 0, 2]),
    )


def legacies(chance: random.Random, id: int) -> Any:
    return legacy(id, **facts(chance), restore_method=chance.choice(["manual", "auto"]))


def backups(chance: random.Random, id: int) -> Any:
    its = facts(chance)
    shared = {name: its[name] for name in ("name", "status", "created_at", "updated_at", "origin")}
    return backup(
        id,
        **shared,
        version=its["version"],
        extra=its["extra"],
        backup_type=chance.choice([None, "full", "files"]),
        database_name=chance.choice([None, "shop", "orders"]),
        file_path=chance.choice([None, "/a", "/b"]),
        size_bytes=chance.choice([None, 1, 2**40]),
    )


def interval(asked: dict[str, str]) -> tuple[datetime, datetime] | None:
    """The first and the last moment that were asked for; None if it makes no sense."""
    offset = timedelta(hours=5, minutes=30) if "tz" in asked else timedelta(0)
    spoken = {
        "2025-06-01T13:00:00Z": NOON + timedelta(hours=1),
        "2025-06-01 19:30": NOON + timedelta(hours=7, minutes=30) - offset,
        "90 min": NOW - timedelta(minutes=90),
        "2025-06-01": NOON - timedelta(hours=12) - offset,
    }
    if "last" in asked:
        length = {"2h": 2, "30000 days": 720_000}[asked["last"]]
        both = {"since", "until"} & asked.keys()
        return None if both else (NOW - timedelta(hours=length), NOW - TINY)
    first = spoken[asked["since"]] if "since" in asked else datetime.min.replace(tzinfo=UTC)
    last = spoken[asked["until"]] if "until" in asked else datetime.max.replace(tzinfo=UTC)
    if asked.get("until") == "2025-06-01":
        last += timedelta(days=1) - TINY
    return None if last < first else (first, last)


def ran(id: int) -> list[str]:
    """Who ran a restore: the login, and the person on whose behalf, if there is one."""
    return [("ada", "bob")[id % 2], *(["cy"] if id % 5 == 0 else [])] if id % 3 else []


def start(id: int) -> Any:
    """The event that a restore was started."""
    by, *others = ran(id)
    metadata = Metadata(actor=by, on_behalf_of=others[0] if others else None)
    return event(RestoreStarted, stream=UUID(int=id), metadata=metadata)


def is_absent(row: Any) -> bool:
    """Whether the version of this row says that it is not in the table."""
    return bool(row.id % 7 == 0)


def at_moment(row: Any) -> Any:
    """When a restore counts, or a backup was made."""
    if hasattr(row, "restore_id"):
        return row.completed_at or row.started_at or row.created_at
    return row.created_at


def chooses(
    parameter: str, value: str, done: dict[str, set[int]], absent: bool
) -> Callable[[Any], bool]:
    """What a parameter means, in Python; `done` are the backups to which something was done,
    `absent` is whether some rows are not in the table."""
    if parameter == "present":
        there = (True, False) if value == "any" else (value == "true",)
        return lambda row: (not (absent and is_absent(row))) in there
    if parameter in INTERVAL:
        return lambda row: True
    if parameter == "search":
        return lambda row: all(
            any(word.lower() in (getattr(row, column) or "").lower() for column in texts_of(row))
            or (said_here(row) and word.lower() in row.extra.lower())
            for word in value.split()
        )
    if parameter.startswith("never_"):
        return lambda row: (row.id not in done[parameter]) == (value == "true")
    if parameter == "run_by":
        return lambda row: value in ran(row.id)
    if parameter == "ever":
        return lambda row: row.id % 4 == 0 if value == "cancelled" else row.status == value
    if parameter == "backup":
        return lambda row: row.source_backup_id == (UUID(value).int if "-" in value else int(value))
    for suffix, test in SUFFIXES.items():
        if parameter.endswith(suffix):
            column = parameter.removesuffix(suffix)
            return lambda row: test(of(row, column), value)
    return lambda row: of(row, parameter) is not None and same(of(row, parameter), value)


def texts_of(row: Any) -> tuple[str, ...]:
    return TEXTS[hasattr(row, "restore_id")]


def said_here(row: Any) -> bool:
    return hasattr(row, "restore_id") and row.origin == "recorded"


def of(row: Any, parameter: str) -> Any:
    return getattr(row, COLUMN.get(parameter, parameter))


def read(like: Any, text: str) -> Any:
    """The text as a value of the same kind."""
    match like:
        case bool():
            return text == "true"
        case int():
            return int(text)
        case datetime():
            return datetime.fromisoformat(text)
        case UUID():
            return UUID(text)
    return text


def same(value: Any, text: str) -> bool:
    return bool(value == read(value, text))


SUFFIXES: dict[str, Callable[[Any, str], bool]] = {
    "_isnull": lambda value, text: (value is None) == (text == "true"),
    "_in": lambda value, text: value in text.split(","),
    "_min": lambda value, text: value is not None and value >= int(text),
    "_max": lambda value, text: value is not None and value <= int(text),
    "_after": lambda value, text: value is not None and value >= read(value, text),
    "_before": lambda value, text: value is not None and value <= read(value, text),
}


def written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def values_for(parameter: str, rows: list[Any]) -> st.SearchStrategy[str]:
    """Values that some rows have, and one that none has."""
    if parameter.endswith("_isnull") or parameter.startswith("never_"):
        return st.sampled_from(["true", "false"])
    if parameter == "search":
        return st.sampled_from(["ORDERS", "disk full", "zone eu", "a", "shop o", "ä", "nowhere"])
    if parameter in INTERVAL:
        return st.sampled_from(INTERVAL[parameter])
    if parameter == "ever":
        return st.sampled_from(["failed", "cancelled"])
    if parameter == "run_by":
        return st.sampled_from(["ada", "bob", "cy", "dee"])
    if parameter == "present":
        return st.sampled_from(["true", "false", "any"])
    if parameter == "backup":
        return st.sampled_from(["1", "3", "9", str(UUID(int=2)), str(UUID(int=77))])
    column = next((parameter.removesuffix(s) for s in SUFFIXES if parameter.endswith(s)), parameter)
    found = sorted({written(of(row, column)) for row in rows if of(row, column) is not None})
    if parameter.endswith("_in"):
        return st.lists(st.sampled_from(found), min_size=1, max_size=2).map(",".join)
    return st.sampled_from(found)


EXAMPLES = {
    "search": "DISK",
    "backup": str(UUID(int=2)),
    "never_restored": "true",
    "never_validated": "true",
    "ever": "cancelled",
    "since": "2025-06-01T13:00:00Z",
    "until": "2025-06-01T13:00:00Z",
    "last": "2h",
    "tz": "Asia/Kolkata",
    "present": "false",
    "run_by": "cy",
}
LISTS = [(restores, RestoreList), (legacies, LegacyRestoreList), (backups, BackupList)]


@pytest.mark.parametrize(("make", "view"), LISTS, ids=["restores", "legacy", "backups"])
def test_filters_choose_what_python_chooses(
    database: str, make: Any, view: Any, monkeypatch: pytest.MonkeyPatch
):
    chance = random.Random(31)
    rows = [make(chance, id) for id in range(1, ROWS + 1)]
    put(*rows)
    done: dict[str, set[int]] = {}
    if view is BackupList:
        put(*(restore(id, source_backup_id=id % 7 * 3) for id in range(1, 8)))
        # Checked, but not all of them completed.
        for id, status in ((11, "completed"), (12, "failed"), (13, "partial")):
            put(restore(id, source_backup_id=id * 2, status=status, validation="failed"))
        done["never_restored"] = {id % 7 * 3 for id in range(1, 8)} | {22, 24, 26}
        done["never_validated"] = {22, 26}
    else:
        put(*map(backup, (1, 2, 3)))
        put(*map(legacy_backup, (1, 2, 3)))
    if view is RestoreList:
        put(*versions(rows))
        record([start(row.id) for row in rows if ran(row.id)])
        monkeypatch.setattr(run_by, "MANY", 15)
    filters = view.filterset_class.base_filters
    table: Any = QuerySet(type(rows[0]))
    names = sorted(filters)

    def check(asked: dict[str, str]) -> None:
        check_in(table, "pk", asked)
        if view is RestoreList:
            check_in(QuerySet(RestoreVersion).filter(valid_to=None), "id", asked)

    def check_in(table: Any, key: str, asked: dict[str, str]) -> None:
        # Not by the whole set of filters, whose making takes longer than all the rest.
        found = table
        for name, value in asked.items():
            found = filters[name].filter(found, filters[name].field.clean(value))
        expected = rows
        if {"since", "until", "last"} & asked.keys():
            bounds = interval(asked)
            if bounds is None:
                with pytest.raises(IntervalNotUnderstood):
                    asked_interval(asked, NOW)
                return
            chosen: Any = asked_interval(asked, NOW)
            found = view.filterset_class.within(found, chosen.interval)
            first, last = bounds
            expected = [row for row in rows if at_moment(row) and first <= at_moment(row) <= last]
        absent = table.model is RestoreVersion
        tests = [chooses(name, value, done, absent) for name, value in asked.items()]
        expected = [row.id for row in expected if all(test(row) for test in tests)]
        assert sorted(found.values_list(key, flat=True)) == expected, asked

    @settings(max_examples=80, deadline=None, derandomize=True, database=None)
    @given(st.data())
    def in_pairs(data: st.DataObject) -> None:
        some = st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True)
        check({name: data.draw(values_for(name, rows)) for name in data.draw(some)})

    for name in names:
        for value in ("true", "false") if name.endswith("_isnull") else [None]:
            drawn = value or written_example(name, rows, chance)
            check({name: drawn})
    in_pairs()


def versions(rows: list[Any]) -> list[Any]:
    """What each row is now; before that, every fourth one was cancelled."""
    found = []
    for row in rows:
        shown = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        kept = {"present": not is_absent(row), "is_overwrite_known_by": "recorded"}
        if row.id % 4 == 0:
            before = {**shown, **kept, "status": "cancelled", "version": 0}
            ends = row.id * 2 + 1
            found.append(RestoreVersion(**before, valid_from=row.id * 2, valid_to=ends))
        found.append(RestoreVersion(**{**shown, **kept}, valid_from=row.id * 2 + 1))
    return found


def legacy_backup(id: int) -> Any:
    return LegacyBackup(id=id, backup_id=UUID(int=id), origin="legacy", version=1, extra="{}")


def written_example(parameter: str, rows: list[Any], chance: random.Random) -> str:
    if parameter in EXAMPLES:
        return EXAMPLES[parameter]
    column = next((parameter.removesuffix(s) for s in SUFFIXES if parameter.endswith(s)), parameter)
    return written(chance.choice([v for v in (of(row, column) for row in rows) if v is not None]))
