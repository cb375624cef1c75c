"""Rows that a real host has and nobody expects; a projection holds every one of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from .plan import Plan, Row

SECOND = timedelta(seconds=1)
MISSING_BACKUP = 77_000_000  # no backup has such an id
ODD_ONE_IN = 15  # of many rows; of few, as many as there are kinds

TEXTS = (
    "line one\nline two\r\nline three\rand a tab:\there\n\n",
    """'single' "double" `back` ''doubled'' $$dollars$$ -- comment /* other */ ;""",
    "C:\\backups\\new\\table\\ ends with a backslash\\",
    "\\N",
    "\\.",
    "before\n\\.\nafter",
    "NULL",
    "null",
    "None",
    '{"$": "time", "v": "2021-03-28 00:59:59"}',
    '{"json": [1, 2.50, true, null, "\\u0000"], "nested": {"a": {}}}',
    "[]",
    "fine 👍🏽, family 👨‍👩‍👧‍👦, flag 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "עברית ואז English ثم العربية \u202eright to left\u202c",
    "combining: e\u0301 a\u030a \u1112\u1161\u11ab, composed: é å 한",
    "e\u0301",  # not the same text as the next one
    "\u00e9",
    "\ufeffstarts with a byte order mark, ends with U+FFFF \uffff",
    "zero\u200bwidth, no\u00a0break, line\u2028and paragraph\u2029separators, next\u0085line",
    "control: \x01 \x1b[31mred\x1b[0m \x7f",
    "  blanks on both sides \t ",
    " ",
    "\n",
    "",
    "%s %(name)s %% {0} {{}} $1 ? :name",
    "<script>alert('message')</script> &amp; <b>",
    "astral 𝕊𝕥𝕣𝕚𝕟𝕘 𐍈 \U0010fffd",
    "0",
    "=cmd|' /C calc'!A1,with,commas;and;more\t",
)
STATUSES = ("", "COMPLETED", "done", "running ", " completed", "abgebrochen ✗", "x" * 20)
NAMES = ("n" * 255, "ü" * 255, "😀" * 255, "", "   ", "two\nlines", "'; DROP TABLE x; --", "NULL")
TARGETS = ("", "t" * 100, "Ω" * 100, " padded ", "a/b\\c", 'quo"ted')
KINDS = ("", "unknown", "MANUAL", "🤖", "k" * 20)
MOMENTS_UTC = (  # around the clock changes of Europe/Berlin, and other edges
    datetime(2021, 3, 28, 0, 59, 59, 999999),
    datetime(2021, 3, 28, 1, 0),
    datetime(2021, 10, 31, 0, 30),
    datetime(2021, 10, 31, 1, 30),
    datetime(2020, 2, 29, 23, 59, 59, 1),
    datetime(2016, 12, 31, 23, 59, 59, 999999),
    datetime(1969, 12, 31, 23, 59, 59, 999999),
    datetime(1970, 1, 1),
    datetime(2038, 1, 19, 3, 14, 8),
    datetime(1900, 1, 1, 0, 0, 0, 100000),
    datetime(9999, 12, 30, 12, 0),
)
MOMENTS_LOCAL = (
    datetime(2021, 10, 31, 2, 0),  # ambiguous in Berlin
    datetime(2021, 10, 31, 2, 30, 0, 1),
    datetime(2021, 10, 31, 2, 59, 59, 999999),
    datetime(2021, 3, 28, 2, 0),  # nonexistent in Berlin
    datetime(2021, 3, 28, 2, 30, 0, 5),
    datetime(2021, 3, 28, 2, 59, 59, 999999),
    datetime(2021, 3, 28, 1, 59, 59, 999999),
    datetime(2021, 3, 28, 3, 0),
)
ODD_TOGETHER: tuple[Row, ...] = (
    {
        "source_backup_id": None,
        "started_at": None,
        "completed_at": None,
        "duration_seconds": None,
        "created_by_id": None,
    },
    {"status": "completed", "started_at": None, "completed_at": None},
    {"status": "completed", "started_at": None},
    {"status": "pending", "duration_seconds": 0},
    {"status": "failed", "duration_seconds": 2**31 - 1},
    {"status": "in_progress", "duration_seconds": None, "created_by_id": None},
    {"status": "completed", "duration_seconds": None, "message": ""},
)


def sprinkle(plan: Plan, app: str, rows: Iterator[Row], gone: Sequence[int]) -> Iterator[Row]:
    """Make some rows odd, evenly spread: every kind at least once where the rows suffice.

    `gone` are backup ids that only the other app's backup table holds.
    """
    kinds = _kinds(plan, gone)
    every = max(1, min(ODD_ONE_IN, plan.rows // len(kinds)))
    for number, row in enumerate(rows):
        turn, rest = divmod(number, every)
        if rest == 0:
            row.update(_kind_of(kinds[turn % len(kinds)], row))
            if number == 0 and app == "database_management":
                row["message"] = _megabyte()
        yield row


def _kinds(plan: Plan, gone: Sequence[int]) -> list[Row | str]:
    """Overrides of a row, or the name of one that depends on the row; groups take turns."""
    moments = MOMENTS_LOCAL + MOMENTS_UTC if plan.time_zone else MOMENTS_UTC
    dangling = (MISSING_BACKUP, *gone[:3]) if plan.backups and plan.variant == "standard" else ()
    groups: tuple[list[Any], ...] = (
        ["reversed", "mismatch", "whole seconds", "microsecond"],
        [{"message": text} for text in TEXTS],
        [{"source_backup_id": id_} for id_ in dangling],
        [{"name": name} for name in NAMES],
        [{"started_at": moment, "completed_at": moment + SECOND} for moment in moments],
        [{"status": status} for status in STATUSES],
        [{"created_at": moment, "updated_at": moment} for moment in moments],
        [{"target_database": target} for target in TARGETS],
        list(ODD_TOGETHER),
        [{"restore_method": kind, "trigger_type": kind, "restore_type": kind} for kind in KINDS],
    )
    turns = zip_longest(*groups)
    return [kind for turn in turns for kind in turn if kind is not None]


def _kind_of(kind: Row | str, row: Row) -> Row:
    created = row["created_at"]
    match kind:
        case "reversed":
            return {"started_at": created, "completed_at": created - SECOND * 3661}
        case "mismatch":
            return {
                "started_at": created,
                "completed_at": created + SECOND,
                "duration_seconds": 86399,
            }
        case "whole seconds":
            whole = created.replace(microsecond=0)
            return {"started_at": whole, "completed_at": whole, "created_at": whole}
        case "microsecond":
            return {"started_at": created.replace(microsecond=1), "completed_at": None}
    assert isinstance(kind, dict)
    return kind


def _megabyte() -> str:
    line = 'pg_restore: processing data for table "public.ordrë"\tdone\n'
    return (line * (1_000_000 // len(line) + 1))[:1_000_000]
