"""What a host's catalogue declares of its tables beyond their columns' types."""

from typing import Any, NamedTuple

from infrastructure.hosts.connecting import Session
from infrastructure.hosts.connecting.reading import host_errors
from infrastructure.hosts.readers.base import sql


class ColumnDeclaration(NamedTuple):
    """A column: may it be NULL, and does the database compute it?"""

    name: str
    declared: str
    nullable: bool
    generated: bool


class ForeignKeyTo(NamedTuple):
    """A foreign key to some table: its own table, its first column, and the column it refers to.

    `columns` is how many columns it has; `is_key` whether its column is its table's primary key.
    """

    table: str
    column: str
    other: str
    columns: int
    is_key: bool

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"


def declared_columns(session: Session, table: str) -> dict[str, ColumnDeclaration]:
    """The table's columns by name, in order."""
    return {
        name: ColumnDeclaration(name, declared, _is_true(nullable), _is_true(generated))
        for name, declared, nullable, generated in _fetched(
            session, f"{session.source.vendor}_declared", table
        )
    }


def has_index(session: Session, table: str, column: str) -> bool:
    """Whether an index of this column alone exists."""
    ((count,),) = _fetched(session, f"{session.source.vendor}_index", table, column)
    return int(count) > 0


def foreign_keys_to(session: Session, table: str) -> list[ForeignKeyTo]:
    """The foreign keys to this table, in order."""
    return [
        ForeignKeyTo(own, column, other, int(columns), _is_true(is_key))
        for own, column, other, columns, is_key in _fetched(
            session, f"{session.source.vendor}_foreign_keys_to", table
        )
    ]


def applied_migrations(session: Session) -> list[tuple[str, str]]:
    """App and name of each applied Django migration, the first one first."""
    return [(app, name) for app, name in _fetched(session, "applied_migrations")]


def _fetched(session: Session, what: str, *parameters: str) -> list[tuple[Any, ...]]:
    vendor, connection = session.source.vendor, session.connection
    statement = sql(what)
    with host_errors(session.where):
        if vendor != "mysql":
            return list(connection.execute(statement, parameters).fetchall())
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return list(cursor.fetchall())


def _is_true(value: object) -> bool:
    """A driver's form of a boolean."""
    return value in (True, 1, "1", "t")
