"""The client in a process of its own, and what is in its spool."""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tests.support import forked, service
from tests.support.forked import Process
from tests.support.service import Result

NOWHERE = "http://127.0.0.1:9"
"""Where no service answers: the port of a protocol that nobody uses."""
OURS = ("RESTORELOG_", "XDG_", "DJANGO_", "DATABASE_URL", "SOURCE_DATABASE_URL")


def environment(
    folder: Path, url: str = NOWHERE, token: str = "none", **more: str
) -> dict[str, str]:
    """What a server's environment has for the client: nothing of the tests, nothing of a home."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {
        **inherited,
        "HOME": str(folder),
        "RESTORELOG_SPOOL": str(folder / "spool"),
        "RESTORELOG_URL": url,
        "RESTORELOG_TOKEN": token,
        **more,
    }


def restorelog(*words: str, env: Mapping[str, str], check: bool = False) -> Result:
    """Run `restorelog WORDS`."""
    done = forked.run(["-m", "api.client", *words], env=env)
    parsed = None
    if "--json" in words and done.stdout:
        parsed = json.loads(done.stdout)
    result = Result(done.returncode, done.stdout, done.stderr, parsed)
    assert not check or result.code == 0, result
    return result


def start(*words: str, env: Mapping[str, str], **files: Any) -> Process:
    """Start `restorelog WORDS` and return at once."""
    return forked.start(["-m", "api.client", *words], env=env, **files)


def spooled(folder: Path) -> list[list[dict[str, Any]]]:
    """The events of each file of the spool, the oldest first."""
    files = sorted((folder / "spool").glob("*.ndjson"), key=lambda file: file.stat().st_mtime_ns)
    return [events_of(file) for file in files]


def events_of(file: Path) -> list[dict[str, Any]]:
    lines = map(json.loads, file.read_text().splitlines())
    return [line for line in lines if "sequence" in line]


def commands_of(events: Sequence[Mapping[str, Any]]) -> list[str]:
    return [event["command"] for event in events]


class Service:
    """The service on a port of its own, which can be stopped, killed and started again."""

    def __init__(self, database: str, token: str, folder: Path, port: int, silence: int) -> None:
        self.database = database
        self.token = token
        self.folder = folder
        self.port = port
        self.silence = silence
        self.process: Process | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the server printed."""
        return self.folder / "server.log"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("a") as said:
            self.process = forked.start(
                ["-m", "uvicorn", "infrastructure.asgi:application", "--host=127.0.0.1",
                 f"--port={self.port}", "--log-level=info"],
                env=service.environment(
                    database=self.database, source=None,
                    env={"DEBUG": "1", "HEARTBEAT_SILENCE": str(self.silence)},
                ),
                stdout=said, stderr=said,
            )  # fmt: skip
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/healthz", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.1)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def environment(self, folder: Path, **more: str) -> dict[str, str]:
        return environment(folder, self.address, self.token, **more)

    def get(self, path: str) -> Any:
        """What the service answers to a GET."""
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}", headers={"Authorization": f"Token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def manage(self, *words: str, check: bool = True, **more: str) -> Result:
        """Run `manage.py WORDS` on its database."""
        env = {"DEBUG": "1", "HEARTBEAT_SILENCE": str(self.silence), **more}
        return service.run(*words, database=self.database, env=env, check=check)

    def restores(self) -> dict[str, dict[str, Any]]:
        """The consolidated rows by restore."""
        return {row["restore_id"]: row for row in self.get("restores/?page_size=1000")["results"]}

    def topics(self, restore_id: str) -> list[str]:
        """What happened to a restore, by its trail."""
        trail = self.get(f"restores/{restore_id}/events/?page_size=1000")["results"]
        return [event["topic"].removeprefix("restore.") for event in trail]
