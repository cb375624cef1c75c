"""Services that have imported a small sample host, copied for each test from one made before."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from api.remedies import at_terminal
from domain.messages import worded
from infrastructure.hosts.importing.importer import import_host
from projections.engine.catch_up import catch_up
from projections.engine.rebuild import rebuild
from projections.verification.report import report_as_json
from projections.verification.verify import verify
from tests.conftest import fresh, use
from tests.sample_host import make_host
from tests.support import postgres, raw
from tests.support.consolidation import say

ROWS = 40
Json = dict[str, Any]


class Service:
    """A service and the host that it imported; both may be changed."""

    def __init__(self, vendor: str, host: str, url: str, zone: str = "UTC") -> None:
        self.vendor = vendor
        self.host = host
        self.url = url
        self.zone = zone

    def verify(self, **options: Any) -> Json:
        """What `verify --json` says."""
        use(self.url)
        found = worded(report_as_json(verify(self.host, zone=self.zone, **options)), at_terminal)
        connections.close_all()
        return found

    def import_again(self, **options: Any) -> None:
        use(self.url)
        import_host(self.host, actor="tests", zone=self.zone, **options)
        catch_up()
        connections.close_all()

    def rebuild(self) -> None:
        use(self.url)
        rebuild()
        connections.close_all()

    def says(self, *steps: str) -> None:
        """Have the log name these steps of the consolidation."""
        use(self.url)
        say(*steps)
        connections.close_all()

    def sql(self, statement: str, *params: Any) -> None:
        """Change what the projections say, behind the engine's back."""
        assert raw.execute(self.url, self._marks(statement), params) == 1

    def host_sql(self, statement: str, *params: Any) -> None:
        """Change one row of the host."""
        assert raw.execute(self.host, self._marks(statement), params) == 1

    def rows(self, statement: str, *params: Any) -> list[raw.Row]:
        return raw.rows(self.url, self._marks(statement), params)

    def _marks(self, statement: str) -> str:
        return statement if self.vendor == "sqlite" else statement.replace("?", "%s")


Made = Callable[..., Service]


@pytest.fixture(scope="session")
def made(templates: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Makes a host and a service that has imported it, once for the same arguments."""
    cache: dict[tuple[Any, ...], Service] = {}

    def make(vendor: str, variant: str = "standard", *, zone: str = "UTC", bad: int = 0) -> Service:
        key = vendor, variant, zone, bad
        if key not in cache:
            folder = tmp_path_factory.mktemp("imported")
            service = Service(vendor, empty(vendor, folder), fresh(templates, vendor, folder), zone)
            make_host(
                service.host,
                rows=ROWS,
                variant=variant,
                quarantine=bad,
                time_zone=None if zone == "UTC" else zone,
            )
            service.import_again()
            service.says("cut over")
            service.rebuild()
            cache[key] = service
        return cache[key]

    return make


@pytest.fixture
def copies(made: Made, tmp_path: Path) -> Iterator[Made]:
    """The same, but a copy for one test alone."""
    databases: list[str] = []

    def copy(vendor: str, variant: str = "standard", **options: Any) -> Service:
        original = made(vendor, variant, **options)
        connections.close_all()
        urls = [
            copied(url, tmp_path / f"{name}.sqlite3")
            for name, url in (("host", original.host), ("service", original.url))
        ]
        databases.extend(url for url in urls if url.startswith("postgres"))
        return Service(vendor, *urls, original.zone)

    yield copy
    connections.close_all()
    for url in databases:
        postgres.drop_database(url)


@pytest.fixture
def service(copies: Made, vendor: str) -> Service:
    """A service of its own for the test, on SQLite and on PostgreSQL, with all rows in scope."""
    return copies(vendor)


def empty(vendor: str, folder: Path) -> str:
    """The URL of a new, empty database."""
    if vendor == "sqlite":
        return f"sqlite:///{folder / 'host.sqlite3'}"
    return postgres.fresh_database()


def copied(url: str, path: Path) -> str:
    """The URL of a copy of a database that nobody is connected to."""
    if url.startswith("sqlite"):
        shutil.copyfile(url.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"
    return postgres.fresh_database(template=url)
