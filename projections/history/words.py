"""Words in a column that the host may fill freely: whether a row has one, or ever had.

Present rows are queried in the database. Earlier values are only in the log, which is searched for
the word as a value, part by part and each part once. A search that does not finish within `BUDGET`
continues where it stopped at the next request.
"""

import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from difflib import SequenceMatcher
from threading import Lock
from typing import Any, NamedTuple, cast, get_args

import msgspec
from django.db import connections, models

from domain.restores.values import RestoreType, Status, TriggerType
from infrastructure.event_store.log import Log
from projections.history.sql import sql

OWN = frozenset({*Status, *get_args(RestoreType), *get_args(TriggerType)})
"""The service's own words, which are always valid."""

BUDGET = 1.0
"""Seconds that one request may spend on searching the log."""

PART = 2_000
"""How many positions are searched at a time."""

LONGEST = 1_000_000
"""Bytes of the longest event that is searched; a longer one may contain the word or not."""

DISTINCT = 500
"""How many words of a column are compared to find the nearest."""

REMEMBERED = 500
_searched: "OrderedDict[tuple[bytes, str], int]" = OrderedDict()
_lock = Lock()


class Unheard(NamedTuple):
    """A word that no row has. `ever` is None if the log was not searched to its end.

    `nearest` is the most similar word that a row has; `words` are those that rows have.
    """

    ever: bool | None
    nearest: str | None
    words: list[str]

    @property
    def detail(self) -> str:
        """A sentence about the word, without the word itself."""
        told = {
            False: "No row has ever had this value.",
            True: "No row has this value now; the log has it from an earlier time.",
            None: "No row has this value now; the log has not been searched to its end.",
        }[self.ever]
        return f"{told} The nearest is {self.nearest!r}." if self.nearest is not None else told


def unheard(
    model: type[models.Model], asked: Mapping[str, Iterable[str]], *, search_log: bool = True
) -> dict[tuple[str, str], Unheard]:
    """Of these words, by column, those that no row of this table has there; by column and word.

    The service's own words are never among them. Without `search_log`, the log is not searched for
    rows that had one earlier.
    """
    pairs = [(column, word) for column, words in asked.items() for word in words if word not in OWN]
    missing, known = _missing(model, pairs) if pairs else ([], {})
    return {
        (column, word): Unheard(
            _ever(word) if search_log else None, nearest(word, known[column]), known[column]
        )
        for column, word in missing
    }


def _missing(
    model: type[models.Model], pairs: Collection[tuple[str, str]]
) -> tuple[list[tuple[str, str]], dict[str, list[str]]]:
    """Those of these columns and words that no row has, and the words of their columns."""
    connection = connections[model._base_manager.db]
    quoted = connection.ops.quote_name
    columns: dict[str, list[str]] = {column: [] for column, _ in pairs}
    table, column_of = quoted(model._meta.db_table), cast(Any, model._meta.get_field)
    has_row, known = [], []
    for name in columns:
        column = quoted(column_of(name).column)
        row = f"SELECT 1 FROM {table} WHERE {table}.{column} = asked.word"
        has_row.append(f"WHEN '{name}' THEN EXISTS ({row})")
        about = {"name": name, "column": column, "table": table, "most": DISTINCT}
        known.append(sql("any", "words_in_use").format(**about))
    statement = sql("any", "missing_words").format(
        asked=", ".join(["(%s, %s)"] * len(pairs)),
        has_row=" ".join(has_row),
        known="UNION ALL\n".join(known),
    )
    missing = []
    with connection.cursor() as cursor:
        cursor.execute(statement, [one for pair in pairs for one in pair])
        for name, word, is_missing in cursor.fetchall():
            if is_missing:
                missing.append((name, word))
            else:
                columns[name].append(str(word))
    return missing, columns


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The most similar of these words; None if there are none."""

    def likeness(other: str) -> float:
        return SequenceMatcher(None, word.casefold(), other.casefold()).ratio()

    return max(words, key=likeness, default=None)


def _ever(word: str, using: str = "default") -> bool | None:
    """Whether any event of the log has the word as a value; None if the search has not ended."""
    log = Log(using)
    head = log.head().position
    # The first event contains a random salt, so its hash identifies the log.
    key = (log.hash_at(1) or b"", word)
    with _lock:
        after = _searched.get(key, 0)
    until = time.monotonic() + BUDGET
    while after < head:
        upto = min(after + PART, head)
        found = _found(word, after, upto, using)
        if found is not False:
            return found
        after = upto
        with _lock:
            _searched[key] = after
            _searched.move_to_end(key)
            while len(_searched) > REMEMBERED:
                _searched.popitem(last=False)
        if time.monotonic() > until:
            break
    return False if after >= head else None


def _found(word: str, after: int, upto: int, using: str) -> bool | None:
    """Between these positions; None if an event there is too long to be searched."""
    connection = connections[using]
    vendor = "postgresql" if connection.vendor == "postgresql" else "sqlite"
    with connection.cursor() as cursor:
        for written in _written(word):
            cursor.execute(sql(vendor, "has_value"), [after, upto, LONGEST, written])
            if cursor.fetchone() is not None:
                return True
        cursor.execute(sql("any", "has_long_event"), [after, upto, LONGEST])
        return None if cursor.fetchone() is not None else False


def _written(word: str) -> list[bytes]:
    """The word's spellings in the log: text, or a number or boolean that is shown as text."""
    written = [b":" + msgspec.json.encode(word)]
    try:
        plain: Any = msgspec.json.decode(word)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return written
    if isinstance(plain, bool | int):
        written += [b":" + word.encode() + end for end in (b",", b"}")]
    return written
