"""All rows of a table, or none: what was read is held against a count in the same snapshot."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from infrastructure.hosts.connecting.encodings import codec_of
from infrastructure.hosts.connecting.errors import RowsHidden, RowsMissing

T = TypeVar("T")

BY_INDEX = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")


def count_rows(vendor: str, connection: Any, table: str) -> int:
    """How many rows a table has. `table` is its name as SQL spells it. `RowsHidden` if a policy
    may keep some from this role.

    Counted in the table itself where the database can be told so: rows come in the order of an
    index, and one that lost entries would lose them for a count as well.
    """
    if vendor == "sqlite":
        return int(connection.execute(f"SELECT count(*) FROM {table} NOT INDEXED").fetchone()[0])
    statement = f"SELECT count(*) FROM {table}"
    if vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.fetchall()[0][0])
    if connection.execute("SELECT row_security_active(to_regclass(%s))", [table]).fetchone()[0]:
        raise RowsHidden(table)
    for name in BY_INDEX:
        connection.execute(f"SET LOCAL {name} = off")
    count = int(connection.execute(statement.encode(codec_of(connection))).fetchone()[0])
    for name in BY_INDEX:
        connection.execute(f"SET LOCAL {name} TO DEFAULT")
    return count


def all_or_none(rows: Iterable[T], table: str, count: int) -> Iterator[T]:
    """The rows as they come; `RowsMissing` at their end unless they were so many."""
    read = 0
    for row in rows:
        read += 1
        yield row
    if read != count:
        raise RowsMissing(table, count, read)
