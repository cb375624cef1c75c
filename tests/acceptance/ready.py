"""A host and a service that has imported and projected it: made once per test session, copied."""

import shutil
from pathlib import Path
from typing import NamedTuple

from django.db import connections

from tests.conftest import fresh, use
from tests.sample_host.build import make_host
from tests.support import here
from tests.support.copying import made_once

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


def ready(templates: dict[str, str]) -> Ready:
    """The files."""
    made = made_once("ready", lambda folder: _make(folder, templates))
    return Ready(*map(Path, made["files"]))


def _make(folder: Path, templates: dict[str, str]) -> dict[str, list[str]]:
    files = Ready(*(folder / f"{name}.sqlite3" for name in Ready._fields))
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
    return {"files": list(map(str, files))}
