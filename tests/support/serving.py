"""The service over HTTP, as in production: by uvicorn, on loopback."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.postgres import free_port
from tests.support.service import ROOT, environment


@contextmanager
def serving(database: str) -> Iterator[str]:
    """The address of the service on this database, once it answers."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "infrastructure.asgi:application",
         "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"],
        cwd=ROOT,
        env=environment(database=database, source=None, env={"DEBUG": "1"}),
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
                break
            except urllib.error.URLError:
                assert server.poll() is None, "the server ended before it answered"
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()
