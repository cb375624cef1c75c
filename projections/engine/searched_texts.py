"""The texts of a row that a search looks in, as SQL: in an index of the table, and in a query.

The texts are joined by blanks. No word has a blank, so a word that occurs in the joined text occurs
in one of them. Only the beginning of the joined text is in the index; rows whose texts do not fit
have an index of their own, so that they are looked at, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, BooleanField, F, Func, Model, TextField

INDEXED = 20_000
"""Characters of the joined text that are in the index."""
LONG = 18_000
"""From so many characters in the long columns on, the joined text may not fit."""


@dataclass(frozen=True)
class SearchedTexts:
    """The columns that a search looks in.

    `said_here` is one that holds JSON, and is searched in the rows with the value `where` in a
    column.
    """

    columns: tuple[str, ...]
    said_here: str = ""
    where: tuple[str, str] = ("", "")

    @property
    def all_columns(self) -> tuple[str, ...]:
        """The columns in which a row's texts stand, and the one that says whether all do."""
        return (*self.columns, *((self.said_here, self.where[0]) if self.said_here else ()))

    def long_columns(self, model: type[Model]) -> tuple[str, ...]:
        """Those of any length."""
        fields = [model._meta.get_field(name) for name in (*self.columns, self.said_here) if name]
        return tuple(str(field.attname) for field in fields if isinstance(field, TextField))

    def exact_columns(self, model: type[Model]) -> tuple[str, ...]:
        """Those of any length that are plain text: one can ask for exactly their text."""
        return tuple(name for name in self.long_columns(model) if name in self.columns)

    def is_long(self, model: type[Model], columns: Sequence[str]) -> str:
        """SQL for whether the texts may not fit, from SQL for each of `long_columns`."""
        return f"{self.length(model, columns)} > {LONG}"

    def length(self, model: type[Model], columns: Sequence[str]) -> str:
        """SQL for how many characters are in all of `long_columns`, from SQL for each."""
        lengths = [
            f"coalesce(length({column}), 0)"
            if model._meta.get_field(name).null
            else f"length({column})"
            for name, column in zip(self.long_columns(model), columns, strict=True)
        ]
        return f"({' + '.join(lengths)})"

    def joined(self, columns: Sequence[str]) -> str:
        """SQL for the joined text, from SQL for each of `all_columns`."""
        texts = [f"coalesce({column}, '')" for column in columns[: len(self.columns)]]
        if self.said_here:
            extra, origin = columns[len(self.columns) :]
            texts.append(f"CASE WHEN {origin} = '{self.where[1]}' THEN {extra} ELSE '' END")
        return " || ' ' || ".join(texts)


def indexed(joined: str) -> str:
    """SQL for what is in the index on PostgreSQL."""
    return f"restorelog_folded(left({joined}, {INDEXED}))"


def text_number(text: str) -> str:
    """SQL for a number that stands for a text on PostgreSQL: the one of its hash partitions, which
    no new version of it may change."""
    return f"hashtextextended({text}, 0)"


class TextNumber(Func):
    """The number that stands for a text in the index of exact texts."""

    template = text_number("%(expressions)s")
    output_field = BigIntegerField()


class _OfColumns(Func):
    """An expression of a query, made of SQL for some columns."""

    def __init__(self, texts: SearchedTexts, columns: Sequence[str]) -> None:
        super().__init__(*map(F, columns))
        self.texts = texts

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **context: Any
    ) -> Any:
        columns = [compiler.compile(one)[0] for one in self.get_source_expressions()]
        return self.of(columns), []

    def of(self, columns: Sequence[str]) -> str:
        raise NotImplementedError


class JoinedText(_OfColumns):
    """All texts of a row, folded."""

    output_field = TextField()

    def __init__(self, texts: SearchedTexts) -> None:
        super().__init__(texts, texts.all_columns)

    def of(self, columns: Sequence[str]) -> str:
        return f"restorelog_folded({self.texts.joined(columns)})"


class IndexedText(JoinedText):
    """The text that is in the index."""

    def of(self, columns: Sequence[str]) -> str:
        return indexed(self.texts.joined(columns))


class MayNotFit(_OfColumns):
    """Whether the index may have only the beginning of a row's texts."""

    output_field = BooleanField()

    def __init__(self, texts: SearchedTexts, model: type[Model]) -> None:
        super().__init__(texts, texts.long_columns(model))
        self.model = model

    def of(self, columns: Sequence[str]) -> str:
        return self.texts.is_long(self.model, columns)
