"""The demo does what it says, and the login and the token that it prints work."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from tests.support.service import ROOT

PATIENCE = 300


def command(folder: Path, port: int) -> list[str]:
    demo = [sys.executable, "-m", "tests.sample_host.demo"]
    return [*demo, "--rows=60", f"--folder={folder}", f"--port={port}"]


@contextmanager
def running(folder: Path, port: int) -> Iterator[str]:
    """The demo, serving; what it has printed. Interrupted in the end, as a person would."""
    printed = folder.with_suffix(".out")
    with printed.open("w") as out:
        demo = subprocess.Popen(
            command(folder, port), cwd=ROOT, stdout=out, stderr=out, start_new_session=True
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while "stop with Ctrl-C" not in printed.read_text():
            assert demo.poll() is None, printed.read_text()
            assert time.monotonic() < deadline, printed.read_text()
            time.sleep(0.1)
        while not answers(port):
            assert time.monotonic() < deadline, printed.read_text()
            time.sleep(0.1)
        yield printed.read_text()
    finally:
        os.killpg(demo.pid, signal.SIGINT)
        demo.wait(PATIENCE)
    assert "Traceback" not in printed.read_text()


def answers(port: int) -> bool:
    try:
        return request(port, "GET", "/healthz")[0] == 200
    except ConnectionError:
        return False


def request(
    port: int, method: str, path: str, headers: dict[str, str] | None = None, **form: str
) -> tuple[int, dict[str, str], str]:
    """The status, the cookies that are set, and the body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request(method, path, urlencode(form) or None, {**kind, **(headers or {})})
    answer = connection.getresponse()
    cookies: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie", []):
        cookies.load(line)
    body = answer.read().decode()
    connection.close()
    return answer.status, {name: one.value for name, one in cookies.items()}, body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_each_step_says_what_is_proven_and_what_is_printed_lets_in(tmp_path: Path):
    port = free_port()
    with running(tmp_path / "demo", port) as printed:
        *steps, login = printed.split("\n== ")[1:]
        assert len(steps) == 14
        assert [step for step in steps if step.count("\n=> ") != 1] == []
        assert "Not equal" not in printed
        (assumed,) = re.findall(r"^What the host has no column for: (.*)$", printed, re.MULTILINE)
        assert assumed == (
            "`restore_type` assumed 'database' in 60 rows of database_management.RestoreLog."
        )

        (token,) = re.findall(r"Authorization: Token (\w+)", login)
        (path,) = re.findall(r"'http://127.0.0.1:\d+(/api/\S+)'", login)
        assert request(port, "GET", path, {"Authorization": f"Token {token}"})[0] == 200
        assert request(port, "GET", path)[0] == 401

        (user, password) = re.findall(r"user (\w+), password (\S+)", login)[0]
        _, cookies, _ = request(port, "GET", "/login/")
        cookie = {"Cookie": f"csrftoken={cookies['csrftoken']}"}
        form = {"csrfmiddlewaretoken": cookies["csrftoken"], "username": user, "password": password}
        status, cookies, _ = request(port, "POST", "/login/", cookie, **form)
        assert (status, "sessionid" in cookies) == (302, True)

        again = subprocess.run(
            command(tmp_path / "demo", port), cwd=ROOT, capture_output=True, text=True
        )
        assert (again.returncode, again.stdout) == (2, "")
        assert f"Port {port} cannot be used" in again.stderr
        assert request(port, "GET", path, {"Authorization": f"Token {token}"})[0] == 200
