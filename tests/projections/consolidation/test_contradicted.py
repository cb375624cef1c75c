"""A certificate that a later correction contradicts is listed, with what contradicts it."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.conftest import use
from tests.old_logs.load import certificate, load_host, load_log
from tests.sample_host import make_host
from tests.support import here, postgres, raw

ZONE = "Asia/Kolkata"


@pytest.fixture
def host(database: str, public_key: Path, tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'host.sqlite3'}"
    make_host(url, rows=25, seed=3, variant="origin", odd_rows=False)
    here.run("import_host", source=url)
    return url


def certified(host: str, path: Path) -> str:
    """The SHA-256 of a certificate that is issued now."""
    here.run("verify", "--certificate", str(path), source=host, check=False)
    return sha256(path.read_bytes()).hexdigest()


def listed() -> list[Any]:
    told: list[Any] = here.run("consolidation", "--json").json["contradicted_certificates"]
    return told


def lines() -> list[str]:
    text = here.run("consolidation").out.splitlines()
    return [line for line in text if line.startswith("contradicted")]


def position_of(url: str, topic: str, which: str = "max") -> Any:
    return raw.value(
        url, f"SELECT {which}(position) FROM event_store_event WHERE topic = '{topic}'"
    )


def test_nothing_contradicts_a_certificate_at_first(host: str, tmp_path: Path):
    certified(host, tmp_path / "c.json")
    here.run("import_host", source=host)
    raw.execute(host, "UPDATE system_backups_restorelog SET status = 'lost' WHERE id = 1")
    here.run("import_host", source=host)
    assert (listed(), lines()) == ([], [])


def test_columns_that_are_decided_later_contradict_it(host: str, database: str, tmp_path: Path):
    first = certified(host, tmp_path / "1.json")
    rows = raw.value(host, "SELECT count(*) FROM system_backups_backuplog")
    here.run(
        *("import_host", "--column", "system_backups.BackupLog.database_name=storage_location"),
        *("--reason", "so they say"),
        source=host,
    )
    second = certified(host, tmp_path / "2.json")
    (one,) = listed()
    content = json.loads((tmp_path / "1.json").read_bytes())["certificate"]
    assert (one["certificate"], one["equal"], one["purpose"]) == (first, True, "verify")
    assert one["position"] == content["log"]["position"]
    choice = position_of(database, "consolidation.ColumnsChosen")
    assert one["by"][0] == {
        "event": "consolidation.ColumnsChosen", "position": choice, "rows": None,
    }  # fmt: skip
    backups = next(by for by in one["by"] if by["event"] == "backup.Reinterpreted")
    assert backups["rows"] == rows
    assert backups["position"] == position_of(database, "backup.Reinterpreted", "min")
    (line,) = lines()
    assert line.startswith(
        f"contradicted  certificate {first} of position {one['position']:,}: other columns chosen "
        f"at position {choice:,}; {rows} rows of backups read in another way from position "
    )
    assert second not in here.run("consolidation").out.partition("contradicted")[2].split("\n")[0]


def test_a_choice_that_only_repeats_what_was_chosen_contradicts_nothing(host: str, tmp_path: Path):
    certified(host, tmp_path / "c.json")
    here.run("import_host", "--zone", "UTC", "--reason", "so it is", source=host)
    assert listed() == []


def test_so_does_a_zone_that_is_corrected(host: str, database: str, tmp_path: Path):
    hashes = [certified(host, tmp_path / f"{n}.json") for n in range(2)]
    here.run("import_host", "--zone", ZONE, "--reason", "the server's own", source=host)
    found = listed()
    assert [one["certificate"] for one in found] == hashes
    at = position_of(database, "consolidation.ZoneChosen")
    for one in found:
        assert one["by"][0] == {"event": "consolidation.ZoneChosen", "position": at, "rows": None}
        assert one["by"][-1]["rows"] == 50
    assert [f"another time zone chosen at position {at:,}; " in line for line in lines()] == [
        True,
        True,
    ]


# --- a log of earlier code --------------------------------------------------------------------


@pytest.fixture
def empty(vendor: str, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; Django's default connection is on it."""
    sqlite = f"sqlite:///{tmp_path / 'service.sqlite3'}"
    url = sqlite if vendor == "sqlite" else postgres.fresh_database()
    use(url)
    yield url
    connections.close_all()
    if vendor == "postgresql":
        postgres.drop_database(url)


@pytest.mark.parametrize("state", ["imported", "cut_over"])
@pytest.mark.parametrize("kind", ["plan", "origin"])
def test_what_earlier_code_certified_is_contradicted_by_the_upgrades_import(
    empty: str, kind: str, state: str, tmp_path: Path
):
    load_log(kind, state, empty)
    here.run("migrate", "--verbosity=0")
    assert (listed(), lines()) == ([], [])
    here.run("import_host", source=load_host(kind, tmp_path / "host.sqlite3"))
    signed = certificate(kind, state, empty).read_bytes()
    content = json.loads(signed)["certificate"]
    (one,) = [one for one in listed() if one["certificate"] == sha256(signed).hexdigest()]
    assert (one["position"], one["equal"]) == (content["log"]["position"], True)
    rows = {by["event"]: by["rows"] for by in one["by"]}
    reread = {topic for topic in rows if topic.endswith(".Reinterpreted")}
    assert reread
    for topic in reread:
        assert rows[topic] == raw.value(
            empty, f"SELECT count(*) FROM event_store_event WHERE topic = '{topic}'"
        )
    assert any(one["certificate"] in line for line in lines())
