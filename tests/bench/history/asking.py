"""Requests in one process, and the database's time of each: `ask` is a measure's work."""

import secrets
from collections.abc import Iterable, Iterator
from statistics import median
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlencode

from django.test import Client

from api import accounts
from tests.bench.history.database_time import database_time

TOO_SLOW = 503
"""A list that was not read within LIST_SECONDS: its time is what it took until then."""
LONG = 0.2
CALLED = 120
"""Characters of a case's name."""
ROOT = "/api/v1/"


class Case(NamedTuple):
    """A request below `/api/v1/`, by what it is called, and of what it is one."""

    group: str
    name: str
    path: str


def case(group: str, path: str, **parameters: object) -> Case:
    """A case that is called like its address, in one line."""
    query = urlencode(parameters)
    whole = f"{path}?{query}" if query else path
    shown = "&".join(f"{name}={value}" for name, value in parameters.items())
    name = " ".join(f"{path}?{shown}".split()) if shown else path
    return Case(group, f"{name[:CALLED]}…" if len(name) > CALLED else name, whole)


def some_of(cases: Iterable[Case], most: int) -> Iterator[Case]:
    """Up to `most` cases of each group, from all over it."""
    groups: dict[str, list[Case]] = {}
    for one in cases:
        groups.setdefault(one.group, []).append(one)
    for group in groups.values():
        yield from group[:: -(-len(group) // most)]


class Asker:
    """An account that may read everything."""

    def __init__(self) -> None:
        name = f"asker-{secrets.token_hex(4)}"
        account = accounts.create(name, roles=["auditor"])
        token = accounts.new_token(account)
        headers = {"Host": "localhost", "X-Forwarded-Proto": "https"}
        self.client = Client(headers={**headers, "Authorization": f"Token {token}"})
        self.browser = Client(headers=headers)
        self.browser.force_login(account)

    def times(self, cases: Iterable[Case], times: int) -> Iterator[tuple[Case, float]]:
        """The median of each case's time in the database, in milliseconds.

        Each is asked once before, so that what it reads is in memory; what takes long, only once
        more. With no `times`, each is asked once in all.
        """
        for one in cases:
            first = self._time(one.path)
            took = [self._time(one.path) for _ in range(times if first < LONG else min(times, 1))]
            yield one, 1000 * median(took or [first])

    def seconds(self, path: str) -> float:
        """How long the answer takes, of a page or over REST."""
        client = self.client if path.startswith(ROOT) else self.browser
        begin = perf_counter()
        _get(client, path)
        return perf_counter() - begin

    def _time(self, path: str) -> float:
        with database_time() as clock:
            _get(self.client, ROOT + path)
        return clock.seconds


def _get(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code in (200, TOO_SLOW), f"{path}: {response.content.decode()[:500]}"
