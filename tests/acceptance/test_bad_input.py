"""What is wrong is said in one clear line, exit code 2, and the log is unharmed."""

from pathlib import Path

import pytest
from django.db import connections

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.builders import requested
from tests.conftest import use
from tests.sample_host.build import make_host
from tests.support import here, raw, service


def events(database: str) -> int:
    return int(raw.value(database, "SELECT count(*) FROM event_store_event"))


def refused(*command: str, source: str = "") -> str:
    """The one line that a command says when it cannot."""
    result = here.run(*command, source=source, check=False)
    assert result.code == 2, result
    assert result.out == ""
    lines = result.err.strip().splitlines()
    assert len(lines) == 1, result.err
    assert "Traceback" not in result.err
    return lines[0]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nonsense", "URL"),
        ("ftp://example.org/x", "URL"),
        ("sqlite:////nowhere/at/all.sqlite3", "all.sqlite3"),
        ("postgres://nobody:geheim@127.0.0.1:1/none", "127.0.0.1"),
        ("mysql://nobody:geheim@127.0.0.1:1/none", "127.0.0.1"),
    ],
)
@pytest.mark.parametrize("command", ["import_host", "verify"])
def test_a_source_that_cannot_be_read(database: str, command: str, source: str, said: str):
    line = refused(command, source=source)
    if command == "import_host":
        assert said in line
    assert "geheim" not in line
    assert events(database) == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("sqlite:////nowhere/at/all.sqlite3", "/nowhere/at/all.sqlite3: unable to open"),
        ("postgres://ops@127.0.0.1:1/shop", "127.0.0.1/shop: connection"),
        ("mysql://ops@127.0.0.1:1/shop", "127.0.0.1/shop: Can't connect to MySQL server"),
    ],
)
def test_a_host_that_does_not_answer_is_told_of_in_words(database: str, source: str, said: str):
    line = refused("import_host", source=source)
    assert line.startswith(f"The host's database cannot be read: {said}")
    assert "(2003, " not in line


def test_no_source_at_all(database: str):
    assert "SOURCE_DATABASE_URL" in refused("import_host")


def test_a_database_without_a_hosts_tables(database: str, tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    raw.execute(url, "CREATE TABLE something (id integer)")
    line = refused("import_host", source=url)
    assert "database_management_restorelog" in line
    assert events(database) == 0


def test_a_host_that_lacks_a_required_column(database: str, tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'host.sqlite3'}"
    make_host(url, rows=10)
    raw.execute(url, "ALTER TABLE database_management_restorelog RENAME COLUMN message TO m")
    assert "message" in refused("import_host", source=url)
    assert events(database) == 0


@pytest.mark.parametrize(
    "command",
    [
        ("import_host",),
        ("rebuild",),
        ("project",),
        ("projections",),
        ("verify",),
        ("verify_log",),
        ("audit",),
        ("restores",),
        ("as_of", "1", "system_backups.RestoreLog"),
        ("accounts", "list"),
    ],
)
def test_a_database_that_was_not_migrated(tmp_path: Path, command: tuple[str, ...]):
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    use(url)
    assert "migrate" in refused(*command, source=f"sqlite:///{tmp_path}/h.sqlite3")
    connections.close_all()


@pytest.mark.parametrize("command", [("rebuild",), ("project",), ("audit",)])
def test_an_unknown_topic_in_the_log(database: str, command: tuple[str, ...]):
    Log().append([new_event(requested(1))])
    Log().append([new_event(requested(2))._replace(topic="restore.Teleported")])
    result = here.run(*command, check=False)
    assert result.code == 2, result
    assert "restore.Teleported" in result.err
    assert len(result.err.strip().splitlines()) == 1, result.err
    assert events(database) == 2


@pytest.mark.parametrize("source", ["nonsense", "postgres://nobody:geheim@127.0.0.1:1/none"])
def test_the_command_line_says_it_in_one_line_too(database: str, source: str):
    result = service.run("import_host", database=database, source=source, check=False)
    assert result.code == 2
    assert len(result.err.strip().splitlines()) == 1, result.err
    assert "geheim" not in result.err


@pytest.mark.parametrize(
    "command",
    [
        "anchor --out=",
        "verify --certificate=",
        "verify --certificate c.json --export=",
        "cut_over --yes --snapshot=",
        "signing_key --public=",
        "cut_over --yes --actor=\udcff",
        "roll_back --yes --reason=\udcff",
    ],
)
def test_what_names_nothing_is_refused_in_a_line(command: str, database: str):
    done = here.run(*command.split(" "), check=False)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "needs a file name" in done.err or "not valid UTF-8" in done.err
