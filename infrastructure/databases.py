"""Which database is ours, and which is not to be touched."""

import os
from typing import TYPE_CHECKING, Any

from django.db import Error as DatabaseError
from django.db import connection as service

from domain.errors import RestoreLogError
from infrastructure.discretion import one_line
from infrastructure.printable import printable

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

PROJECTION_TABLES = frozenset(
    f"{app}_{table}"
    for app in ("database_management", "system_backups")
    for table in ("restorelog", "backuplog")
)
OUR_TABLE = "event_store_head"

_checked: set[str] = set()


class ForeignDatabase(RestoreLogError):
    code = "foreign_database"

    def __init__(self, tables: list[str]) -> None:
        super().__init__(
            f"DATABASE_URL names a database that holds {', '.join(tables)} but was not made by "
            "this service: it looks like a host. Nothing was changed. Put the host's URL in "
            "SOURCE_DATABASE_URL and give the service a database of its own."
        )


class NotMigrated(RestoreLogError):
    """`where` it is, is not for everybody to read: only commands name it."""

    code = "database_not_migrated"

    def __init__(self, where: str = "", lacks: str = "has no tables yet") -> None:
        super().__init__(
            f"The service's database {where} {lacks}. If DATABASE_URL should name another one, "
            "set it; if not, run: manage.py migrate"
            if where
            else f"The service's database {lacks}. Run: manage.py migrate"
        )


def where_is(connection: "BaseDatabaseWrapper") -> str:
    """Which database it is, for messages: never with a password."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return _file(connection) or str(settings["NAME"])
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    return f"{settings['HOST'] or 'localhost'}{port}/{settings['NAME']}"


def reason(error: BaseException) -> str:
    """What to tell of an error, on one line: also whose file or which database it is about."""
    match error:
        case DatabaseError() if service.connection is None:
            why = one_line(error).rstrip(".?")
            return (
                f"The service's database {where_is(service)} cannot be opened: {why}. "
                f"{_no_folder(service)}Check DATABASE_URL, which names it."
            )
        case DatabaseError():
            return f"The service's database {where_is(service)}: {one_line(error)}"
        case OSError(filename=str() | os.PathLike() as file, strerror=str(why)):
            return printable(f"{os.fspath(file)}: {why}")
    return one_line(error)


def _no_folder(connection: "BaseDatabaseWrapper") -> str:
    file = _file(connection)
    if file is None or os.path.isdir(os.path.dirname(file)):
        return ""
    return f"There is no folder {os.path.dirname(file)}. "


def _file(connection: "BaseDatabaseWrapper") -> str | None:
    """SQLite's file; None if there is none."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name == ":memory:" or name.startswith("file:"):
        return None
    return os.path.abspath(name)


def refuse_foreign_database(sender: Any, connection: "BaseDatabaseWrapper", **kwargs: Any) -> None:
    """Close a new connection, and raise, if the database is somebody else's.

    Runs whenever Django opens a connection, so no command has to remember it.
    """
    if connection.alias != "default":
        return
    key = repr(sorted((k, str(v)) for k, v in connection.get_connection_params().items()))
    if key in _checked:
        return
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    foreign = sorted(tables & PROJECTION_TABLES)
    if foreign and OUR_TABLE not in tables:
        connection.close()
        raise ForeignDatabase(foreign)
    if OUR_TABLE in tables:
        _checked.add(key)


def refuse_unmigrated(connection: "BaseDatabaseWrapper", *, named: bool = False) -> None:
    """Raise `NotMigrated` unless the log's tables are there; `named`: it says where.

    Opens no SQLite file that is not there, since that would make one.
    """
    where = where_is(connection) if named else ""
    file = _file(connection)
    if file is not None and not os.path.exists(file):
        raise NotMigrated(where, "does not exist yet")
    with connection.cursor() as cursor:
        if OUR_TABLE not in connection.introspection.table_names(cursor):
            raise NotMigrated(where)
