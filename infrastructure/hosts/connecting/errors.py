"""Errors of reading a host. Each message is one line and says what to do."""

from domain.errors import RestoreLogError
from domain.messages import remedy
from infrastructure.databases.redaction import ESCAPED


class HostError(RestoreLogError):
    """The host cannot be imported or compared."""

    code = "host"


class NoSource(HostError):
    code = "no_source"

    def __init__(self) -> None:
        super().__init__(
            "Which host? Set SOURCE_DATABASE_URL, or give its URL: ", remedy(source="URL")
        )


class BadSourceUrl(HostError):
    code = "bad_source_url"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The source URL cannot be used: {why}. It should look like sqlite:////path/to/file, "
            "postgres://user:password@host:5432/name or mysql://user:password@host:3306/name, "
            f"{ESCAPED}."
        )


class HostUnreachable(HostError):
    code = "host_unreachable"

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"The host's database cannot be read: {where}: {why}")


class LimitNotLifted(HostError):
    """A setting of the server or the role may hide rows or end the reading."""

    code = "limit_not_lifted"

    def __init__(self, where: str, setting: str, value: str, wanted: str) -> None:
        super().__init__(
            f"{where}: {setting} is {value!r}, which may hide rows or end the reading, and the "
            f"server does not let this role set it to {wanted!r}. Nothing was read. Change it for "
            "the role, or connect as another."
        )


class RowsHidden(HostError):
    """Row-level security is in force for the role."""

    code = "rows_hidden"

    def __init__(self, table: str) -> None:
        super().__init__(
            f"Row-level security may hide rows of {table} from the role that reads the host. "
            "Part of a host is never imported or compared. Connect as a role that has BYPASSRLS."
        )


class RowsMissing(HostError):
    """Not all rows were read, without an error."""

    code = "rows_missing"

    def __init__(self, table: str, count: int, read: int) -> None:
        super().__init__(
            f"{table} has {count} rows by count(*), and {read} were read in the same snapshot. "
            "Part of a host is never imported or compared. Look for a limit on rows, a damaged "
            "index or an engine without transactions in the host, then run it again."
        )
