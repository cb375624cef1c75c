"""When there is nothing to compare, verify says so and exits with 2; it finds log damage too."""

import json
import sqlite3
from pathlib import Path

import pytest
from django.db import connections

from infrastructure.hosts.importing.importer import import_host
from tests.conftest import fresh, use
from tests.projections.verification.conftest import Made, Service, empty
from tests.sample_host import make_host
from tests.support import here, raw
from tests.support.service import ROOT, run


def test_equal_exits_with_0_and_prints_one_json_object(made: Made, vendor: str) -> None:
    service = made(vendor)
    done = run("verify", "--json", database=service.url, source=service.host, env={"DEBUG": "1"})
    assert done.code == 0
    found = json.loads(done.out)
    assert found["equal"] is True
    assert set(found["tables"]["system_backups.RestoreLog"]) >= {
        "expected",
        "found",
        "missing",
        "unexpected",
        "differing",
        "recorded_here",
        "quarantined",
        "host_changed",
    }


def test_not_equal_exits_with_1_and_says_what_to_do(service: Service) -> None:
    service.sql(
        "UPDATE system_backups_restorelog SET message = 'no' "
        "WHERE id = (SELECT max(id) FROM system_backups_restorelog)"
    )
    done = run(
        "verify", f"--source={service.host}", database=service.url, env={"DEBUG": "1"}, check=False
    )
    assert done.code == 1
    assert "projection_wrong" in done.out
    assert "manage.py rebuild system_backups.RestoreLog" in done.out


def refused(service_url: str, host_url: str | None) -> str:
    arguments = [f"--source={host_url}"] if host_url else []
    done = run("verify", *arguments, database=service_url, env={"DEBUG": "1"}, check=False)
    assert done.code == 2, done.out
    assert done.out == ""
    (line,) = done.err.strip().splitlines()
    return line


def test_no_source_is_refused(made: Made) -> None:
    assert "SOURCE_DATABASE_URL" in refused(made("sqlite").url, None)


def test_a_log_without_a_host_is_refused(made: Made, database: str) -> None:
    assert "import_host" in refused(database, made("sqlite").host)


def test_another_host_is_refused(made: Made, vendor: str, tmp_path: Path) -> None:
    url = empty(vendor, tmp_path)
    make_host(url, rows=1)
    assert "fingerprint" in refused(made(vendor).url, url)


def test_a_file_that_is_no_host_is_refused(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    sqlite3.connect(path).close()
    assert "another database than the imported host" in refused(
        made("sqlite").url, f"sqlite:///{path}"
    )
    assert not (tmp_path / "missing.sqlite3").exists()
    assert refused(made("sqlite").url, f"sqlite:///{tmp_path / 'missing.sqlite3'}")
    assert not (tmp_path / "missing.sqlite3").exists()


def test_a_password_is_never_printed(made: Made) -> None:
    line = refused(made("sqlite").url, "postgres://someone:secret@127.0.0.1:1/nowhere")
    assert "secret" not in line


@pytest.mark.parametrize("column", ["hash", "state"])
def test_a_log_that_was_tampered_with_is_not_equal(service: Service, column: str) -> None:
    sql = ROOT / "infrastructure/event_store/sql" / service.vendor / "not_append_only.sql"
    for statement in sql.read_text(encoding="utf-8").split(";"):
        if statement.strip():
            raw.execute(service.url, statement)
    service.sql(
        f"UPDATE event_store_event SET {column} = ? WHERE position = 7",
        b"\1" * 32 if column == "hash" else b"{}",
    )
    found = service.verify()
    assert found["chain"]["ok"] is False
    assert found["chain"]["first_bad"] == 7
    assert found["equal"] is False


def test_a_checkpoint_that_is_not_of_this_log_is_not_equal(service: Service) -> None:
    service.sql(
        "UPDATE engine_generation SET hash = ? "
        "WHERE label = 'system_backups.RestoreLog' AND state = 'live'",
        b"\1" * 32,
    )
    found = service.verify()
    assert found["differences"] == []
    assert found["equal"] is False
    assert "checkpoint" in next(s["problem"] for s in found["projections"] if s["problem"])


def test_verify_writes_nothing(service: Service) -> None:
    count = "SELECT count(*) FROM event_store_event"
    before = raw.value(service.url, count)
    service.verify()
    assert raw.value(service.url, count) == before


def test_tables_that_an_import_was_killed_before_filling_are_told_to_be_behind(
    templates: dict[str, str], made: Made, vendor: str, tmp_path: Path
) -> None:
    service = Service(vendor, made(vendor).host, fresh(templates, vendor, tmp_path))
    use(service.url)
    events = import_host(service.host, actor="tests").events
    connections.close_all()
    found = service.verify()
    assert {one["problem"].partition(".RestoreLog ")[2] for one in found["projections"]} >= {
        f"is {events} events behind the log. To catch up: manage.py project"
    }
    service.import_again()
    assert service.verify()["equal"]


@pytest.mark.parametrize("position", [1, 10])
@pytest.mark.parametrize(
    "forged",
    ["state = 'x'", "metadata = 'x'", "stream_id = 'zz'", "topic = X'00'", "hash = 'x'",
     "stream_version = 'q'", "recorded_at = 'q'", "schema_version = 'q'"],
)  # fmt: skip
@pytest.mark.parametrize("certificate", [False, True])
@pytest.mark.parametrize("vendor", ["sqlite"])  # PostgreSQL's columns hold their own type alone.
def test_a_value_of_another_type_in_the_log_is_named_or_refused_in_a_line(
    service: Service, public_key: Path, tmp_path: Path, position: int, forged: str,
    certificate: bool,
) -> None:  # fmt: skip
    with raw.connect(service.url) as database:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in database.execute(triggers).fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(f"UPDATE event_store_event SET {forged} WHERE position = {position}")
    use(service.url)
    asked = ["--certificate", str(tmp_path / "certificate.json")] if certificate else []
    done = here.run("verify", "--json", *asked, source=service.host, check=False)
    connections.close_all()
    assert done.code in (1, 2)
    if done.code == 1:
        assert done.json["chain"]["first_bad"] == position
    else:
        assert (done.out, done.err.count("\n")) == ("", 1)
    rebuilt = run("rebuild", database=service.url, env={"DEBUG": "1"}, check=False)
    assert (rebuilt.code, rebuilt.out, rebuilt.err.count("\n")) == (2, "", 1)
