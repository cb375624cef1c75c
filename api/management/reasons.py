"""Error messages for the terminal."""

import os
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError
from django.db import connection as service

from api.remedies import at_terminal
from domain.errors import RestoreLogError
from infrastructure.databases.own_database import file_of, where_is
from infrastructure.databases.redaction import in_one_line, one_line
from infrastructure.printable import printable

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


def reason(error: BaseException) -> str:
    """An error's message in one line, with the file or database that it is about."""
    match error:
        case RestoreLogError(code="database_lost"):
            told = error.message.said(at_terminal)
            return f"{told} ({where_is(service)}: {one_line(error.__cause__ or error)})"
        case DatabaseError() if service.connection is None:
            why = one_line(error).rstrip(".?")
            return (
                f"The service's database {where_is(service)} cannot be opened: {why}. "
                f"{_no_folder(service)}Check DATABASE_URL, which names it."
            )
        case DatabaseError():
            return f"The service's database {where_is(service)}: {one_line(error)}"
        case _ if type(error).__module__.partition(".")[0] in ("psycopg", "sqlite3"):
            # From the service's own database, not through Django; host errors were handled before.
            return f"The service's database {where_is(service)}: {one_line(error)}"
        case OSError(filename=str() | os.PathLike() as file, strerror=str(why)):
            return printable(f"{os.fspath(file)}: {why}")
        case RestoreLogError():
            return in_one_line(error.message.said(at_terminal))
        case OSError() | ImproperlyConfigured():
            return one_line(error)
    return (
        f"This could not be done because of a bug in the service: {type(error).__name__}. "
        "Run it again with --traceback to see where, and report that."
    )


def _no_folder(connection: "BaseDatabaseWrapper") -> str:
    file = file_of(connection)
    if file is None or os.path.isdir(os.path.dirname(file)):
        return ""
    return f"There is no folder {os.path.dirname(file)}. "
