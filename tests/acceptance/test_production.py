"""The page on production followed from its top to its end, in its order, on a fresh PostgreSQL."""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.acceptance.pages import COMMENT, DOCS, ROOT
from tests.sample_host.build import make_host
from tests.support import postgres
from tests.support.postgres import Server, free_port
from tests.support.waiting import wait_until

PAGE = DOCS / "how-to" / "production.md"
STEPS = re.compile(r"^```(\w*)\n(.*?)^```$|`(manage\.py [^`]*)`", re.M | re.S)
NAME = "restorelog.example"
NOT_HERE = ("git clone", "useradd", "location /")
"""How blocks begin that need a network, a user of the system's own, or nginx."""


class Machine:
    """What the page is followed on: its paths are in a folder, its servers on loopback."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        self.env_file = folder / "restorelog.env"
        self.passwords: dict[str, str] = {}
        self.host = self.database("product")
        self.port = free_port()
        self.running: list[subprocess.Popen[bytes]] = []

    def database(self, name: str) -> str:
        self.administer(f'CREATE DATABASE "{name}"')
        return urlsplit(self.server.url)._replace(path=f"/{name}").geturl()

    def administer(self, statement: str, url: str = "") -> None:
        """As the administrator of PostgreSQL."""
        with closing(psycopg.connect(url or self.server.url, autocommit=True)) as connection:
            connection.execute(statement.encode())

    def here(self, text: str) -> str:
        """A path or command of the page, on this machine."""
        for path in ("/etc/restorelog.env", "/etc/restorelog", "/var/lib/restorelog",
                     "/run/restorelog"):  # fmt: skip
            text = re.sub(rf"{re.escape(path)}(?![\w.-])", str(self.folder / path[1:]), text)
        text = text.replace("/srv/restorelog/.venv/bin/python", sys.executable)
        return text.replace("--owner=restorelog", f"--owner={os.getuid()}")

    def sql(self, block: str) -> None:
        """What is granted is granted in the host's database."""
        for statement in block.split(";"):
            if role := re.search(r"CREATE ROLE (\w+)", statement):
                self.passwords[role[1]] = secrets.token_urlsafe(12)
                statement = statement.replace("…", self.passwords[role[1]])
            if statement.strip():
                self.administer(statement, self.host if "GRANT" in statement else "")

    def environment(self, block: str) -> None:
        made = "import secrets; print(secrets.token_urlsafe(64))"
        assert f"python3 -c '{made}'" in PAGE.read_text()
        secret = subprocess.check_output([sys.executable, "-c", made], text=True).strip()
        lines = []
        for line in block.splitlines():
            for role, password in self.passwords.items():
                line = line.replace(f"//{role}:…@", f"//{role}:{password}@")
            line = re.sub(
                r"(?<=@)[\w.]+:5432", urlsplit(self.server.url).netloc.split("@")[1], line
            )
            lines.append(self.here(line).replace("SECRET_KEY=…", f"SECRET_KEY={secret}"))
        assert "…" not in "".join(lines)
        path = Path(self.here("/etc/restorelog.env"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines))
        path.chmod(0o600)

    def shell(self, command: str) -> list[str]:
        """A command line that has the page's variables, as the page says to set them."""
        variables = self.here("set -a; . /etc/restorelog.env; set +a")
        return ["bash", "-c", f"{variables}; {self.here(command)}"]

    @property
    def inherited(self) -> dict[str, str]:
        programs = postgres.binaries(self.folder)
        return {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}

    def run(self, command: str) -> str:
        """Run a command of the page to its end; it has to succeed."""
        command = command.replace("manage.py", f"{sys.executable} {ROOT}/manage.py", 1)
        done = subprocess.run(
            self.shell(command), cwd=self.folder, env=self.inherited, capture_output=True, text=True
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def unit(self, block: str) -> "subprocess.Popen[bytes]":
        """Start what a unit of systemd starts, with the folders that systemd makes for it."""
        said = dict(
            line.partition("=")[::2]
            for line in block.replace("\\\n", "").splitlines()
            if "=" in line
        )
        for name, where in (("StateDirectory", "/var/lib"), ("RuntimeDirectory", "/run")):
            if name in said:
                Path(self.here(f"{where}/{said[name]}")).mkdir(parents=True, exist_ok=True)
        assert said["EnvironmentFile"] == "/etc/restorelog.env"
        start = said["ExecStart"].replace("--port 8000", f"--port {self.port}")
        variable = f"export {said['Environment']}; " if "Environment" in said else ""
        process = subprocess.Popen(
            self.shell(f"{variable}exec {start}"),
            cwd=ROOT if said["WorkingDirectory"] == "/srv/restorelog" else None,
            env=self.inherited,
        )
        self.running.append(process)
        return process

    def ask(self, path: str, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def answers(self) -> bool:
        try:
            return self.ask("/healthz", Host=NAME)[0] == 200
        except OSError:
            return False

    def stop(self) -> None:
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(60)
        self.running.clear()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with postgres.private_server() as server:
        one = Machine(tmp_path, server)
        make_host(one.host, rows=30)
        yield one
        one.stop()


def steps() -> Iterator[tuple[str, str]]:
    """Blocks, and commands in sentences, in the page's order."""
    for language, block, command in STEPS.findall(COMMENT.sub("", PAGE.read_text())):
        yield language, block or command


def test_production_comes_about_by_the_page_in_its_order(machine: Machine):
    followed = []
    for language, step in steps():
        followed.append(step)
        if step.startswith(NOT_HERE):
            continue
        if language == "console":
            for line in step.splitlines():
                machine.run(line.removeprefix("$ "))
        elif step.startswith("CREATE ROLE"):
            machine.sql(step)
        elif step.startswith("DATABASE_URL="):
            machine.environment(step)
        elif "\nExecStart=" in step:
            process = machine.unit(step)
            if "uvicorn" in step:
                wait_until(machine.answers)
                it_is_served(machine)
            assert process.poll() is None
        elif step.startswith("pg_restore"):
            # "Into an empty database": the old one is gone.
            machine.stop()
            machine.administer("DROP DATABASE restorelog")
            machine.administer("CREATE DATABASE restorelog OWNER restorelog TEMPLATE template0")
            machine.run(step)
        else:
            machine.run(step)
    assert len(followed) > 20
    assert all(process.poll() is None for process in machine.running)
    verified = json.loads(machine.run("manage.py verify --json"))
    assert verified["equal"] is True
    assert all(table["found"] for table in verified["tables"].values())


def it_is_served(machine: Machine) -> None:
    """With what the page's proxy sets; plain HTTP is led to https, but for the probes."""
    proxy = next(step for _, step in steps() if step.startswith("location /"))
    headers = dict(re.findall(r"proxy_set_header (\S+) (.*);", proxy))
    assert headers["X-Forwarded-Proto"] == "$scheme"
    by_proxy = {"Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    assert set(by_proxy) == set(headers)
    assert machine.ask("/", Host=NAME)[0] == 301
    assert machine.ask("/", **by_proxy)[0] in (200, 302)
    assert machine.ask("/readyz", Host=NAME)[0] == 200
    assert machine.ask("/readyz", Host="elsewhere.example")[0] == 400
