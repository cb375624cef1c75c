"""Fixtures for every test: a migrated database of the service's own, on SQLite and PostgreSQL."""

import gc
import os
import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.bytecode import keep_bytecode
from tests.support.in_memory import use_memory

keep_bytecode()
use_memory()
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts programs in the background like that; the commands that tests start inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["DJANGO_SETTINGS_MODULE"] = "infrastructure.settings"
os.environ["DEBUG"] = "1"
os.environ["DATABASE_URL"] = "sqlite:///:memory:"
os.environ.pop("SOURCE_DATABASE_URL", None)

import django

django.setup()

from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from infrastructure.databases.own_settings import database_settings
from infrastructure.documents.keys import make_key
from tests.support import copying, postgres
from tests.support.copying import made_once

BOTH = ("sqlite", "postgresql")


def use(url: str) -> None:
    """Point Django's default connection, in this process, at the database at this URL."""
    connections.close_all()
    fresh = connections.configure_settings({"default": database_settings(url)})
    connections.settings["default"] = fresh["default"]
    for thread_connection in list(connections.all(initialized_only=True)):
        del connections[thread_connection.alias]


@pytest.fixture(scope="session", autouse=True)
def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where `copying.made_once` keeps what all processes of the session share."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ[copying.FOLDER] = str(shared)


@pytest.fixture(scope="session")
def templates() -> dict[str, str]:
    """URLs of migrated, empty databases to copy from; made when first asked for."""
    return {}


def _template(templates: dict[str, str], vendor: str) -> str:
    if vendor not in templates:
        templates[vendor] = made_once(f"migrated-{vendor}", partial(_migrated, vendor))["url"]
    return templates[vendor]


def _migrated(vendor: str, folder: Path) -> dict[str, str]:
    """A migrated database that nobody is connected to."""
    url = (
        f"sqlite:///{folder}/migrated.sqlite3" if vendor == "sqlite" else postgres.fresh_database()
    )
    use(url)
    call_command("migrate", verbosity=0)
    connections.close_all()
    return {"url": url}


def fresh(templates: dict[str, str], vendor: str, folder: Path) -> str:
    """The URL of a new, migrated database."""
    template = _template(templates, vendor)
    if vendor == "postgresql":
        return postgres.fresh_database(template=template)
    path = folder / "service.sqlite3"
    shutil.copyfile(template.removeprefix("sqlite:///"), path)
    return f"sqlite:///{path}"


@pytest.fixture(params=BOTH)
def vendor(request: pytest.FixtureRequest) -> str:
    """Which database the service runs on."""
    return str(request.param)


@pytest.fixture
def database(vendor: str, templates: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database that nobody else uses; Django's default connection is on it.

    Parametrised: every test that asks for it runs on SQLite and on PostgreSQL.
    """
    url = fresh(templates, vendor, tmp_path)
    use(url)
    yield url
    connections.close_all()
    if vendor == "postgresql":
        postgres.drop_database(url)


@pytest.fixture
def public_key(tmp_path: Path) -> Iterator[Path]:
    """The file of a public key; its private half, the test's own, signs what is signed."""
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    public.write_bytes(make_key(private).public.pem)
    with override_settings(SIGNING_KEY_FILE=str(private), SIGNING_KEY_IS_OURS=False):
        yield public


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests wait for servers and commands now and then."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where service and host have a database each, these are of two kinds, by turns.

    So each kind is there in each role. Both are of one kind in the journeys, and in the modules
    marked `all_pairs`.
    """
    left_out = [item for item in items if _of_one_kind(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not _of_one_kind(item)]


def _of_one_kind(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or item.get_closest_marker("all_pairs"):
        return False
    given = item.callspec.params if hasattr(item, "callspec") else {}
    hosts = {given.get(name) for name in ("host_vendor", "host_url", "host")}
    return given.get("vendor") in hosts - {None}


def pytest_collection_finish() -> None:
    """What was imported stays: nothing of it has to be looked at for garbage again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A skipped test fails the run: a missing server must not look like success."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"{len(skipped)} skipped, which nobody asked for", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
