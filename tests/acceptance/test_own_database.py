"""The service never takes over a stranger's database, however its URL is spelled."""

import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connections

from tests.conftest import use
from tests.sample_host.build import make_host
from tests.support import here, postgres, raw, service

COMMANDS = (
    ("migrate",),
    ("import_host",),
    ("rebuild",),
    ("verify",),
    ("verify_log",),
    ("projections",),
    ("project",),
    ("as_of", "1", "system_backups.RestoreLog"),
    ("restores",),
    ("audit",),
    ("accounts", "list"),
    ("flush", "--no-input"),
    ("createsuperuser", "--no-input"),
)


def spellings(url: str, folder: Path) -> list[str]:
    """The same database by other names."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        link = folder / "link.sqlite3"
        link.symlink_to(path)
        hard = folder / "hard.sqlite3"
        os.link(path, hard)
        return [url, f"sqlite:///{path.parent}/./../{path.parent.name}/{path.name}",
                f"sqlite:///{link}", f"sqlite:///{hard}"]  # fmt: skip
    parts = urlsplit(url)
    credentials = f"{parts.username}:{parts.password}"
    return [
        url,
        url.replace("postgres://", "postgresql://"),
        f"postgres://{credentials}@localhost:{parts.port}{parts.path}",
        f"{url}?application_name=other",
    ]


def dump(url: str) -> str:
    """A digest of everything in the database."""
    if url.startswith("sqlite"):
        with raw.connect(url) as connection:
            text = "\n".join(connection.iterdump())
    else:
        tables = raw.rows(
            url,
            "SELECT table_schema || '.' || table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
        )
        text = "\n".join(
            f"{name}: {raw.rows(url, f'SELECT * FROM {name} AS t ORDER BY t::text')}"
            for (name,) in tables
        )
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_command_refuses_a_hosts_database(kind: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'h.sqlite3'}" if kind == "sqlite" else postgres.fresh_database()
    make_host(url, rows=20)
    before = dump(url)
    for spelling in spellings(url, tmp_path):
        use(spelling)
        for command in COMMANDS:
            refused = here.run(*command, source=url, check=False)
            assert_refused(refused, "was not made by this service")
    connections.close_all()
    assert dump(url) == before


@pytest.mark.parametrize(
    "command",
    [
        ("migrate",),
        ("import_host",),
        ("shell", "-c", "from django.contrib.auth.models import User; User.objects.count()"),
    ],
)
def test_the_command_line_refuses_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    url = f"sqlite:///{tmp_path / 'h.sqlite3'}"
    make_host(url, rows=20)
    before = dump(url)
    refused = service.run(*command, database=url, source=url, check=False)
    assert_refused(refused, "was not made by this service")
    assert dump(url) == before


def test_the_service_does_not_import_from_itself(database: str, tmp_path: Path) -> None:
    before = dump(database)
    for spelling in spellings(database, tmp_path):
        assert_refused(here.run("import_host", source=spelling, check=False), "same database")
    assert dump(database) == before


def assert_refused(result: service.Result, said: str) -> None:
    assert result.code == 2, result
    assert said in result.err
    assert len(result.err.strip().splitlines()) == 1, result.err
