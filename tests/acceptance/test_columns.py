"""Which host column fills which target: proposed, decided, chosen again, and compared."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from infrastructure.event_store.log import Log
from infrastructure.hosts.columns import spelled_decisions
from infrastructure.hosts.importing.importer import import_host
from infrastructure.hosts.synonyms import BACKUP_SYNONYMS, RESTORE_SYNONYMS
from infrastructure.recording import restores
from tests.infrastructure.hosts.tiny import (
    CONSOLIDATED,
    CONSOLIDATED_BACKUPS,
    LEGACY,
    LEGACY_BACKUPS,
    TinyHost,
)
from tests.support import here, postgres, raw

BACKUPS, RESTORES = "system_backups.BackupLog", "system_backups.RestoreLog"
OLD_RESTORES = "database_management.RestoreLog"


@pytest.fixture(params=("sqlite", "postgresql"))
def host(request: pytest.FixtureRequest, tmp_path: Path):
    """A tiny host, filled, with columns to come."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/host.sqlite3"
    else:
        url = postgres.fresh_database()
    tiny = TinyHost(url)
    tiny.fill(6)
    yield tiny
    if request.param == "postgresql":
        postgres.drop_database(url)


def renamed(host: TinyHost, table: str, before: str, after: str) -> None:
    host.execute(f"ALTER TABLE {table} RENAME COLUMN {before} TO {after}")


def imported(host: TinyHost, *options: str) -> dict:
    return here.run("import_host", "--json", *options, source=host.url).json


def refused(host: TinyHost, *options: str) -> str:
    done = here.run("import_host", *options, source=host.url, check=False)
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1
    return done.err


def assert_equal(host: TinyHost) -> None:
    found = here.run("verify", "--json", source=host.url).json
    assert found["equal"] is True


def column(database: str, table: str, name: str, where: str = "1 = 1") -> dict:
    return dict(raw.rows(database, f"SELECT id, {name} FROM {table} WHERE {where} ORDER BY id"))


def extra(database: str, table: str, key: int) -> dict:
    return json.loads(raw.value(database, f"SELECT extra FROM {table} WHERE id = {key}"))


def test_one_synonym_that_fits_is_taken_and_said(database: str, host: TinyHost):
    renamed(host, CONSOLIDATED_BACKUPS, "size_bytes", "file_size_bytes")
    host.execute(f"UPDATE {CONSOLIDATED_BACKUPS} SET file_size_bytes = id * 1000")
    said = here.run("import_host", source=host.url).out
    assert f"{BACKUPS}.size_bytes is filled by file_size_bytes (proposed)" in said
    assert column(database, CONSOLIDATED_BACKUPS, "size_bytes") == {1: 1000, 2: 2000, 3: 3000}
    assert "file_size_bytes" not in extra(database, CONSOLIDATED_BACKUPS, 1)
    assert_equal(host)


def test_of_two_paths_the_first_that_is_not_null_is_taken_and_the_other_kept(
    database: str, host: TinyHost
):
    host.execute(f"ALTER TABLE {LEGACY_BACKUPS} DROP COLUMN file_path")
    for name in ("local_path", "cloud_url"):
        host.execute(f"ALTER TABLE {LEGACY_BACKUPS} ADD {name} varchar(200)")
    host.execute(f"UPDATE {LEGACY_BACKUPS} SET local_path = '/mnt/a' WHERE id < 3")
    host.execute(f"UPDATE {LEGACY_BACKUPS} SET cloud_url = 's3://b' WHERE id > 1")
    imported(host)
    assert column(database, LEGACY_BACKUPS, "file_path") == {1: "/mnt/a", 2: "/mnt/a", 3: "s3://b"}
    kept = {key: extra(database, LEGACY_BACKUPS, key).get("cloud_url", "–") for key in (1, 2, 3)}
    assert kept == {1: "–", 2: "s3://b", 3: "–"}
    assert_equal(host)


def test_competing_columns_stop_the_import_until_one_is_chosen(database: str, host: TinyHost):
    renamed(host, LEGACY, "status", "state")
    renamed(host, LEGACY, "message", "output")
    host.execute(f"ALTER TABLE {LEGACY} ADD details text")
    why = refused(host)
    assert f"{OLD_RESTORES}.message might be filled by any of output (" in why
    assert raw.value(database, "SELECT count(*) FROM event_store_event") == 0
    looked = here.run("inspect_host", "--json", source=host.url).json["findings"]
    assert [f["kind"] for f in looked if f["kind"].startswith("column_un")] == ["column_unsettled"]
    imported(host, "--column", f"{OLD_RESTORES}.message=output")
    host.execute(f"UPDATE {LEGACY} SET output = 'done', state = 'failed' WHERE id = 2")
    assert imported(host)["events"] == 1
    assert raw.rows(database, f"SELECT status, message FROM {LEGACY} WHERE id = 2") == [
        ("failed", "done")
    ]
    assert_equal(host)


def test_a_column_that_does_not_fit_is_proposed_to_nobody(database: str, host: TinyHost):
    host.execute(f"ALTER TABLE {CONSOLIDATED_BACKUPS} DROP COLUMN size_bytes")
    host.execute(f"ALTER TABLE {CONSOLIDATED_BACKUPS} ADD file_size varchar(20)")
    why = refused(host)
    assert f"{BACKUPS}.size_bytes might be filled by file_size" in why
    assert "it holds whole numbers" in why
    assert "say why: --reason" in refused(host, "--column", f"{BACKUPS}.size_bytes=file_size")
    imported(host, "--column", f"{BACKUPS}.size_bytes=-")
    assert set(column(database, CONSOLIDATED_BACKUPS, "size_bytes").values()) == {None}
    assert_equal(host)


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        ("system_backups.BackupLog.size_bytes", "it should look like LABEL.target=host_column"),
        ("system_backups.Nothing.name=title", "the tables are"),
        ("system_backups.BackupLog.colour=name", "has the targets"),
        ("system_backups.BackupLog.name=name,name", "each host column is named once"),
        ("system_backups.BackupLog.name=heading", "has no column heading"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_a_line(
    database: str, host: TinyHost, choice: str, why: str
):
    assert why in refused(host, "--column", choice)
    assert raw.value(database, "SELECT count(*) FROM event_store_event") == 0


def test_choices_come_from_a_file_too(database: str, host: TinyHost, tmp_path: Path):
    for name in ("first", "second"):
        host.execute(f"ALTER TABLE {CONSOLIDATED_BACKUPS} ADD {name} varchar(90)")
    host.execute(f"UPDATE {CONSOLIDATED_BACKUPS} SET second = 'other' WHERE id = 2")
    choices = tmp_path / "columns.txt"
    choices.write_text(f"# names\n\n{BACKUPS}.name = first, second\n")
    imported(host, "--columns", str(choices), "--reason", "the name is a label here")
    names = column(database, CONSOLIDATED_BACKUPS, "name")
    assert names == {1: None, 2: "other", 3: None}
    assert "name" in extra(database, CONSOLIDATED_BACKUPS, 1)
    assert_equal(host)


@pytest.fixture
def chosen_again(database: str, host: TinyHost) -> TinyHost:
    """An imported host whose legacy table has a second column for the restore's own message."""
    host.execute(f"ALTER TABLE {LEGACY} ADD report varchar(90)")
    host.execute(f"UPDATE {LEGACY} SET report = 'report ' || id WHERE id <> 4")
    imported(host)
    (restore,) = raw.rows(database, f"SELECT restore_id FROM {LEGACY} WHERE id = 5")

    restores.amend_restore(
        Log(), UUID(str(restore[0])), {"message": "amended"}, actor="ops", reason="it was wrong"
    )
    here.run("project")
    return host


CHOICE = ("--column", f"{OLD_RESTORES}.message=report,message", "--reason", "the report says it")


def test_a_later_choice_gives_each_row_that_reads_differently_an_event_of_its_own(
    database: str, chosen_again: TinyHost
):
    host = chosen_again
    before = raw.value(database, "SELECT max(position) FROM event_store_event")
    told = here.run("import_host", "--dry-run", "--json", *CHOICE, source=host.url).json
    assert told["tables"][OLD_RESTORES]["reinterpreted"] == 6
    assert raw.value(database, "SELECT max(position) FROM event_store_event") == before
    report = imported(host, *CHOICE)
    assert report["tables"][OLD_RESTORES]["reinterpreted"] == 6
    topics = raw.rows(
        database,
        "SELECT topic, count(*) FROM event_store_event "
        f"WHERE position > {before} GROUP BY topic ORDER BY topic",
    )
    assert topics == [("consolidation.ColumnsChosen", 1), ("restore.Reinterpreted", 6)]
    assert column(database, LEGACY, "message") == {
        1: "report 1", 2: "report 2", 3: "report 3", 4: "", 5: "amended", 6: "report 6",
    }  # fmt: skip
    assert_equal(host)
    assert imported(host)["events"] == 0


def test_until_all_rows_have_theirs_it_is_not_equal_and_a_killed_run_carries_on(
    database: str, chosen_again: TinyHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    host = chosen_again
    monkeypatch.setattr("infrastructure.hosts.importing.chunk.EVENTS", 2)
    committed = []

    def die(phase: str) -> None:
        if phase == "committed":
            committed.append(phase)
            if len(committed) == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_host(
            host.url,
            actor="ops",
            decisions=spelled_decisions([CHOICE[1]]),
            reason=CHOICE[3],
            on_phase=die,
        )
    here.run("project")
    found = here.run("verify", "--json", source=host.url, check=False)
    assert found.code == 1
    assert {d["cause"] for d in found.json["differences"]} == {"host_changed"}
    monkeypatch.undo()
    assert imported(host)["tables"][OLD_RESTORES]["reinterpreted"] == 6 - 4
    assert_equal(host)


def test_a_wrong_zone_is_refused_and_corrected_by_events(database: str, tmp_path: Path):
    host = TinyHost(f"sqlite:///{tmp_path}/local.sqlite3")
    host.fill(4)
    host.execute(f"UPDATE {LEGACY} SET started_at = '2023-07-01 08:00:00' WHERE id = 3")
    started = f"SELECT started_at FROM {LEGACY} WHERE id = 3"
    here.run("import_host", source=host.url, zone="Asia/Tokyo")
    assert str(raw.value(database, started)).startswith("2023-06-30 23:00:00")
    again = here.run("import_host", source=host.url, zone="Europe/Madrid", check=False)
    assert again.code == 2
    assert "Asia/Tokyo" in again.err
    assert "Europe/Madrid" in again.err
    paper = tmp_path / "paper.json"
    correct = ("import_host", "--zone=Europe/Madrid", "--json")
    assert here.run(*correct, source=host.url, zone=None, check=False).code == 2  # no reason
    reason = "--reason=the server stands in Madrid"
    told = here.run(*correct, reason, "--dry-run", source=host.url, zone=None).json
    done = here.run(*correct, reason, source=host.url, zone=None).json
    assert told["events"] == done["events"] > 8
    assert str(raw.value(database, started)).startswith("2023-07-01 06:00:00")
    verified = ("verify", "--json", f"--certificate={paper}")
    assert here.run(*verified, source=host.url, zone="Europe/Madrid").json["equal"] is True
    assert json.loads(paper.read_text())["certificate"]["zone"] == "Europe/Madrid"
    wrong = here.run("verify", source=host.url, zone="Asia/Tokyo", check=False)
    assert wrong.code == 2


def test_a_column_that_appears_later_is_not_replaced_by_the_assumption(
    database: str, host: TinyHost, tmp_path: Path
):
    imported(host)
    flag = host.types["bool"]
    host.execute(f"ALTER TABLE {LEGACY} ADD is_overwrite {flag}")
    host.execute(f"ALTER TABLE {LEGACY} ADD restore_type varchar(20)")
    yes = "true" if flag == "boolean" else "1"
    host.execute(f"UPDATE {LEGACY} SET is_overwrite = {yes}, restore_type = 'custom' WHERE id = 2")
    no = "false" if flag == "boolean" else "0"
    host.execute(f"UPDATE {LEGACY} SET is_overwrite = {no}, restore_type = 'full' WHERE id <> 2")
    found = here.run("verify", "--json", source=host.url, check=False)
    assert found.code == 1
    imported(host)
    here.run(
        "cut_over",
        "--yes",
        f"--certificate={tmp_path}/certificate.json",
        f"--snapshot={tmp_path}/snapshot",
        source=host.url,
    )
    where = "origin = 'legacy'"
    flags = column(database, CONSOLIDATED, "is_overwrite", where)
    assert [bool(flags[10**12 + key]) for key in range(1, 7)] == [key == 2 for key in range(1, 7)]
    types = column(database, CONSOLIDATED, "restore_type", where)
    assert types[10**12 + 2] == "custom"
    content = json.loads((tmp_path / "certificate.json").read_text())["certificate"]
    assert content["assumptions"] == []
    assert extra(database, LEGACY, 2)["restore_type"] == "custom"
    assert_equal(host)


def test_a_column_of_the_name_and_not_of_the_kind_stops_the_cut_over_until_it_is_settled(
    database: str, host: TinyHost, tmp_path: Path
):
    host.execute(f"ALTER TABLE {LEGACY} ADD is_overwrite varchar(3) DEFAULT 'no'")
    looked = here.run("inspect_host", "--json", source=host.url).json["findings"]
    assert [f["table"] for f in looked if f["kind"] == "column_unfit"] == [LEGACY]
    imported(host)
    step = ("cut_over", "--yes", f"--certificate={tmp_path}/c", f"--snapshot={tmp_path}/s")
    done = here.run(*step, source=host.url, check=False)
    assert done.code == 2
    assert f"{OLD_RESTORES}.is_overwrite" in done.err
    imported(host, "--column", f"{OLD_RESTORES}.is_overwrite=-", "--reason", "it means nothing")
    here.run(*step, source=host.url)
    content = json.loads((tmp_path / "c").read_text())["certificate"]
    assert content["columns"] == [
        {
            "table": OLD_RESTORES,
            "target": "is_overwrite",
            "columns": [],
            "how": "decided",
            "reason": "it means nothing",
        }
    ]
    assert {"table": OLD_RESTORES, "column": "is_overwrite", "value": False, "rows": 6} in content[
        "assumptions"
    ]


def test_a_column_that_means_something_else_stops_the_cut_over_too(
    database: str, host: TinyHost, tmp_path: Path
):
    host.execute(f"ALTER TABLE {LEGACY} ADD restore_type varchar(20) DEFAULT 'full'")
    host.execute(f"UPDATE {LEGACY} SET restore_type = 'schema only' WHERE id = 3")
    looked = here.run("inspect_host", "--json", source=host.url).json["findings"]
    (said,) = [f["message"] for f in looked if f["kind"] == "column_unfit"]
    assert "says 'schema only', and the target says one of custom, database, files, full" in said
    imported(host)
    step = ("cut_over", "--yes", f"--certificate={tmp_path}/c", f"--snapshot={tmp_path}/s")
    assert "restore_type" in here.run(*step, source=host.url, check=False).err
    same = f"{OLD_RESTORES}.restore_type=restore_type"
    imported(host, "--column", same, "--reason", "our word for a custom one")
    here.run(*step, source=host.url)
    moved = column(database, CONSOLIDATED, "restore_type", "origin = 'legacy'")
    assert (moved[10**12 + 2], moved[10**12 + 3]) == ("full", "schema only")
    assert_equal(host)


def test_a_column_that_was_decided_on_and_is_gone_is_asked_for_again(database: str, host: TinyHost):
    host.execute(f"ALTER TABLE {CONSOLIDATED_BACKUPS} ADD weight bigint")
    same = ("--column", f"{BACKUPS}.size_bytes=weight", "--reason", "it is the size in bytes")
    imported(host, *same)
    host.execute(f"ALTER TABLE {CONSOLIDATED_BACKUPS} DROP COLUMN weight")
    assert "weight, which the host has no longer" in refused(host)
    imported(host, "--column", f"{BACKUPS}.size_bytes=size_bytes")
    assert_equal(host)


def test_a_target_that_was_derived_once_is_not_lost(database: str, host: TinyHost):
    imported(host)
    derived = column(database, CONSOLIDATED, "target_database")
    assert derived == {1: "db1", 2: "db2", 3: "db3", 4: "", 5: "", 6: ""}
    host.execute(f"DELETE FROM {CONSOLIDATED_BACKUPS} WHERE id = 2")
    host.execute(f"UPDATE {CONSOLIDATED} SET source_backup_id = NULL WHERE id IN (2, 3)")
    imported(host)
    assert column(database, CONSOLIDATED, "target_database") == derived
    assert_equal(host)
    host.execute(f"ALTER TABLE {CONSOLIDATED} ADD target_database varchar(100) DEFAULT ''")
    host.execute(f"UPDATE {CONSOLIDATED} SET target_database = 'its own' WHERE id = 1")
    imported(host)
    assert column(database, CONSOLIDATED, "target_database") == {**derived, 1: "its own"}
    found = here.run("verify", "--json", source=host.url).json
    assert found["empty_targets"] == {OLD_RESTORES: 0, RESTORES: 5}
    assert found["equal"] is True


def test_an_empty_target_stays_empty_in_the_legacy_table_alone(
    database: str, host: TinyHost, tmp_path: Path
):
    host.execute(f"UPDATE {LEGACY} SET target_database = '' WHERE id IN (1, 6)")
    imported(host)
    here.run(
        "cut_over", "--yes", f"--certificate={tmp_path}/c", f"--snapshot={tmp_path}/s",
        source=host.url,
    )  # fmt: skip
    legacy = column(database, LEGACY, "target_database")
    assert (legacy[1], legacy[2], legacy[6]) == ("", "shop", "")
    moved = column(database, CONSOLIDATED, "target_database", "origin = 'legacy'")
    assert (moved[10**12 + 1], moved[10**12 + 2], moved[10**12 + 6]) == ("db1", "shop", "")
    assert_equal(host)


def test_the_reference_lists_every_synonym():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "hosts.md").read_text()
    for subject, synonyms in (("restores", RESTORE_SYNONYMS), ("backups", BACKUP_SYNONYMS)):
        for target, names in synonyms.items():
            (line,) = [row for row in page.splitlines() if f"| `{target}` of {subject} |" in row]
            assert line.endswith(f"| {', '.join(f'`{name}`' for name in names)} |")


@pytest.mark.parametrize(
    ("declared", "values"),
    [
        ("text", ("'shop'", "'5'", "''")),
        ("varchar(20)", ("'shop'", "'NaN'", "NULL")),
        ("numeric", ("'shop'", "'5'", "'NaN'")),
        ("decimal(9,2)", ("'shop'", "1.5", "'1e3'")),
        ("integer", ("'shop'", "'5'", "7")),
        ("real", ("'shop'", "'Infinity'", "2.5")),
        ("bool", ("'shop'", "1", "'true'")),
        ("blob", ("'shop'", "x'00'", "'5'")),
        ("datetime", ("'shop'", "'2024-01-01 00:00:00'", "1")),
    ],
)
@pytest.mark.parametrize("second", [None, "text", "numeric", "datetime"])
def test_a_backups_database_is_derived_alike_whatever_its_columns_type(
    database: str, tmp_path: Path, declared: str, values: tuple[str, ...], second: str | None
):
    host = TinyHost(f"sqlite:///{tmp_path}/typed.sqlite3")
    host.fill(6)
    for table in (LEGACY_BACKUPS, CONSOLIDATED_BACKUPS):
        host.execute(f"ALTER TABLE {table} DROP COLUMN database_name")
        host.execute(f"ALTER TABLE {table} ADD COLUMN database_name {declared}")
        for key, value in enumerate(values, 1):
            host.execute(f"UPDATE {table} SET database_name = {value} WHERE id = {key}")
    chosen = []
    if second is not None:
        host.execute(f"ALTER TABLE {CONSOLIDATED_BACKUPS} ADD COLUMN other_name {second}")
        host.execute(f"UPDATE {CONSOLIDATED_BACKUPS} SET other_name = 'other' WHERE id = 2")
        chosen = [f"--column={BACKUPS}.database_name=other_name,database_name", "--reason=known"]
    imported(host, *chosen)
    found = here.run("verify", "--json", source=host.url, check=False).json
    assert [one for one in found["differences"] if one["cause"] == "projection_wrong"] == []
    derived = column(database, CONSOLIDATED, "target_database", "id < 4")
    assert derived.get(1, "shop") == ("" if declared == "datetime" else "shop")
    if second in ("text", "numeric"):
        assert derived.get(2, "other") == "other"


def test_a_column_that_cannot_name_a_database_is_none_and_the_next_is_not_asked(
    database: str, host: TinyHost
):
    host.execute(f"ALTER TABLE {CONSOLIDATED_BACKUPS} ADD COLUMN server bigint")
    host.execute(f"UPDATE {CONSOLIDATED_BACKUPS} SET server = 12 WHERE id = 2")
    imported(host, f"--column={BACKUPS}.database_name=server,database_name", "--reason=known")
    derived = column(database, CONSOLIDATED, "target_database", "id < 4")
    assert derived == {1: "db1", 2: "", 3: "db3"}
    found = here.run("verify", "--json", source=host.url, check=False).json
    assert [one for one in found["differences"] if one["cause"] == "projection_wrong"] == []
