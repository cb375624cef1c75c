"""SQL functions for SQLite that read a part of a long value without loading the rest.

SQLite's own `substr` and `length` load the whole text into the memory of this process: 50 MB for a
page that shows 500 characters. Each of these functions takes the names of a table and of a column,
and a `rowid`:

- `restorelog_piece(table, column, rowid, start, count)`: bytes from `start` (the first is 1);
- `restorelog_head(table, column, rowid, count)`: the first characters of a text;
- `restorelog_length(table, column, rowid)`: how many characters a text has.

PostgreSQL does not need this: its `substr` sends only the requested part.
"""

from codecs import getincrementaldecoder
from io import SEEK_END, BytesIO
from sqlite3 import SQLITE_LIMIT_LENGTH, DataError
from typing import Any
from weakref import ref

PIECE = 1_000_000
"""Bytes that are read at a time to count characters."""
LONGEST_CHARACTER = 4
"""Bytes of one in UTF-8."""
SHORT = 100_000
"""Bytes of a value that is simply read."""
VALUE = 'SELECT CAST("{column}" AS BLOB) FROM "{table}" WHERE rowid = ?'

_decoder = getincrementaldecoder("utf-8")


def teach_long_values(sender: Any, connection: Any, **kwargs: Any) -> None:
    """Give a new connection to SQLite these functions."""
    if connection.vendor != "sqlite":
        return
    # The driver's connection refers to the functions, so they must not refer to it.
    wrapper: Any = ref(connection)

    def short(table: str, column: str, rowid: int) -> bytes | None:
        """The value; None if it is longer."""
        driver = wrapper().connection
        usual = driver.setlimit(SQLITE_LIMIT_LENGTH, SHORT)
        try:
            found = driver.execute(VALUE.format(table=table, column=column), (rowid,))
            return bytes(found.fetchone()[0])
        except DataError:
            return None
        finally:
            driver.setlimit(SQLITE_LIMIT_LENGTH, usual)

    def opened(table: str, column: str, rowid: int) -> Any:
        value = short(table, column, rowid)
        if value is not None:
            return BytesIO(value)
        # The driver remembers every value opened so until it is closed: 90 bytes of each.
        return wrapper().connection.blobopen(table, column, rowid, readonly=True)

    def piece(table: str, column: str, rowid: int, start: int, count: int) -> bytes:
        with opened(table, column, rowid) as value:
            value.seek(0, SEEK_END)
            value.seek(min(start - 1, value.tell()))
            return bytes(value.read(count))

    def head(table: str, column: str, rowid: int, count: int) -> str:
        with opened(table, column, rowid) as value:
            return str(value.read(count * LONGEST_CHARACTER).decode(errors="ignore")[:count])

    def length(table: str, column: str, rowid: int) -> int:
        decoder, found = _decoder(errors="replace"), 0
        with opened(table, column, rowid) as value:
            while part := value.read(PIECE):
                found += len(decoder.decode(part))
        return found

    for function, arguments in ((piece, 5), (head, 4), (length, 3)):
        name = f"restorelog_{function.__name__}"
        connection.connection.create_function(name, arguments, function)
