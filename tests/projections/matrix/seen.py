"""What importer and verifier make of each cell of a host, and what plain SQL says of it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connections

from infrastructure.event_store.log import Log
from infrastructure.hosts.tables import TIMES
from projections.engine.registry import PROJECTIONS, row_projections
from projections.verification.actual.readers import open_compared_host, open_service
from projections.verification.cells import UNFIT
from projections.verification.expected.from_host import ExpectedHostRows
from projections.verification.expected.schema import TABLES
from projections.verification.log_index import LogIndex
from tests.projections.matrix.host import NAMED
from tests.support import raw

LOCAL = "local"
"""Behind a time of the host's that is the clock on the wall."""

Cells = dict[tuple[str, str, int, str], Any]
"""By the projection's label, the table that the row is of, its key there, and the column."""


def by_the_importer() -> Cells:
    """What the projectors make of the log; `UNFIT` where a column cannot hold it."""
    cells: Cells = {}
    events = [event for chunk in Log().events(0) for event in chunk]
    for projection in row_projections():
        label = projection.label
        for event in events:
            if not isinstance(event, projection.event_type):
                continue
            row = projection.project(None, event)
            if row is None:
                continue
            of = _table_of(label, event)
            key = event.legacy_id or event.consolidated_id  # type: ignore[attr-defined]
            for column, check in _checks(label):
                value = getattr(row, column)
                unfit = column in row.unfit or check(value) is not None
                cells[label, of, key, column] = UNFIT if unfit else value
    return cells


def _table_of(label: str, event: Any) -> str:
    subject = label.rpartition(".")[2].lower()
    app = "database_management" if event.origin == "legacy" else "system_backups"
    return f"{app}_{subject}"


def _checks(label: str) -> Iterator[tuple[str, Callable[[Any], str | None]]]:
    from projections.mapping.constraints import _check

    for field in PROJECTIONS[label].model._meta.concrete_fields:
        yield str(field.column), _check(field)


def by_the_verifier(url: str, zone: ZoneInfo | None) -> Cells:
    """The cells that verification expects of the host, in every table where its rows may stand."""
    cells: Cells = {}
    settings = connections["default"].settings_dict
    with closing(open_service(settings)) as service, closing(open_compared_host(url)) as host:
        log = LogIndex(service)
        for into in TABLES.values():
            for of in TABLES.values():
                if of is not into and (of.subject != into.subject or into.origin == "legacy"):
                    continue
                rows = ExpectedHostRows(host, log, into=into, of=of, zone=zone)
                for chunk in rows.chunks():
                    for n, id_ in enumerate(chunk.ids):
                        for column, cell in zip(into.columns, chunk.cells(n), strict=True):
                            cells[into.label, of.name, id_ - rows.shift, column] = cell
    return cells


def as_cell(value: Any) -> str:
    """A projected value as verification writes it."""
    if value is None:
        return "-"
    if value == UNFIT:
        return UNFIT
    letter, text = "t", str(value)
    if isinstance(value, bool):
        letter, text = "b", str(int(value))
    elif isinstance(value, int):
        letter = "i"
    elif isinstance(value, datetime):
        letter, text = "d", value.replace(tzinfo=None).isoformat(timespec="microseconds")
    elif isinstance(value, UUID):
        letter = "u"
    return f"{letter}{len(text.encode())}:{text}"


def by_plain_sql(url: str, zone: str) -> dict[tuple[str, int, str], str | None]:
    """The host's values as its own SQL writes them: table, key, column."""
    said: dict[tuple[str, int, str], str | None] = {}
    with raw.connect(url) as connection, closing(connection.cursor()) as cursor:
        if url.startswith("postgres"):
            cursor.execute("SET timezone = 'UTC'")
        for table, columns in NAMED.items():
            types = _types(url, table)
            for column in columns:
                type_ = types[column] if column in TIMES or "time" not in types[column] else ""
                cursor.execute(f"SELECT id, {_text(url, type_, column, zone)} FROM {table}")
                for key, text in cursor.fetchall():
                    said[table, key, column] = text
    return said


def _types(url: str, table: str) -> dict[str, str]:
    if url.startswith("sqlite"):
        return {
            name: declared for _, name, declared, *_ in raw.rows(url, f"PRAGMA table_info({table})")
        }
    if url.startswith("mysql"):
        return dict(
            raw.rows(
                url,
                "SELECT column_name, data_type FROM information_schema.columns "
                f"WHERE table_schema = database() AND table_name = '{table}'",
            )
        )
    with raw.connect(url) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")
        oids = {one.name: one.type_code for one in cursor.description}
        cursor.execute("SELECT oid, typname FROM pg_type")
        names = dict(cursor.fetchall())
    return {column: names[oid] for column, oid in oids.items()}


def _text(url: str, type_: str, column: str, zone: str) -> str:
    """SQL for what the column of a projection shows of a host's value, as text."""
    if url.startswith("sqlite"):
        return (
            f"CASE typeof({column}) WHEN 'blob' THEN lower(hex({column})) "
            f"WHEN 'real' THEN NULL ELSE lower(hex(CAST({column} AS text))) || ':' END"
        )
    if url.startswith("mysql"):
        if type_ in ("datetime", "timestamp"):
            text = f"date_format({column}, '%Y-%m-%d %H:%i:%s.%f')"
            return f"concat({text}, ' {LOCAL}')" if type_ == "datetime" else text
        if type_ == "bit":
            return f"lower(hex(CAST({column} AS binary)))"  # a number to hex()
        if type_ in ("binary", "varbinary", "blob", "point", "geometry"):
            return f"lower(hex({column}))"
        if type_ == "float":
            return f"CAST(CAST({column} AS double) AS char)"  # else rounded
        if type_.endswith("int"):
            return f"CAST({column} + 0 AS char)"  # without what a display adds
        return f"CAST({column} AS char)"
    in_utc = "to_char({} AT TIME ZONE '{}', 'YYYY-MM-DD HH24:MI:SS.US')"
    match type_:
        case "timestamptz":
            return in_utc.format(column, "UTC")
        case "timestamp":
            return in_utc.format(f"({column} AT TIME ZONE '{zone}')", "UTC")
        case "bytea":
            return f"encode({column}, 'hex')"
        case "bool":
            return f"{column}::text"
    return f"CASE WHEN {column} IS DISTINCT FROM NULL THEN format('%s', {column}) END"


def shows(url: str, value: Any, said: str | None, zone: str) -> bool:
    """Whether a projected value is what the host's SQL says."""
    if url.startswith("sqlite"):
        return _shows_of_sqlite(value, said, zone)
    if isinstance(value, datetime):
        if said is not None and said.endswith(LOCAL):
            value, said = value.astimezone(ZoneInfo(zone)), said.removesuffix(f" {LOCAL}")
        return said == value.strftime("%Y-%m-%d %H:%M:%S.%f").zfill(26)
    if isinstance(value, bool):
        return said in (("true", "1") if value else ("false", "0"))
    if url.startswith("mysql") and said is not None and said.encode().hex() == value:
        return True  # a word of no character set is bytes, and as somebody's key their digits
    return said == (None if value is None else str(value))


def _shows_of_sqlite(value: Any, said: str | None, zone: str) -> bool:
    if said is None:
        return value is None or isinstance(value, str)  # a real as somebody's key
    if not said.endswith(":"):
        return bool(value == said)
    data = bytes.fromhex(said[:-1])
    if isinstance(value, datetime):
        text = data.decode()
        if text[19:] in ("", ".000001") and zone == "UTC":
            return text[:10] == value.date().isoformat() and text[11:19] == f"{value:%H:%M:%S}"
        return text[:4] == f"{value:%Y}"
    if isinstance(value, bool):
        return data == str(int(value)).encode()
    return data in (str(value).encode(), bytes.fromhex(value) if _is_hex(value) else b"")


def _is_hex(value: Any) -> bool:
    try:
        bytes.fromhex(value)
    except (TypeError, ValueError):
        return False
    return True
