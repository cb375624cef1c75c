"""Eight wrappers at work, and wrappers, commands, the service and its database killed at random."""

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from django.db import connections

from api import accounts
from tests.client.support import Service, restorelog, start
from tests.conftest import fresh, use
from tests.soak.parameters import KILLS, SEED
from tests.support import postgres
from tests.support.forked import Process
from tests.support.postgres import free_port

pytestmark = pytest.mark.soak

WRAPPERS = 8
SILENCE = 5
ENDS = {"Completed", "Failed", "Cancelled"}


def test_nothing_is_lost_or_doubled_and_nothing_stays_in_progress(
    vendor: str, templates: dict[str, str], tmp_path: Path, found: Any
):
    kills, chance, hit = 4 * KILLS, Random(SEED), Counter[str]()
    with postgres.private_server(durable=True) as server:
        if vendor == "postgresql":
            database = server.fresh_database()
            use(database)
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
        else:
            database = fresh(templates, vendor, tmp_path)
            use(database)
        token = accounts.new_token(accounts.create("robot", roles=["operator", "auditor"]))
        connections.close_all()
        service = Service(database, token, tmp_path, free_port(), SILENCE)
        service.start()
        env = service.environment(tmp_path)
        wrappers: list[Process] = []
        begun = 0
        while hit.total() < kills:
            wrappers = [one for one in wrappers if _still(one)]
            while len(wrappers) < WRAPPERS:
                begun += 1
                wrappers.append(_wrapper(begun, chance, env))
            time.sleep(chance.uniform(0, 0.3))
            what = chance.choices(("wrapper", "command", "service", "database"), (6, 6, 1, 1))[0]
            hit[what] += _killed(what, chance.choice(wrappers), service, server)
        for one in wrappers:
            one.communicate(120)
        _send(env)
        time.sleep(SILENCE + 1)
        service.manage("mark_interrupted")
        assert service.manage("verify_log", "--json").json["ok"]
        ends = _checked(service)
        service.stop()
    assert not list((tmp_path / "spool").rglob("*.ndjson"))
    found(
        "wrappers, commands, services and database servers killed",
        vendor,
        f"{hit.total()} kills ({', '.join(f'{n} × {what}' for what, n in sorted(hit.items()))}) "
        f"with {WRAPPERS} wrappers at work, {begun} restores begun; each that is in the log has "
        f"one end ({', '.join(f'{n} {status}' for status, n in sorted(ends.items()))}), and every "
        "event is there once",
        seed=SEED,
    )


def _wrapper(number: int, chance: Random, env: dict[str, str]) -> Process:
    script = f"echo restorelog progress {chance.randrange(100)}%; exec sleep {chance.uniform(0, 2)}"
    return start("run", f"--name=restore {number}", "--", "sh", "-c", script, env=env)


def _send(env: dict[str, str]) -> None:
    """Send what waits, again and again while the service asks to try later; nothing is refused."""
    deadline = time.monotonic() + 120
    while (sent := restorelog("send", env=env)).code == 2 and time.monotonic() < deadline:
        time.sleep(1)
    assert sent.code == 0, sent.err


def _still(wrapper: Process) -> bool:
    if wrapper.poll() is None:
        return True
    wrapper.communicate()
    return False


def _killed(what: str, wrapper: Process, service: Service, server: postgres.Server) -> bool:
    """Whether there was somebody to kill."""
    if what == "service":
        service.kill()
        service.start()
        return True
    if what == "database":
        if service.database.startswith("sqlite"):
            return False
        with psycopg.connect(server.url) as session:
            os.kill(session.info.backend_pid, signal.SIGKILL)
        _until_it_answers(server.url)
        return True
    if what == "wrapper":
        wrapper.kill()
        return True
    children = Path(f"/proc/{wrapper.pid}/task/{wrapper.pid}/children")
    with suppress(FileNotFoundError, ProcessLookupError, IndexError):
        os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
        return True
    return False


def _until_it_answers(url: str) -> None:
    while postgres.ping(url) is not None:
        time.sleep(0.1)


def _checked(service: Service) -> Counter[str]:
    """Every restore has one end, and each of its numbers once, from 1 on."""
    ends = Counter[str]()
    for restore_id, row in service.restores().items():
        events = service.get(f"restores/{restore_id}/events/?page_size=1000")["results"]
        topics = [event["topic"].removeprefix("restore.") for event in events]
        assert topics[0] == "Requested", (restore_id, topics)
        reported = [t for t, e in zip(topics, events, strict=True) if t in ENDS and not _guess(e)]
        assert len(reported) <= 1, (restore_id, topics)
        assert row["status"] in ("completed", "failed", "cancelled"), (restore_id, topics)
        numbers = [event["sequence"] for event in events if event.get("sequence")]
        assert numbers == list(range(1, len(numbers) + 1)), (restore_id, numbers)
        ends[row["status"]] += 1
    return ends


def _guess(event: dict[str, Any]) -> bool:
    return bool(event["state"].get("cause") == "interrupted")
