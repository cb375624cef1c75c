"""Eight wrappers at work, and wrappers, commands, the service and its database killed at random."""

import os
import signal
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
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
    chance = Random(SEED)
    with ExitStack() as stack:
        server = None
        if vendor == "postgresql":
            server = stack.enter_context(postgres.private_server(durable=True))
            database = server.fresh_database()
        else:
            database = fresh(templates, vendor, tmp_path)
        use(database)
        if server is not None:
            call_command("migrate", verbosity=0)
        token = accounts.new_token(accounts.create("robot", roles=["operator", "auditor"]))
        connections.close_all()
        service = stack.enter_context(Service(database, token, tmp_path, free_port(), SILENCE))
        begun, hit = _at_random(chance, service, tmp_path, server)
        _send(service.environment(tmp_path))
        time.sleep(SILENCE + 1)
        service.manage("mark_interrupted")
        assert service.manage("verify_log", "--json").json["ok"]
        ends = _checked(service)
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


def _at_random(
    chance: Random, service: Service, folder: Path, server: postgres.Server | None
) -> tuple[int, Counter[str]]:
    """Kill one or another while wrappers work; how many restores began, and who was hit."""
    kills, hit, begun = 4 * KILLS, Counter[str](), 0
    wrappers: list[Process] = []
    while hit.total() < kills:
        wrappers = [one for one in wrappers if _still(one)]
        while len(wrappers) < WRAPPERS:
            begun += 1
            wrappers.append(_wrapper(begun, chance, service.environment(folder)))
        time.sleep(chance.uniform(0, 0.3))
        what = chance.choices(("wrapper", "command", "service", "database"), (6, 6, 1, 1))[0]
        hit[what] += _killed(what, chance.choice(wrappers), service, server)
    for one in wrappers:
        one.communicate(120)
    return begun, hit


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


def _killed(what: str, wrapper: Process, service: Service, server: postgres.Server | None) -> bool:
    """Whether there was somebody to kill."""
    if what == "service":
        service.kill()
        service.start()
        return True
    if what == "database":
        if server is None:
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
