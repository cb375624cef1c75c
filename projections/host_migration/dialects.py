"""How each kind of database spells what the migration's SQL needs."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Final

from projections.host_migration.columns import MovedColumn


class MigrationDialect(ABC):
    """One kind of database. `vendor` is Django's name for it."""

    vendor: ClassVar[str]
    now: ClassVar[str] = "CURRENT_TIMESTAMP"
    moment: ClassVar[str]
    """The type of a column that holds an instant."""

    def quote(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def text(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def constant(self, column: MovedColumn) -> str:
        """The column's constant value as SQL."""
        value = column.value
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return self.boolean(value)
        return str(value) if isinstance(value, int) else self.text(value)

    def boolean(self, value: bool) -> str:
        return "1" if value else "0"

    def cast(self, value: str, column: MovedColumn) -> str:
        """A value of another declared type, for this column."""
        return value

    def is_empty(self, value: str) -> str:
        """A condition: the text is empty. Blanks are not empty, and NULL is neither."""
        return f"{value} = ''"

    @abstractmethod
    def differ(self, value: str, copy: str, column: MovedColumn) -> str:
        """A condition: the two are not exactly the same, where NULL is the same as NULL."""

    @abstractmethod
    def digest(self, values: Sequence[str]) -> str:
        """The SHA-256 of values, in hexadecimal digits. Each value counts with its length."""


class PostgreSQL(MigrationDialect):
    vendor = "postgresql"
    moment = "timestamp with time zone"

    def boolean(self, value: bool) -> str:
        return "true" if value else "false"

    def cast(self, value: str, column: MovedColumn) -> str:
        return f"CAST({value} AS {column.declared})" if column.declared else value

    def differ(self, value: str, copy: str, column: MovedColumn) -> str:
        if column.family in ("int", "bool", "time"):
            return f"({value}) IS DISTINCT FROM {copy}"
        # Byte by byte, whatever the collation; some types have no equality at all.
        return f'(({value})::text COLLATE "C") IS DISTINCT FROM ({copy}::text COLLATE "C")'

    def digest(self, values: Sequence[str]) -> str:
        # A row's text tells NULL from the empty text, and quotes what would be unclear.
        listed = ",\n            ".join(values)
        row = f"ROW(\n            {listed}\n        )::text"
        return f"encode(sha256(convert_to({row}, getdatabaseencoding())), 'hex')"


class SQLite(MigrationDialect):
    """Django gives a connection to SQLite the function SHA256."""

    vendor = "sqlite"
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    moment = "datetime"

    def differ(self, value: str, copy: str, column: MovedColumn) -> str:
        return f"(({value}) IS NOT {copy} COLLATE BINARY OR typeof({value}) <> typeof({copy}))"

    def digest(self, values: Sequence[str]) -> str:
        # Any cell may hold a value of any type, also text that is not valid UTF-8.
        form = "%s%s," * len(values)
        listed = ",\n            ".join(f"typeof({value}), hex({value})" for value in values)
        return f"SHA256(printf(\n            '{form}',\n            {listed}\n        ))"


class MySQL(MigrationDialect):
    """MySQL and MariaDB."""

    vendor = "mysql"
    now = "UTC_TIMESTAMP(6)"
    moment = "datetime(6)"

    def quote(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def text(self, value: str) -> str:
        return super().text(value.replace("\\", "\\\\"))

    def is_empty(self, value: str) -> str:
        return f"length({value}) = 0"  # its = ignores blanks at the end

    def differ(self, value: str, copy: str, column: MovedColumn) -> str:
        return f"NOT (CAST({value} AS BINARY) <=> CAST({copy} AS BINARY))"

    def digest(self, values: Sequence[str]) -> str:
        joined = ",\n        ".join(f"coalesce(hex(CAST({v} AS BINARY)), '-')" for v in values)
        return f"sha2(concat_ws(',', {joined}), 256)"


DIALECTS: Final[tuple[MigrationDialect, ...]] = (PostgreSQL(), SQLite(), MySQL())
