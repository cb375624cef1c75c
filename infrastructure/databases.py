"""Which database is ours, and which is not to be touched."""

import re
from typing import TYPE_CHECKING, Any

from domain.errors import RestoreLogError

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
    code = "database_not_migrated"

    def __init__(self) -> None:
        super().__init__("The service's database has no tables yet. Run: manage.py migrate")


def one_line(error: BaseException) -> str:
    """The error's text on a single line, without any password of a URL."""
    text = " ".join(str(error).split()) or type(error).__name__
    return re.sub(r"(\w+://[^:/@\s]*):[^@\s]*@", r"\1:***@", text)


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


def refuse_unmigrated(connection: "BaseDatabaseWrapper") -> None:
    """Raise `NotMigrated` unless the log's tables are there."""
    with connection.cursor() as cursor:
        if OUR_TABLE not in connection.introspection.table_names(cursor):
            raise NotMigrated
