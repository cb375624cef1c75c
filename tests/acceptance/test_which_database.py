"""A forgotten or wrong DATABASE_URL: it is named, and nothing is made by mistake."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from tests.conftest import use
from tests.support import here, postgres, service

MISSPELT = (
    "postgres:/me:s3cret@127.0.0.1/host",
    "postgres:me:s3cret@127.0.0.1/host",
    "postgres:///me:s3cret@127.0.0.1/host",
    "postgres://me:12/s3cret@127.0.0.1/host",
)


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    yield
    connections.close_all()


def refused(*command: str) -> str:
    result = here.run(*command, check=False)
    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1, result.err
    assert "DATABASE_URL" in result.err
    return result.err


@pytest.mark.parametrize("command", ["consolidation", "restores", "projections"])
def test_a_file_that_is_not_there_is_named_and_not_made(command: str, tmp_path: Path):
    file = tmp_path / "mispelt.sqlite3"
    use(f"sqlite:///{file}")
    line = refused(command)
    assert f"{file} does not exist" in line
    assert "manage.py migrate" in line
    assert list(tmp_path.iterdir()) == []


def test_migrate_makes_the_file(tmp_path: Path):
    use(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    here.run("migrate", "--verbosity", "0")
    assert here.run("restores", "--json").json == {"restores": []}


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_a_database_without_tables_is_named(vendor: str, tmp_path: Path):
    file = tmp_path / "empty.sqlite3"
    file.touch()
    url = f"sqlite:///{file}" if vendor == "sqlite" else postgres.fresh_database()
    use(url)
    assert f"{url.rpartition('/')[2]} has no tables yet" in refused("restores")


def test_a_missing_folder_is_named(tmp_path: Path):
    use(f"sqlite:///{tmp_path}/nowhere/x.sqlite3")
    assert f"There is no folder {tmp_path}/nowhere." in refused("migrate")


@pytest.mark.parametrize("command", ["migrate", "restores"])
def test_a_file_that_is_no_database_is_named(command: str, tmp_path: Path):
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but long enough to look like one\n" * 20)
    use(f"sqlite:///{file}")
    line = refused(command)
    assert f"{file} cannot be opened: file is not a database" in line


@pytest.mark.parametrize("command", ["migrate", "restores"])
def test_a_server_that_does_not_answer_is_named_without_the_password(command: str):
    use("postgres://ops:geheim@127.0.0.1:1/restorelog")
    line = refused(command)
    assert "127.0.0.1:1/restorelog cannot be opened" in line
    assert "geheim" not in line
    service_line = service.run(
        command, database="postgres://ops:geheim@127.0.0.1:1/restorelog",
        env={"DEBUG": "1"}, check=False,
    )  # fmt: skip
    assert (service_line.code, service_line.err) == (2, line)


@pytest.mark.parametrize("url", MISSPELT)
def test_a_misspelt_url_does_not_show_its_password(url: str):
    done = service.run("restores", database=url, env={"DEBUG": "1"}, check=False)
    assert (done.code, done.out) == (2, "")
    assert "DATABASE_URL" in done.err
    assert "s3cret" not in done.err


@pytest.mark.parametrize("url", MISSPELT)
@pytest.mark.parametrize("command", ["import_host", "inspect_host", "verify", "cut_over --yes"])
def test_nor_does_that_of_a_host(command: str, url: str, database: str):
    done = here.run(*command.split(), source=url, check=False)
    assert (done.code, done.out) == (2, "")
    assert "s3cret" not in done.err
