"""A host and a service that has imported and projected it: made once per test session, copied."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import connections

from tests.conftest import fresh, use
from tests.sample_host.build import make_host
from tests.support import here

ROWS = 30


class Ready(NamedTuple):
    """Three SQLite files: the host, the service, and a service before its first import."""

    host: Path
    service: Path
    migrated: Path

    def copied_to(self, folder: Path, *, imported: bool = True) -> tuple[str, str]:
        """URLs of a service and a host of one's own in this folder."""
        service, host = folder / "service.sqlite3", folder / "host.sqlite3"
        shutil.copyfile(self.service if imported else self.migrated, service)
        shutil.copyfile(self.host, host)
        return f"sqlite:///{service}", f"sqlite:///{host}"


def ready(factory: pytest.TempPathFactory, templates: dict[str, str]) -> Ready:
    """The files; whichever pytest-xdist worker comes first makes them for all."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "ready"
    folder.mkdir(exist_ok=True)
    files = Ready(*(folder / f"{name}.sqlite3" for name in Ready._fields))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            _make(files, folder, templates)
            (folder / "made").touch()
    return files


def _make(files: Ready, folder: Path, templates: dict[str, str]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
    make_host(f"sqlite:///{files.host}", rows=ROWS)
    # `fresh` calls its file service.sqlite3, as we do.
    url = fresh(templates, "sqlite", folder)
    shutil.copyfile(files.service, files.migrated)
    use(url)
    here.run("import_host", source=f"sqlite:///{files.host}")
    here.run("project")
    # Closing the last connection moves what the write-ahead log holds into the file.
    connections.close_all()
