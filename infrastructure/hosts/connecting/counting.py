"""The check that all rows of a table were read: they are counted in the same snapshot."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from infrastructure.hosts.connecting.encodings import codec_of
from infrastructure.hosts.connecting.errors import RowsHidden, RowsMissing

T = TypeVar("T")

BY_INDEX = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")


def count_rows(vendor: str, connection: Any, table: str) -> int:
    """How many rows a table has. `table` is its name as SQL spells it. `RowsHidden` if a policy
    may hide some from this role.

    Rows are counted without an index where the database allows it. They are read in the order of
    an index, and if the index lacks entries, a count by it would lack them too.
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
    """The rows as they come; `RowsMissing` at the end if their number is not `count`."""
    read = 0
    for row in rows:
        read += 1
        yield row
    if read != count:
        raise RowsMissing(table, count, read)
