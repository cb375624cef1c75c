"""The rows in whose texts words occur, in upper or lower case, by the table's search index.

The index finds the rows that may have a word, and on SQLite more than those: there each of them is
looked at. A word of fewer than three characters is in no index, so every row is looked at.
"""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from django.db import connections
from django.db.models import BigIntegerField, F, Model, Q, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Contains, Exact

from infrastructure.databases.asked_once import asked_once
from projections.by_index import by_key
from projections.engine import search
from projections.engine.errors import SearchBuilding
from projections.engine.registry import PROJECTIONS, Searchable, VersionsProjection
from projections.engine.search import SearchState
from projections.engine.searched_texts import (
    IndexedText,
    JoinedText,
    MayNotFit,
    SearchedTexts,
    TextNumber,
)
from projections.folding import LowerCase, lower_case

MANY = 5_000
"""If more rows than this may have the words, they are soon found by reading in the list's order."""

LEAST = 3
"""Characters that a text must have to be in an index."""

ENOUGH = 100
"""Characters of a text by which it is looked for in an index, which has at least so many of it."""

# SQLite's index maps upper to lower case by an older Unicode than ours. Both agree on the letters
# of these ranges, and on characters that have no case.
_AGREED = re.compile("[\0-\u024f\u0370-\u03f2\u0400-\u0527]").fullmatch


def with_words(rows: QuerySet[Any], texts: SearchedTexts, words: Sequence[str]) -> QuerySet[Any]:
    """The rows in which each of the words occurs. Raises `SearchBuilding`."""
    if not words:
        return rows
    projection = PROJECTIONS.get(rows.model._meta.label)
    state = SearchState.NONE
    if isinstance(projection, Searchable):
        state = search.state(projection, rows.db)
    if state is SearchState.BUILDING:
        raise SearchBuilding
    if connections[rows.db].vendor == "postgresql":
        for word in words:
            rows = rows.filter(_in_index(rows.model, texts, word))
            if text_in_json(word) != word:
                rows = rows.filter(_looked_at(texts, word))
        return rows
    if state is SearchState.READY:
        rows = _matched(rows, texts, words)
    for word in words:
        rows = rows.filter(_natively(texts, word) if word.isascii() else _looked_at(texts, word))
    return rows


def with_exactly(
    rows: QuerySet[Any], texts: SearchedTexts, column: str, text: str
) -> QuerySet[Any]:
    """The rows with exactly this text in a column without an index of its own.

    By what the table's search index has, if it can be used; else all rows are looked at.
    """
    found: QuerySet[Any] = rows.filter(**{column: text})
    projection = PROJECTIONS.get(rows.model._meta.label)
    if not isinstance(projection, Searchable):
        return found
    if search.state(projection, rows.db) is not SearchState.READY:
        return found
    if connections[rows.db].vendor == "postgresql":
        sought = TextNumber(Value(text, output_field=TextField()))
        return found.filter(Exact(TextNumber(F(column)), sought))
    return found if len(text) < LEAST else _matched(found, texts, [text[:ENOUGH]])


def text_in_json(word: str) -> str:
    """The word as JSON has it, without its quotes."""
    return msgspec.json.encode(word).decode()[1:-1]


def _in_index(model: type[Model], texts: SearchedTexts, word: str) -> Q:
    """PostgreSQL's condition: the rows with this word, or more if JSON has it in another form."""
    found, long = Q(), bool(texts.long_columns(model))
    for written in dict.fromkeys((word, text_in_json(word)) if texts.said_here else (word,)):
        found |= Q(Contains(IndexedText(texts), lower_case(written)))
        if long:
            found |= Q(MayNotFit(texts, model)) & Q(
                Contains(JoinedText(texts), lower_case(written))
            )
    return found


def _looked_at(texts: SearchedTexts, word: str) -> Q:
    """The condition that a row has this word, by its columns."""
    found = Q()
    for column in texts.columns:
        found |= Q(Contains(LowerCase(F(column)), lower_case(word)))
    return found | _said_here(
        texts, Q(Contains(LowerCase(F(texts.said_here)), lower_case(text_in_json(word))))
    )


def _natively(texts: SearchedTexts, word: str) -> Q:
    """The same for ASCII, whose case SQLite ignores by itself, and much faster."""
    found = Q()
    for column in texts.columns:
        found |= _has(column, word)
    return found | _said_here(texts, _has(texts.said_here, text_in_json(word)))


def _has(column: str, word: str) -> Q:
    found = Q(Contains(F(column), word))
    for letter, other in (("k", "\u212a"), ("i", "\u0130")):
        if letter in word.lower():
            # The Kelvin sign and the capital I with a dot become ASCII in lower case.
            found |= Q(Contains(F(column), other)) & Q(
                Contains(LowerCase(F(column)), lower_case(word))
            )
    return found


def _said_here(texts: SearchedTexts, condition: Q) -> Q:
    """The condition on the JSON column, for the rows in which it is searched; else none is met."""
    column, value = texts.where
    return Q(**{column: value}) & condition if texts.said_here else Q(pk__in=[])


def _matched(rows: QuerySet[Any], texts: SearchedTexts, words: Sequence[str]) -> QuerySet[Any]:
    """The rows that SQLite's index finds; all, if it finds many or has none of the words."""
    table, key = rows.model._meta.db_table, rows.model._meta.pk.column
    wanted = " AND ".join(filter(None, (_trigrams(texts, word) for word in words)))
    if not wanted:
        return rows
    matching = f'SELECT rowid FROM "{table}_search" WHERE "{table}_search" MATCH %s'
    if asked_once((matching, wanted, rows.db), partial(_are_many, matching, wanted, rows.db)):
        return rows
    if long := texts.long_columns(rows.model):
        condition = texts.is_long(rows.model, [f'"{column}"' for column in long])
        matching += f' UNION ALL SELECT "{key}" FROM "{table}" WHERE {condition}'
    rows = rows.filter(pk__in=RawSQL(matching, [wanted], output_field=BigIntegerField()))
    # Else SQLite would read versions block by block, and look for each among those found.
    versions = isinstance(PROJECTIONS.get(rows.model._meta.label), VersionsProjection)
    return by_key(rows) if versions else rows


def _are_many(matching: str, wanted: str, using: str) -> bool:
    """Whether SQLite's index finds more rows than `MANY`."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({matching} LIMIT {MANY + 1})", [wanted])
        return bool(cursor.fetchone()[0] > MANY)


def _trigrams(texts: SearchedTexts, word: str) -> str:
    """A query for rows that may have the word; empty if every row may."""
    found = []
    for written in dict.fromkeys((word, text_in_json(word)) if texts.said_here else (word,)):
        folded = lower_case(written)
        parts = [folded[start : start + 3] for start in range(len(folded) - 2)]
        quoted = ['"{}"'.format(part.replace('"', '""')) for part in parts if _sure(part)]
        if not quoted:
            return ""
        found.append(" AND ".join(dict.fromkeys(quoted)))
    return f"({' OR '.join(f'({one})' for one in found)})"


def _sure(part: str) -> bool:
    """Whether the index has these characters as we lower_case them."""
    return all(_AGREED(one) or one.lower() == one.upper() for one in part)
