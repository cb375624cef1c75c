"""What an operator has to say about columns that cannot be filled without being asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from projections.host_migration.errors import BadAnswer

Where = tuple[str, str]
"""A table of the host and one of its columns."""


@dataclass(frozen=True)
class Answers:
    """Values for columns, legacy columns that fill others, and legacy columns that are left out."""

    values: dict[Where, str] = field(default_factory=dict)
    copies: dict[Where, str] = field(default_factory=dict)
    left_out: frozenset[Where] = frozenset()


def spelled_answers(
    values: Iterable[str] = (), copies: Iterable[str] = (), left_out: Iterable[str] = ()
) -> Answers:
    """Parse answers: `TABLE.column=value`, `TABLE.column=legacy_column`, `TABLE.column`."""
    return Answers(
        dict(_pair(line) for line in values),
        dict(_pair(line) for line in copies),
        frozenset(_where(line) for line in left_out),
    )


def _pair(line: str) -> tuple[Where, str]:
    where, equals, value = line.partition("=")
    if not equals:
        raise BadAnswer(line, "it should look like TABLE.column=value")
    return _where(where), value


def _where(text: str) -> Where:
    table, dot, column = text.strip().rpartition(".")
    if not dot or not table or not column:
        raise BadAnswer(text, "it should look like TABLE.column")
    return table, column
