"""A primary and its standby: what is promised when the primary is killed and the standby promoted.

Two real servers. What is acknowledged by a synchronous standby is not lost; what an asynchronous
one has lost is noticed, by the head that was kept outside of the database.
"""

import json
import os
import shutil
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.test import Client, override_settings

from api import accounts
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.head_file import keep_head, read_head
from infrastructure.event_store.log import Log
from tests.acceptance.ready import ready
from tests.builders import requested
from tests.conftest import use
from tests.support import here, service, standby
from tests.support.postgres import Server, private_server
from tests.support.serving import serving

WRITERS = 3


class Pair:
    """A primary with a migrated database, and a standby of it; the service is on the primary."""

    def __init__(self, primary: Server, second: Server, url: str) -> None:
        self.primary = primary
        self.standby = second
        self.url = url
        self.other_url = second.url.rsplit("/", 1)[0] + "/" + url.rsplit("/", 1)[1]

    def fail_over(self) -> None:
        """Kill the primary, as a power cut does, and go on with the standby."""
        os.kill(self.primary.pid, signal.SIGKILL)
        standby.promote(self.standby)
        use(self.other_url)


@pytest.fixture(scope="session")
def sample(templates: dict[str, str]) -> Path:
    return ready(templates).host


@pytest.fixture
def pair(sample: Path, tmp_path: Path) -> Iterator[Pair]:
    with private_server(durable=True) as primary:
        url = primary.fresh_database()
        use(url)
        call_command("migrate", verbosity=0)
        with (
            standby.standby_of(primary) as second,
            override_settings(
                HEAD_FILE=str(tmp_path / "head.json"),
                BASE_DIR=tmp_path,
                SIGNING_KEY_FILE=str(tmp_path / "key.pem"),
            ),
        ):
            yield Pair(primary, second, url)
            connections.close_all()


def test_no_acknowledged_event_is_lost_with_a_synchronous_standby(pair: Pair, tmp_path: Path):
    standby.follow_synchronously(pair.primary)
    acknowledged: dict[int, bytes] = {}
    enough = threading.Event()

    def write(writer: int) -> None:
        try:
            for number in range(10_000):
                head = Log().append([new_event(requested(writer * 10_000 + number))])
                acknowledged[head.position] = head.hash
                if len(acknowledged) >= 60:
                    enough.set()
        except DatabaseError:
            return  # the server is gone
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=[number]) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    assert enough.wait(120)
    keep_head(Log())
    pair.fail_over()
    for writer in writers:
        writer.join()

    log = Log()
    lost = [position for position, there in acknowledged.items() if log.hash_at(position) != there]
    assert lost == []
    assert here.run("verify_log").code == 0
    log.append([new_event(requested(1_000_000))])


def test_what_an_asynchronous_standby_has_lost_stops_whatever_would_record(
    pair: Pair, sample: Path, tmp_path: Path
):
    shutil.copyfile(sample, tmp_path / "host.sqlite3")
    host = f"sqlite:///{tmp_path}/host.sqlite3"
    here.run("signing_key", "--create")
    here.run("import_host", source=host)
    here.run("anchor", "--out", str(tmp_path / "anchor"))
    anchored = Log().head().position
    standby.caught_up(pair.primary, pair.standby)
    standby.stop_following(pair.standby)
    # Acknowledged, after the last anchor, and never seen by the standby.
    Log().append([new_event(requested(1)), new_event(requested(2))])
    keep_head(Log())
    kept = read_head(tmp_path / "head.json")
    assert kept is not None
    assert kept.position == anchored + 2
    pair.fail_over()

    assert here.run("verify_log", "--anchor", str(tmp_path / "anchor"), check=False).code == 1
    assert Log().head().position == anchored
    names = (f"ends at position {anchored},", f"position {anchored + 2},")
    for command in (
        ["import_host"],
        ["cut_over", "--yes"],
        ["anchor", "--out", str(tmp_path / "anchor")],
    ):
        done = here.run(*command, source=host, check=False)
        assert (done.code, [name in done.err for name in names]) == (2, [True, True]), command
    env = {"DEBUG": "1", "HEAD_FILE": str(tmp_path / "head.json")}
    worker = service.run(
        "project", "--follow", database=pair.other_url, env=env, check=False, timeout=60
    )
    assert (worker.code, [name in worker.err for name in names]) == (2, [True, True])
    with serving(pair.other_url, env=env) as address:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}/readyz", timeout=30)
        problem = json.load(refused.value)
        assert (refused.value.code, problem["code"]) == (503, "log_lost_events")
        assert all(name in problem["detail"] for name in names)
        with urllib.request.urlopen(f"{address}/login/", timeout=30) as page:
            assert page.headers["Warning"].startswith("299 restorelog")

    here.run("accept_log", "--reason", "the primary's disk is gone", "--actor", "ada")
    here.run("import_host", source=host)
    here.run("cut_over", "--yes", source=host)
    assert here.run("verify", source=host).code == 0


def test_a_standby_answers_reads_and_once_promoted_all_that_it_has_not_lost(pair: Pair):
    Log().append([new_event(requested(number)) for number in range(1, 8)])
    here.run("project")
    keep_head(Log())
    token = accounts.new_token(accounts.create("ada", roles=["viewer"]))
    standby.caught_up(pair.primary, pair.standby)
    use(pair.other_url)
    reader = Client(headers={"Authorization": f"Token {token}"})
    with override_settings(HEAD_FILE=""):
        assert len(reader.get("/api/v1/restores/").json()["results"]) == 7
        assert reader.get("/readyz").status_code == 200
    use(pair.url)
    pair.fail_over()
    assert here.run("verify_log", "--json").json["findings"] == []
    Log().append([new_event(requested(8))])
