"""The interface of the readers of a host, and the queries that they all run."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from domain.values import Value
from infrastructure.hosts.schema import ColumnSchema, Family, Reference, TableSchema
from infrastructure.sql_files import sql_in


class Extent(NamedTuple):
    """The number of rows in a table, and its lowest and highest key (None if it is empty)."""

    rows: int
    lowest: Any
    highest: Any


class UserLookup(NamedTuple):
    """The key of the users, the column there that names one, and the columns that hold the key."""

    key: Reference
    name: str
    columns: frozenset[str]


@dataclass(frozen=True)
class RowQuery:
    """A table's rows in key order, and what to look up for each.

    `backups` is the table of the backup that the columns `backup` name, and `database` the
    columns there that say which database it is of; `user` says where the columns `created_by` find
    the user's name. Of several columns the first that is not null counts. Only those of the columns
    `database` that are in `texts` can hold a name: the others hold values of another type, which
    name no database. In the same way, only `user.columns` can name a user. `limit` cuts the rows.
    """

    table: TableSchema
    backups: str | None = None
    backup: Sequence[str] = ()
    database: Sequence[str] = ()
    texts: Collection[str] = ()
    created_by: Sequence[str] = ()
    user: UserLookup | None = None
    limit: int | None = None

    @property
    def families(self) -> list[Family]:
        """The families of the columns, and of the two values that follow them."""
        return [*(column.family for column in self.table.columns), "text", "text"]


class Reader(Protocol):
    """A read-only connection to one snapshot of a host, however long it reads."""

    compares_all: bool
    """Whether values of any two types can be compared in SQL without an error."""

    def table(self, name: str) -> TableSchema | None:
        """A table or view by its name; None if it does not exist."""

    def extent(self, table: str) -> Extent:
        """The number of rows and the range of ids of a table with an `id`."""

    def estimate(self, table: str) -> int:
        """The number of a table's rows by the database's own statistics; 0 if unknown."""

    def keys(self, table: str) -> Iterator[Any]:
        """The table's ids, lowest first."""

    def rows(self, query: RowQuery) -> Iterator[list[Value]]:
        """Each row's values in column order, then its backup's database and its user's name."""

    def orphans(self, table: str, column: str, reference: Reference) -> Iterator[Any]:
        """The ids, lowest first, of rows whose column refers to a row that does not exist."""

    def words(self, table: str, column: str) -> list[str]:
        """The first thousand different values of a text column, in order, without null."""

    def inbound(self, table: str) -> list[tuple[str, str]]:
        """Table and column of every foreign key to a table."""

    def plain_rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        """These columns of a table that may have no `id`, in their own order, as the driver gives
        them: whole numbers may be text."""


class Quoting(Protocol):
    """How a database spells names in SQL."""

    def quote(self, name: str) -> str:
        """A column's name."""

    def quote_table(self, name: str) -> str:
        """A table's name as the catalogue gives it."""


sql = sql_in(Path(__file__).parent / "sql")


def rows_sql(spelling: Quoting, query: RowQuery, after: str = "") -> str:
    """The query as SQL. `after` is a condition on the key, to continue in the middle."""
    quote, quote_table = spelling.quote, spelling.quote_table
    joins, database, username = [], "NULL", "NULL"
    if query.backups is not None:
        database = _first(
            _column("b", quote, name)
            if name in query.texts
            else f"CASE WHEN {_column('b', quote, name)} IS NOT NULL THEN '' END"
            for name in query.database
        )
        joins.append(
            f"LEFT JOIN {quote_table(query.backups)} AS b "
            f"ON b.{quote('id')} = {_first(_column('r', quote, name) for name in query.backup)}"
        )
    if query.user is not None:
        username = f"u.{quote(query.user.name)}"
        joins.append(
            f"LEFT JOIN {quote_table(query.user.key.table)} AS u "
            f"ON u.{quote(query.user.key.column)} = {_user(quote, query)}"
        )
    return sql("rows").format(
        columns=", ".join(_read(spelling, column) for column in query.table.columns),
        database=database,
        username=username,
        table=quote_table(query.table.name),
        joins="\n".join(joins),
        after=after,
        key=f"r.{quote('id')}",
        limit="" if query.limit is None else f"LIMIT {query.limit}",
    )


def _user(quote: Callable[[str], str], query: RowQuery) -> str:
    """The key of a row's user, as SQL: the first that is not null, if it is one."""
    columns = [_column("r", quote, name) for name in query.created_by]
    assert query.user is not None, "there is a key to compare with"
    if query.user.columns.issuperset(query.created_by):
        return _first(columns)
    cases = (
        f"WHEN {column} IS NOT NULL THEN {column if name in query.user.columns else 'NULL'}"
        for name, column in zip(query.created_by, columns, strict=True)
    )
    return f"CASE {' '.join(cases)} END"


def _first(values: Iterable[str]) -> str:
    """The first of these SQL values that is not null, as SQL."""
    some = list(values)
    return some[0] if len(some) == 1 else f"coalesce({', '.join(some)})"


def _column(table: str, quote: Callable[[str], str], name: str) -> str:
    return f"{table}.{quote(name)}"


def _read(spelling: Quoting, column: ColumnSchema) -> str:
    plain = f"r.{spelling.quote(column.name)}"
    return column.expression.format(plain) if column.expression else plain


def plain_rows_sql(spelling: Quoting, table: str, columns: Sequence[str]) -> str:
    names = ", ".join(map(spelling.quote, columns))
    return sql("plain_rows").format(columns=names, table=spelling.quote_table(table))


def words_sql(spelling: Quoting, table: str, column: str) -> str:
    return sql("words").format(table=spelling.quote_table(table), column=spelling.quote(column))


def orphans_sql(spelling: Quoting, table: str, column: str, reference: Reference) -> str:
    return sql("orphans").format(
        table=spelling.quote_table(table),
        column=spelling.quote(column),
        other=spelling.quote_table(reference.table),
        key=spelling.quote(reference.column),
    )
