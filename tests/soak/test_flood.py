"""Hundreds of clients for a minute, with messages of 50 MB in the log: another user goes on."""

import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.bench.places import place
from tests.soak.parameters import FLOOD_CLIENTS, FLOOD_SECONDS
from tests.support import service
from tests.support.flooding import flooding
from tests.support.long_messages import ASKED_BY_ANOTHER, MEMORY, asked
from tests.support.serving import processes

pytestmark = pytest.mark.soak

WITHIN = 2.0
ENV = {"DEBUG": "1"}


def test_a_second_user_is_answered_while_hundreds_of_clients_ask(vendor, tmp_path: Path, found):
    with place(vendor, tmp_path) as where:
        database = where.empty()
        service.run("migrate", "--verbosity", "0", database=database, env=ENV)
        # First, because the ids of its rows follow from their places in the log.
        service.run_python("tests.support.long_messages", database=database)
        token = {name: _token(database, name) for name in ("ada", "bob")}
        ada, bob = ({"Authorization": f"Token {token[name]}"} for name in ("ada", "bob"))
        with processes(database, workers=2) as server:
            waits = []
            with flooding(
                server.address, asked(ada), clients=FLOOD_CLIENTS, seconds=FLOOD_SECONDS
            ) as came:
                until = time.monotonic() + FLOOD_SECONDS - 5
                time.sleep(2)
                while time.monotonic() < until:
                    for path in ASKED_BY_ANOTHER:
                        waits.append(_answered(server.address + path, bob))
            memory = server.peak()
        answered = sum(n for name, n in came.items() if name.endswith(" 200"))
        refused = sum(n for name, n in came.items() if name.endswith(" 503 with"))
        found(
            f"{FLOOD_CLIENTS} clients at once for {FLOOD_SECONDS:.0f} s",
            vendor,
            f"{answered:,} answered, {refused:,} refused with Retry-After; the other user's "
            f"{len(waits):,} requests all 200, the longest after {max(waits) * 1000:,.0f} ms; a "
            f"server process held at most {memory / 10**6:.0f} MB",
        )
        assert answered + refused == sum(came.values()), came
        assert max(waits) < WITHIN
        assert memory < MEMORY


def _token(database: str, name: str) -> str:
    role = "auditor" if name == "ada" else "viewer"
    made = service.run(
        *("accounts", "create", name, "--role", role, "--no-password", "--token", "--json"),
        database=database,
        env=ENV,
    )
    return str(made.json["accounts"][0]["new_token"])


def _answered(url: str, headers: dict[str, str]) -> float:
    """Seconds until it was; anything but 200 is an error."""
    begin = time.monotonic()
    try:
        request = urllib.request.Request(url, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
    except urllib.error.HTTPError as refused:
        told = refused.read().decode()
        raise AssertionError(f"{refused.code} after {time.monotonic() - begin} s: {told}") from None
    return time.monotonic() - begin
