"""Generations on PostgreSQL: a schema each for the building, the live and the frozen tables.

Names of indexes and constraints belong to a schema. So a table that moves to another schema keeps
them as `migrate` named them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from uuid import UUID

import msgspec
from django.db import DatabaseError, OperationalError, models, transaction
from psycopg import Cursor

from projections.engine.dialects.base import (
    ALL,
    Ids,
    TableDialect,
    TableLocation,
    VersionEnd,
    row_written,
    table_location,
)
from projections.engine.errors import RebuildRunning, SwitchBlocked
from projections.engine.models import GenerationState
from projections.engine.searched_texts import SearchedTexts, indexed, text_number
from projections.engine.sql import sql

BUILDING, FROZEN = "engine_building", "engine_frozen"
LOCK_TIMEOUT = "40ms"
"""How long a switch waits for a table; later readers of the table wait behind it."""
REBUILD_LOCK = 0x726573746F726521
"""The advisory lock of a rebuild; advisory locks are per database."""
SEARCH_LOCK = 0x726573746F726522
"""The advisory lock of a process that makes search indexes."""
INDEX_MEMORY = "128MB"
"""What the server may use to sort the keys of an index, so that it need not write them to files."""


def _plain(values: Sequence[Any]) -> Iterable[str]:
    """The values as JSON writes them, which PostgreSQL reads too: a whole column in one call."""
    written = WRITE(values).decode()[1:-1].replace('"', "")
    return written.replace("null", "\\N").split(",")


def _text(values: Sequence[Any]) -> Iterable[str]:
    """Escape a whole column in one call, joined by NUL, which no value contains: `constraints`."""
    if sum(len(value) for value in values if value) > LONG:
        return map(_escaped, values)
    nulls = None in values
    joined = "\0".join([value or "" for value in values] if nulls else values)
    escaped = joined
    for character, instead in ESCAPED:
        escaped = escaped.replace(character, instead)
    if not nulls:
        return values if escaped == joined else escaped.split("\0")
    texts = escaped.split("\0")
    return ["\\N" if value is None else text for value, text in zip(values, texts, strict=True)]


def _escaped(value: str | None) -> str:
    """Escape one value, without a copy if it needs no escaping."""
    if value is None:
        return "\\N"
    for character, instead in ESCAPED:
        value = value.replace(character, instead)
    return value


WRITE = msgspec.json.Encoder().encode
LONG = 4_000_000
"""From this many characters in a column its values are escaped one by one, to save memory."""
ESCAPED = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
COPIED = {
    **dict.fromkeys(("time", "date", "uuid", "boolean", "integer"), _plain),
    "text": _text,
}
"""How COPY's text format writes a column: https://www.postgresql.org/docs/current/sql-copy.html"""


WRITTEN = {
    "integer": "'i' || length({c}::text) || ':' || {c}::text",
    "boolean": "CASE WHEN {c} THEN 'b1:1' WHEN NOT {c} THEN 'b1:0' END",
    "text": "'t' || octet_length({c}) || ':' || {c}",
    # to_char() returns NULL for infinity, which is not NULL.
    "time": "'d26:' || coalesce("
    "to_char({c} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), {c}::text)",
    "date": "'d10:' || coalesce(to_char({c}, 'YYYY-MM-DD'), {c}::text)",
    "uuid": "'u36:' || {c}::text",
}
"""SQL that encodes a column as `projections.digest` does; NULL for NULL."""


@contextmanager
def _named_when_blocked(model: type[models.Model]) -> Iterator[None]:
    """Turns a lock timeout into `SwitchBlocked`. Any session may hold a lock, also on the tables
    that readers do not see."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != "55P03":
            raise
        raise SwitchBlocked(model._meta.db_table) from error


class PostgreSQLTables(TableDialect):
    written = WRITTEN
    chunk = 10_000

    def run(self, statement: str, parameters: Sequence[Any]) -> int:
        # A cursor of Django's binds parameters on the client, so nothing could be prepared.
        with self.connection.wrap_database_errors, Cursor(self.connection.connection) as cursor:
            cursor.execute(statement.encode(), parameters, prepare=True)
            return cursor.rowcount

    def stored(self, kind: str, value: Any) -> Any:
        return value

    def place(self, model: type[models.Model], key: str, state: GenerationState) -> TableLocation:
        schema = {
            GenerationState.BUILDING: f'"{BUILDING}".',
            GenerationState.FROZEN: f'"{FROZEN}".',
        }.get(state, "")
        return table_location(model, f'{schema}"{model._meta.db_table}"', key)

    def unhurried(self) -> AbstractContextManager[None]:
        return nullcontext()

    def unhurried_commit(self) -> None:
        # For this transaction only: a session may be shared, and other commits must be durable.
        self.execute("SET LOCAL synchronous_commit = off")

    def load(self, place: TableLocation, keys: Sequence[UUID]) -> Iterator[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(
                f'SELECT {place.column_list} FROM {place.table} WHERE "{place.key}" = ANY(%s)',
                [list(keys)],
            )
            yield from cursor.fetchall()

    def load_numbered(
        self, place: TableLocation, columns: tuple[str, str], pairs: Sequence[tuple[UUID, int]]
    ) -> Iterator[tuple[Any, ...]]:
        statement = sql("postgresql", "load_numbered").format(
            columns=place.column_list, table=place.table, key=columns[0], number=columns[1]
        )
        with self.connection.cursor() as cursor:
            cursor.execute(statement, [[key for key, _ in pairs], [number for _, number in pairs]])
            yield from cursor.fetchall()

    def end_versions(self, place: TableLocation, ended: Sequence[VersionEnd]) -> None:
        statement = sql("postgresql", "end_versions").format(table=place.table)
        with self.connection.cursor() as cursor:
            cursor.execute(statement, [list(column) for column in zip(*ended, strict=True)])

    def remove(self, place: TableLocation, keys: Sequence[UUID]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM {place.table} WHERE "{place.key}" = ANY(%s)', [list(keys)])

    def packed(self, place: TableLocation, rows: Sequence[tuple[Any, ...]]) -> bytes:
        columns = [
            COPIED[kind](values)
            for kind, values in zip(place.kinds, zip(*rows, strict=True), strict=True)
        ]
        return "\n".join((*map("\t".join, zip(*columns, strict=True)), "")).encode()

    def insert(self, place: TableLocation, packed: bytes) -> None:
        with (
            self.connection.wrap_database_errors,
            self.connection.connection.cursor() as cursor,
            cursor.copy(f"COPY {place.table} ({place.column_list}) FROM STDIN") as copy,
        ):
            copy.write(packed)

    def replace(self, place: TableLocation, rows: Sequence[tuple[Any, ...]]) -> None:
        with self.connection.cursor() as cursor:
            for row in rows:
                cursor.execute(
                    f'UPDATE {place.table} SET {place.assignments} WHERE "{place.key}" = %s',
                    [*row, row[place.key_index]],
                )

    def row_hashes(self, place: TableLocation, ids: Ids = ALL) -> Iterator[bytes]:
        row = row_written(place, self.written)
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT sha256(convert_to({row}, 'UTF8')) FROM {place.table} "
                f"{ids.where(place.id)} ORDER BY {place.id}"
            )
            while found := cursor.fetchmany(10_000):
                yield b"".join(row[0] for row in found)

    @contextmanager
    def only_one_rebuild(self) -> Iterator[None]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [REBUILD_LOCK])
            if not cursor.fetchone()[0]:
                raise RebuildRunning
        try:
            yield
        finally:
            if not self.connection.needs_rollback:
                with self.connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [REBUILD_LOCK])

    def clear_building(self) -> None:
        self.execute(
            "SET LOCAL client_min_messages = warning",
            f"DROP SCHEMA IF EXISTS {BUILDING} CASCADE",
            f"CREATE SCHEMA {BUILDING}",
            f"CREATE SCHEMA IF NOT EXISTS {FROZEN}",
        )

    def create(self, place: TableLocation) -> None:
        tables, _ = self.ddl(place.model)
        with transaction.atomic(using=self.connection.alias):
            self.execute(f"SET LOCAL search_path TO {BUILDING}", *tables)
            self.execute("SET LOCAL search_path TO DEFAULT")
            # Autovacuum would analyze the table again and again as it fills, and block the switch.
            self.execute(f"ALTER TABLE {place.table} SET (autovacuum_enabled = off)")

    def finish(
        self, places: Sequence[TableLocation], wanted: Callable[[], bool] = lambda: True
    ) -> None:
        for place in places:
            with transaction.atomic(using=self.connection.alias):
                if not wanted():
                    continue
                indexes = self._missing_indexes(place)
                self.execute(
                    f"SET LOCAL maintenance_work_mem = '{INDEX_MEMORY}'",
                    f"SET LOCAL search_path TO {BUILDING}",
                    *indexes,
                )
                if order := getattr(place.model, "kept_by", ""):
                    self.execute(f'CLUSTER {place.table} USING "{order}"')
            # Else autovacuum would run just after the switch and could block the next one.
            vacuum = "" if self.connection.in_atomic_block else "VACUUM (TRUNCATE OFF, ANALYZE)"
            self.execute(f"{vacuum or 'ANALYZE'} {place.table}")

    def _missing_indexes(self, place: TableLocation) -> list[str]:
        """The statements for the indexes that the building table does not have yet."""
        _, indexes = self.ddl(place.model)
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexname FROM pg_indexes WHERE schemaname = %s AND tablename = %s",
                [BUILDING, place.model._meta.db_table],
            )
            there = {row[0] for row in cursor.fetchall()}
        return [statement for statement in indexes if statement.split('"')[1] not in there]

    def switch(self, models: Sequence[type[models.Model]], *, back: bool) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            cursor.execute("SELECT current_schema()")
            live = cursor.fetchone()[0]
            # Tables that readers do not see come first: at the first live table readers must wait.
            for model in models:
                table = f'"{model._meta.db_table}"'
                with _named_when_blocked(model):
                    if back:
                        cursor.execute(f"ALTER TABLE {FROZEN}.{table} SET SCHEMA {BUILDING}")
                    else:
                        cursor.execute(f"DROP TABLE IF EXISTS {FROZEN}.{table}")
                        cursor.execute(f"ALTER TABLE {BUILDING}.{table} RESET (autovacuum_enabled)")
            for model in models:
                table = f'"{model._meta.db_table}"'
                with _named_when_blocked(model):
                    cursor.execute(f'ALTER TABLE IF EXISTS "{live}".{table} SET SCHEMA {FROZEN}')
                    cursor.execute(f'ALTER TABLE {BUILDING}.{table} SET SCHEMA "{live}"')

    def who_blocks(self, table: str) -> str:
        """A text for people that names the sessions with a lock on the table in any state."""
        named = [f'"{table}"', *(f'{schema}."{table}"' for schema in (BUILDING, FROZEN))]
        with self.connection.cursor() as cursor:
            cursor.execute(sql("postgresql", "who_blocks"), [named])
            return "; ".join(row[0] for row in cursor.fetchall())

    def complete(self, models: Sequence[type[models.Model]]) -> None:
        """Does nothing: all other indexes are made before the switch."""

    def build_search(self, model: type[models.Model], searched: SearchedTexts) -> int | None:
        table = model._meta.db_table
        with self._only_one_search_build() as mine:
            schema = self._trigrams() if mine else None
            if schema is None or self.search_states([table])[table][0]:
                return None
            # In a transaction, as in a migration, the table is locked anyway.
            how = "" if self.connection.in_atomic_block else "CONCURRENTLY"
            text = indexed(searched.joined([f'"{one}"' for one in searched.all_columns]))
            self.execute(
                # One that a killed process has left.
                f'DROP INDEX {how} IF EXISTS "{table}_search"',
                f'CREATE INDEX {how} "{table}_search" ON "{table}" '
                f'USING gin (({text}) "{schema}".gin_trgm_ops) '
                # Of new rows in KiB: each search looks at them one by one.
                "WITH (gin_pending_list_limit = 1024)",
            )
            if long := searched.long_columns(model):
                length = searched.length(model, [f'"{one}"' for one in long])
                self.execute(
                    f'DROP INDEX {how} IF EXISTS "{table}_long"',
                    # Of all rows: the planner then knows how many are long.
                    f'CREATE INDEX {how} "{table}_long" ON "{table}" ({length})',
                )
            for column in searched.exact_columns(model):
                name, text = f"{table}_{column}_exact", text_number(f'"{column}"')
                self.execute(
                    f'DROP INDEX {how} IF EXISTS "{name}"',
                    f'CREATE INDEX {how} "{name}" ON "{table}" (({text}))',
                )
            self.execute(f'ANALYZE "{table}"')
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT pg_relation_size(%s::regclass)", [f'"{table}_search"'])
                return int(cursor.fetchone()[0])

    def search_states(self, tables: Sequence[str]) -> dict[str, tuple[bool, bool]]:
        statement = sql("postgresql", "search_states").format(
            asked=", ".join(["(%s, %s)"] * len(tables)), lock=SEARCH_LOCK
        )
        given = [one for table in tables for one in (f'"{table}"', f"{table}_search")]
        with self.connection.cursor() as cursor:
            cursor.execute(statement, given)
            found = {name: (ready, building) for name, ready, building in cursor.fetchall()}
        return {table: found[f"{table}_search"] for table in tables}

    @contextmanager
    def _only_one_search_build(self) -> Iterator[bool]:
        """Whether this process may make search indexes."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [SEARCH_LOCK])
            mine = bool(cursor.fetchone()[0])
        try:
            yield mine
        finally:
            if mine and not self.connection.needs_rollback:
                self.execute(f"SELECT pg_advisory_unlock({SEARCH_LOCK})")

    def _trigrams(self) -> str | None:
        """The schema of pg_trgm, which is installed if it is not yet; None if it cannot be."""
        try:
            with transaction.atomic(using=self.connection.alias):
                self.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError:
            # The role may not, or the server has no such extension: searches read every row.
            return None
        with self.connection.cursor() as cursor:
            cursor.execute(sql("postgresql", "trigrams"))
            return str(cursor.fetchone()[0])

    def database_identity(self) -> str:
        with self.connection.cursor() as cursor:
            cursor.execute(sql("postgresql", "database_identity"))
            return str(cursor.fetchone()[0])

    def exists(self, place: TableLocation) -> bool:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [place.table])
            return bool(cursor.fetchone()[0])
