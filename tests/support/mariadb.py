"""A real MariaDB for the system tests, from the programs that Debian's `mariadb-server` installs.

The same life as `postgres`: `fresh_database()` gives a new database in a server that the test
session shares, on loopback only, with a random password, gone when the session is.
"""

import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pymysql

from tests.support import guarded
from tests.support.postgres import free_port

FAST = {
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-doublewrite": "0",
    "innodb-fast-shutdown": "2",
}
COMMON = {
    "bind-address": "127.0.0.1",
    "skip-name-resolve": "1",  # else a connection from loopback is root@localhost, no password
    "skip-log-bin": "1",
    "innodb-buffer-pool-size": "128M",
    "character-set-server": "utf8mb4",
    "collation-server": "utf8mb4_unicode_ci",
    "default-time-zone": "+00:00",
    "max-allowed-packet": "64M",
}


class MariaDBIsNotInstalled(RuntimeError):
    """`mariadbd` is not on this machine; on Debian: apt-get install mariadb-server."""


@dataclass(frozen=True)
class Server:
    """A running MariaDB. `url` is the administrator's, to its `mysql` database."""

    url: str
    pid: int

    def fresh_database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"test_{secrets.token_hex(8)}"
        self._administer(f"CREATE DATABASE `{name}`")
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        self._administer(f"DROP DATABASE IF EXISTS `{urlsplit(url).path[1:]}`")

    def _administer(self, statement: str) -> None:
        with _connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute(statement)


def server() -> Server:
    """The test session's shared server, started by whoever asks first."""
    _program("mariadbd")
    running = guarded.use("mariadb", guarded.session_directory() / "mariadb")
    return Server(running.url, running.pid)


def fresh_database() -> str:
    """A new, empty database in the shared server."""
    return server().fresh_database()


def launch(directory: Path, durable: bool) -> guarded.Launch:
    """Make a data directory in `directory` and say how to run it; called by the guard."""
    data = directory / "data"
    data.mkdir(mode=0o700)
    password = secrets.token_urlsafe(18)
    first = data / "first.sql"
    first.touch(mode=0o600)
    first.write_text(f"ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '{password}';\n")
    as_user = guarded.unprivileged()
    if as_user:
        shutil.chown(data, as_user["user"], as_user["group"])
        shutil.chown(first, as_user["user"], as_user["group"])
    subprocess.run(
        [
            *(_program("mariadb-install-db"), "--no-defaults", f"--datadir={data}"),
            *("--auth-root-authentication-method=normal", "--skip-test-db"),
        ],
        cwd=directory,
        check=True,
        **as_user,
    )
    port = free_port()
    options = {
        **COMMON,
        **({} if durable else FAST),
        "datadir": str(data),
        "port": str(port),
        "init-file": str(first),
        "socket": str(data / "socket"),
        "pid-file": str(data / "pid"),
    }
    return guarded.Launch(
        command=[
            *(_program("mariadbd"), "--no-defaults"),
            *(f"--{name}={value}" for name, value in options.items()),
        ],
        user=as_user.get("user"),
        url=f"mysql://root:{password}@127.0.0.1:{port}/mysql",
        stop_signal=signal.SIGTERM if durable else signal.SIGKILL,
    )


def ping(url: str) -> Exception | None:
    """None when the server answers, else what it said instead."""
    try:
        _connect(url).close()
    except pymysql.err.OperationalError as error:
        return error
    return None


def _connect(url: str) -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path[1:],
        connect_timeout=2,
    )


def _program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if found is None:
        raise MariaDBIsNotInstalled(f"{name}: {MariaDBIsNotInstalled.__doc__}")
    return found
