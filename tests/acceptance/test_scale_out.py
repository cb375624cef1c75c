"""The page on several machines, followed on one, by processes that talk TLS."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from cryptography import x509

from tests.acceptance.pages import DOCS, ROOT, blocks_of
from tests.conftest import fresh, use
from tests.projections.histories import history, record
from tests.support import postgres, raw, service
from tests.support.certificates import make_certificates
from tests.support.cluster import DASK, kill
from tests.support.postgres import free_port
from tests.support.relay import Relay
from tests.support.waiting import wait_until

PAGE = DOCS / "how-to" / "scale-out.md"
HOSTS = ("10.0.0.2", "10.0.0.3")
"""Where the page has its workers."""
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    " AND datname = current_database()"
)


class Machines:
    """The page's machines: their folders are beside each other, their addresses are loopback."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.port = folder, url, free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.relays = {host: Relay(urlsplit(url).port or 0) for host in HOSTS}
        """How each of the workers' hosts reaches the database."""

    def here(self, block: str, host: str = "") -> str:
        """A block of the page as it is on this machine, for one of its hosts."""
        block = block.replace("\\\n", " ").replace("8786", str(self.port))
        block = re.sub(r"10\.0\.0\.[123]\b", "127.0.0.1", block)
        block = block.replace("/etc/", f"{self.folder / (host or 'command')}/")
        block = block.replace("/srv/restorelog", str(ROOT)).replace(".venv/bin/dask", DASK)
        return block.replace(".venv/bin/python manage.py", f"{sys.executable} {ROOT}/manage.py")

    def certificates(self, made: Path, host: str = "") -> None:
        """Put them where the page puts them on this machine."""
        folder = Path(self.here("/etc/restorelog/cluster", host))
        folder.mkdir(parents=True)
        for name in ("ca.pem", "node.pem", "node.key"):
            (folder / name).write_bytes((made / name).read_bytes())

    def environment(self, block: str, host: str) -> None:
        """The worker's own environment, as the page shows it."""
        assert block.startswith("DATABASE_URL=postgres://restorelog:…@10.0.0.9:5432/restorelog")
        file = Path(self.here("/etc/restorelog-worker.env", host))
        file.parent.mkdir(parents=True, exist_ok=True)
        port = self.relays[host].address.rpartition(":")[2]
        own = self.url.replace(f":{urlsplit(self.url).port}/", f":{port}/")
        file.write_text(f"DATABASE_URL={own}\n")

    def at_work(self, before: dict[str, int]) -> list[str]:
        """The hosts that have connected to the database since then: each task does."""
        return [host for host, relay in self.relays.items() if relay.connections > before[host]]

    def start(self, block: str, host: str = "scheduler") -> None:
        with (self.folder / f"said-{host}").open("wb") as said:
            self.running[host] = subprocess.Popen(
                ["bash", "-c", self.here(block, host)], cwd=self.folder, env=self.bare,
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip

    def said(self, host: str) -> str:
        return (self.folder / f"said-{host}").read_text(errors="replace")

    @property
    def bare(self) -> dict[str, str]:
        """An environment that says nothing of the service."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "DASK_CONFIG": str(self.folder / "dask"),
            "DASK_TEMPORARY_DIRECTORY": str(self.folder),
        }

    def stop(self) -> None:
        for process in self.running.values():
            kill(process)
        for relay in self.relays.values():
            relay.close()


@pytest.fixture
def machines(templates: dict[str, str], tmp_path: Path) -> Iterator[Machines]:
    url = fresh(templates, "postgresql", tmp_path)
    use(url)
    record(history(9, 300))
    one = Machines(tmp_path, url)
    yield one
    one.stop()
    postgres.drop_database(url)


def test_the_page_is_followed_and_a_machine_goes_down_in_its_task(
    machines: Machines, tmp_path: Path
):
    blocks = dict(zip(("install", "openssl", "scheduler", "environment", "worker", "rebuild"),
                      (text for _, text in blocks_of(PAGE)), strict=True))  # fmt: skip
    env = {"DEBUG": "1", "DASK_CONFIG": str(tmp_path / "dask")}
    alone = service.run("rebuild", "--json", "--workers", "1", database=machines.url, env=env)
    make_certificates(tmp_path / "made")
    for host in ("", "scheduler", *HOSTS):
        machines.certificates(tmp_path / "made", host)

    machines.start(blocks["scheduler"])
    wait_until(lambda: "Scheduler at:" in machines.said("scheduler"))
    for host in HOSTS:
        machines.environment(blocks["environment"], host)
        machines.start(blocks["worker"].replace(HOSTS[0], host), host)
    for host in HOSTS:
        wait_until(lambda host=host: machines.said(host).count("Registered to:") == 2)

    shown = machines.here(blocks["rebuild"]).split()
    assert shown[:2] == [sys.executable, f"{ROOT}/manage.py"]
    with held(machines.url, "engine_generation") as before_it_writes:
        rebuilding = service.start(*shown[2:], "--json", database=machines.url, env=env)
        wait_until(lambda: raw.value(machines.url, WAITING) == 1)
        # The workers have been accepted. From now on their questions have no answers.
        for relay in machines.relays.values():
            relay.held = b"event_store_event"
        asked = {host: relay.connections for host, relay in machines.relays.items()}
        before_it_writes.close()
    wait_until(lambda: len(machines.at_work(asked)) == 1)
    (lost,) = machines.at_work(asked)
    (other,) = set(HOSTS) - {lost}
    machines.relays[other].held = b""
    assert rebuilding.poll() is None
    kill(machines.running[lost])
    out, err = rebuilding.communicate()

    assert (rebuilding.returncode, err) == (0, "")
    assert digests(json.loads(out)) == digests(alone.json)
    assert other in machines.at_work(asked)
    for host in (other, "scheduler"):
        os.killpg(machines.running[host].pid, signal.SIGINT)
        machines.running[host].wait(60)
    assert (urlsplit(machines.url).password or "?") not in "".join(
        machines.said(host) for host in machines.running
    )


def held(url: str, table: str) -> "closing[psycopg.Connection]":
    """Keep others from writing to a table until the connection is closed."""
    connection = psycopg.connect(url)
    connection.execute(f"LOCK TABLE {table} IN SHARE MODE".encode())
    return closing(connection)


def digests(result: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    return {label: one["digest"] for label, one in result["projections"].items()}


@pytest.mark.system
def test_the_commands_for_certificates_make_them(tmp_path: Path):
    (block,) = (text for _, text in blocks_of(PAGE) if text.startswith("openssl"))
    subprocess.run(["bash", "-euc", block], cwd=tmp_path, check=True, capture_output=True)
    authority, node = (
        x509.load_pem_x509_certificate((tmp_path / name).read_bytes())
        for name in ("ca.pem", "node.pem")
    )
    node.verify_directly_issued_by(authority)
    assert (tmp_path / "node.key").read_bytes()
