"""Behind PgBouncer: a pool of sessions is fine, one of transactions is refused."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.support import guarded, service
from tests.support.postgres import free_port

pytestmark = pytest.mark.system


@contextmanager
def pooled(database: str, folder: Path, mode: str, size: int = 5) -> Iterator[str]:
    """The database's URL through a PgBouncer of this `pool_mode`."""
    parts, port = urlsplit(database), free_port()
    folder.chmod(0o755)
    users, settings = folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text(f'"{parts.username}" "{parts.password}"\n')
    settings.write_text(
        f"[databases]\n* = host={parts.hostname} port={parts.port}\n"
        "[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = plain\nauth_file = {users}\npool_mode = {mode}\n"
        f"default_pool_size = {size}\nquery_wait_timeout = 20\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    for parent in folder.parents:
        if parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    server = subprocess.Popen(
        ["/usr/sbin/pgbouncer", str(settings)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **guarded.unprivileged(),
    )
    url = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl()
    try:
        for _ in range(300):
            try:
                psycopg.connect(url, connect_timeout=2).close()
                break
            except psycopg.OperationalError:
                assert server.poll() is None, "PgBouncer did not start"
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize("vendor", ["postgresql"])
@pytest.mark.parametrize("size", [1, 5])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pool_of_transactions_is_refused(database: str, tmp_path: Path, mode: str, size: int):
    with pooled(database, tmp_path, mode, size) as url:
        for command in ("projections", "rebuild", "migrate"):
            done = service.run(command, database=url, env={"DEBUG": "1"}, check=False)
            assert (done.code, done.out) == (2, "")
            assert "another session" in done.err
            assert len(done.err.strip().splitlines()) == 1


@pytest.mark.parametrize("vendor", ["postgresql"])
def test_a_pool_of_sessions_is_fine(database: str, tmp_path: Path):
    with pooled(database, tmp_path, "session") as url:
        service.run("projections", database=url, env={"DEBUG": "1"})
        service.run("rebuild", database=url, env={"DEBUG": "1"})
