"""A host and a service, each on any of the databases."""

from pathlib import Path

import pytest

from tests.sample_host.build import make_host
from tests.support import mariadb, postgres

HOSTS = (
    "sqlite",
    "postgresql",
    pytest.param("mariadb", marks=pytest.mark.system),
)


@pytest.fixture(params=HOSTS)
def host_vendor(request: pytest.FixtureRequest) -> str:
    """Which database the host runs on."""
    return str(request.param)


@pytest.fixture
def empty_host(host_vendor: str, tmp_path: Path) -> str:
    """The URL of an empty database for a host."""
    if host_vendor == "sqlite":
        return f"sqlite:///{tmp_path / 'host.sqlite3'}"
    return postgres.fresh_database() if host_vendor == "postgresql" else mariadb.fresh_database()


@pytest.fixture
def host(empty_host: str) -> str:
    """The URL of a standard host of 150 rows a table, with every odd row."""
    make_host(empty_host, rows=150, seed=3)
    return empty_host
