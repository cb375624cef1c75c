"""The only parser of a source URL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from infrastructure.databases.redaction import looks_like_more
from infrastructure.hosts.connecting.errors import BadSourceUrl, NoSource
from infrastructure.hosts.connecting.mysql_options import mysql_options
from infrastructure.hosts.connecting.options import option_name
from infrastructure.hosts.connecting.postgresql_options import postgresql_options
from infrastructure.hosts.connecting.sqlite_options import sqlite_options

Vendor = Literal["sqlite", "postgresql", "mysql"]

SCHEMES: dict[str, Vendor] = {
    "sqlite": "sqlite",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "pgsql": "postgresql",
    "mysql": "mysql",
    "mysql2": "mysql",
}
_OPTIONS: dict[Vendor, Callable[[dict[str, str]], dict[str, Any]]] = {
    "sqlite": sqlite_options,
    "postgresql": postgresql_options,
    "mysql": mysql_options,
}


@dataclass(frozen=True)
class Source:
    """Where a host is and how to connect to it. `name` is a database, or SQLite's file.

    `options` are the URL's, as parsed by the vendor's own module.
    """

    vendor: Vendor
    name: str
    server: str = ""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def where(self) -> str:
        """Which database it is, for messages: never with a password or an option."""
        return self.name if self.vendor == "sqlite" else f"{self.server or 'localhost'}/{self.name}"


def parse_source(url: str) -> Source:
    """What the URL names. `NoSource` if it is empty, `BadSourceUrl` if it cannot be used.

    No message repeats the URL, which may hold a password.
    """
    if not url.strip():
        raise NoSource
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise BadSourceUrl("it is not a database URL") from None
    vendor = _vendor(parts, url)
    if parts.fragment:
        raise BadSourceUrl("it has a # in it, which has to be written as %23")
    user, password, server, port = _authority(parts.netloc)
    name = unquote(parts.path[1:])
    options = _OPTIONS[vendor](_given(parts.query))
    server = options.pop("server", "") or server
    port = options.pop("port", None) or port
    user = options.pop("user", "") or user
    password = options.pop("password", "") or password
    if vendor == "sqlite" and (parts.netloc or user or password):
        raise BadSourceUrl("it names a server before the file; an absolute path has four slashes")
    _refuse_name(vendor, name)
    if any("\0" in part for part in (name, user, password, server)):
        raise BadSourceUrl("it has a NUL character in it")
    return Source(vendor, name, server, port, user, password, options)


def _vendor(parts: SplitResult, url: str) -> Vendor:
    if "://" not in url or not parts.scheme:
        raise BadSourceUrl("it is not a database URL")
    if parts.scheme not in SCHEMES:
        raise BadSourceUrl(f"hosts on {parts.scheme} are not supported")
    return SCHEMES[parts.scheme]


def _authority(netloc: str) -> tuple[str, str, str, int | None]:
    """User, password, server and port. A socket's path keeps its capital letters."""
    if netloc == ":memory:":
        return "", "", "", None
    credentials, _, server = netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    if server.startswith("["):
        server, _, rest = server[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        server, _, port = server.partition(":")
    if port and not (port.isascii() and port.isdigit() and int(port) < 2**16):
        raise BadSourceUrl("its port is not a number from 0 to 65535")
    return unquote(user), unquote(password), unquote(server), int(port) if port else None


def _refuse_name(vendor: Vendor, name: str) -> None:
    if not name or name == ":memory:":
        raise BadSourceUrl("it names no database")
    if vendor != "sqlite" and looks_like_more(name):
        raise BadSourceUrl("the database's name contains @, : or /")


def _given(query: str) -> dict[str, str]:
    """The options by name, each once."""
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in options:
            raise BadSourceUrl(f"it has {option_name(name)} twice")
        options[name] = value
    return options
