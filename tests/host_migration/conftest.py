"""A host that was cut over, and the project whose database it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host_migration.product import VARIANTS
from tests.host_migration.stage import Stage
from tests.sample_host.build import make_host
from tests.support import here, postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def host_vendor(request: pytest.FixtureRequest) -> str:
    """Which database the host runs on."""
    return str(request.param)


@pytest.fixture
def host_url(host_vendor: str, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database for a host."""
    if host_vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'host.sqlite3'}"
        return
    url = postgres.fresh_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(params=VARIANTS)
def name(request: pytest.FixtureRequest) -> str:
    """Which project the host is."""
    return str(request.param)


@pytest.fixture
def stage(database: str, host_url: str, name: str, tmp_path: Path) -> Stage:
    """A host that was imported and cut over, and its project."""
    return make_stage(database, host_url, name, tmp_path)


@pytest.fixture
def small(database: str, host_url: str, tmp_path: Path) -> Stage:
    """The same of a few rows, in the plan's layout."""
    return make_stage(database, host_url, "plan", tmp_path, rows=12)


def make_stage(
    service: str, host: str, name: str, folder: Path, rows: int = 120, *, odd_rows: bool = True
) -> Stage:
    make_host(host, rows=rows, seed=5, variant=VARIANTS[name], odd_rows=odd_rows)
    here.run("import_host", source=host)
    cut_over(host, folder)
    return Stage.at(service, host, name, folder)


def cut_over(host: str, folder: Path) -> None:
    """Cut the service over; the files of it are in this folder."""
    files = [f"--certificate={folder / 'c.json'}", f"--snapshot={folder / 's.sqlite3'}"]
    here.run("cut_over", "--yes", *files, source=host)


@pytest.fixture
def origin(database: str, host_url: str, tmp_path: Path) -> Stage:
    """A host with the columns of the product behind the plan."""
    return make_stage(database, host_url, "origin", tmp_path, rows=24)
