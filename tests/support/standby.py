"""A PostgreSQL that follows another one, by streaming replication: see `postgres` for the other.

`standby_of(server)` copies a running server and follows it. Both are killed, stopped and removed
as every server of the tests is.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.support import guarded, postgres
from tests.support.postgres import Server, ping

__all__ = ["NAME", "follow_synchronously", "launch", "ping", "promote", "standby_of"]

NAME = "standby1"
"""What the standby is called at its primary."""


@contextmanager
def standby_of(primary: Server) -> Iterator[Server]:
    """A second server that follows this one, asynchronously at first."""
    directory = Path(tempfile.mkdtemp(prefix="restore-log-standby-", dir=postgres.DISK))
    directory.chmod(0o755)
    (directory / "primary").touch(mode=0o600)
    (directory / "primary").write_text(primary.url)
    running = guarded.use("standby", directory, durable=True)
    try:
        yield Server(running.url, running.pid)
    finally:
        guarded.release(directory)


def follow_synchronously(primary: Server) -> None:
    """From here on the primary acknowledges what its standby has on disk; waits until it does."""
    with psycopg.connect(primary.url, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'".encode())
        connection.execute("SELECT pg_reload_conf()")
        for _ in range(600):
            states = connection.execute("SELECT sync_state FROM pg_stat_replication").fetchall()
            if states == [("sync",)]:
                return
            connection.execute("SELECT pg_sleep(0.1)")
    raise AssertionError(f"the standby does not follow synchronously: {states}")


def promote(standby: Server) -> None:
    """Make it a primary; returns when it takes writes."""
    with psycopg.connect(standby.url, autocommit=True) as connection:
        assert connection.execute("SELECT pg_promote(true, 60)").fetchone() == (True,)


def stop_following(standby: Server) -> None:
    """Cut it off from its primary: what is committed from here on it does not get."""
    with psycopg.connect(standby.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
        connection.execute("SELECT pg_reload_conf()")
        for _ in range(600):
            if connection.execute("SELECT count(*) FROM pg_stat_wal_receiver").fetchone() == (0,):
                return
            connection.execute("SELECT pg_sleep(0.1)")
    raise AssertionError("the standby goes on following")


def caught_up(primary: Server, standby: Server) -> None:
    """Wait until the standby shows all that the primary has committed by now."""
    with (
        psycopg.connect(primary.url, autocommit=True) as first,
        psycopg.connect(standby.url, autocommit=True) as second,
    ):
        (end,) = first.execute("SELECT pg_current_wal_lsn()::text").fetchone() or ("",)
        for _ in range(600):
            reached = second.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [end])
            if reached.fetchone() == (True,):
                return
            second.execute("SELECT pg_sleep(0.1)")
    raise AssertionError("the standby does not catch up")


def launch(directory: Path, durable: bool) -> guarded.Launch:
    """Copy the primary, and say how to run the copy; called by the guard."""
    primary = (directory / "primary").read_text()
    (directory / "primary").unlink()
    binaries = postgres.binaries(directory)
    parts = urlsplit(primary)
    data = directory / "data"
    data.mkdir(mode=0o700)
    as_user = guarded.unprivileged()
    if as_user:
        shutil.chown(data, as_user["user"], as_user["group"])
    subprocess.run(
        [
            *(str(binaries / "pg_basebackup"), "--pgdata", str(data), "--checkpoint=fast"),
            *("--write-recovery-conf", "--wal-method=stream", "--no-sync"),
            f"--dbname=host={parts.hostname} port={parts.port} user={parts.username} "
            f"password={parts.password} application_name={NAME}",
        ],
        cwd=directory,
        check=True,
        **as_user,
    )
    port = postgres.free_port()
    options = {**postgres.COMMON, "port": str(port)}
    return guarded.Launch(
        command=[
            *(str(binaries / "postgres"), "-D", str(data)),
            *(f"--{name}={value}" for name, value in options.items()),
        ],
        user=as_user.get("user"),
        url=parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl(),
        stop_signal=postgres.FAST_STOP,
    )
