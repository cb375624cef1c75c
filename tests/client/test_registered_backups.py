"""`run_restore --backup ID` restores a registered backup, checks it, and records all of that."""

import subprocess
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from domain.restores.events import RestoreCompleted, RestoreValidated
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from projections.services import record
from tests.builders import backup_imported, stream
from tests.client.postgresql import PostgreSQL, dump
from tests.client.registered import (
    TABLES,
    WHOLE,
    newest,
    register,
    registered,
    run,
    share_a_spool,
    topics,
)
from tests.client.test_restoring_files import content, packed, target_of
from tests.support import here, postgres, raw

PASSED_ON = ("--yes", "--disconnect", "--no-owner")
SECRET = "Zu4ee-wr0ng"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgreSQL, str, Path]]:
    """A server, a database with a table, and a dump of it."""
    server = PostgreSQL(postgres.server().url)
    url = postgres.fresh_database()
    name = url.rpartition("/")[2]
    server.run(
        name,
        "CREATE TABLE orders (id integer PRIMARY KEY)",
        "INSERT INTO orders SELECT generate_series(1, 300)",
    )
    with pytest.MonkeyPatch.context() as patched:
        server.log_in(patched)
        path = dump(name, tmp_path_factory.mktemp("shop") / "orders.dump", "custom")
    yield server, name, path
    postgres.drop_database(url)


@pytest.fixture
def server(shop: tuple[PostgreSQL, str, Path], monkeypatch: pytest.MonkeyPatch) -> PostgreSQL:
    shop[0].log_in(monkeypatch)
    return shop[0]


@pytest.fixture(autouse=True)
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    share_a_spool(tmp_path, monkeypatch)


def test_a_database_is_restored_from_its_dump_beside_it_and_in_its_place(
    database: str,
    vendor: str,
    shop: tuple[PostgreSQL, str, Path],
    server: PostgreSQL,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    _, name, path = shop
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    own = f"stat --format=%a {folder}/*  # of what it is checked against"
    backup = registered(path, f"--database={name}", "--count-rows")
    target = f"orders_by_{vendor}"
    count = "SELECT count(*) FROM orders"
    for more in ([], ["--overwrite", f"--check={own}"]):
        done = run(backup, f"--target={target}", *more)
        assert (done.code, done.json["status"], done.json["recorded"]) == (0, "completed", True)
        assert server.run(target, count) == [(300,)]
        assert topics(done) == WHOLE
        for table in TABLES:
            assert newest(database, "status, target_database", table) == ("completed", target)
        assert newest(database, "validation, warnings_count") == ("passed", 0)
        server.run(target, "DELETE FROM orders WHERE id > 10")
    *_, checked = Log().stream(UUID(done.json["restore_id"]))
    assert isinstance(checked, RestoreValidated)
    assert checked.check == f"check-restored && {own}"
    assert checked.output == "It holds 1 table, as recorded; the rows of 1 were counted.\n600\n"
    assert list(folder.iterdir()) == []

    # Without a target, it is the database that the backup was made of.
    done = run(backup)
    assert (done.code, done.json["status"]) == (2, "failed")
    told, message = newest(database, "target_database, message")
    assert told == name
    assert f"{name} exists already" in message
    assert server.databases(target) == [target, f"{target}_before"]


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["sqlite", "directory", "tar.gz"])
def test_what_is_a_file_is_restored_to_a_path(
    database: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path, damaged = packed(kind, tmp_path), target_of(kind, tmp_path)
    whole = content(kind, path if kind == "sqlite" else tmp_path / "tree")
    backup = registered(path)
    monkeypatch.chdir(damaged.parent)
    for target, more in (("new", []), ("data", ["--overwrite"])):
        done = run(backup, f"--target={target}", *more)
        assert (done.code, content(kind, damaged.with_name(target))) == (0, whole)
        assert topics(done) == WHOLE
        told = "status, validation, warnings_count, target_database, restore_type"
        of = "database" if kind == "sqlite" else "files"
        assert newest(database, told) == ("completed", "passed", 0, target, of)
    # The legacy table holds restores of databases alone.
    legacy = raw.value(database, f"SELECT count(*) FROM {TABLES[1]}")
    assert legacy == (2 if kind == "sqlite" else 0)
    done = run(backup)
    assert (done.code, done.json) == (125, {})
    assert f"Name with --target the path that the backup {path} is restored to." in done.err


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_what_goes_wrong_is_recorded_with_its_reason_and_its_exit_code(
    database: str,
    shop: tuple[PostgreSQL, str, Path],
    server: PostgreSQL,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    path = tmp_path / "orders.dump"
    path.write_bytes(shop[2].read_bytes())
    backup = registered(path, "--database=orders_lost")

    def fails(code: int, *words: str, backup: str = backup) -> None:
        done = run(backup)
        assert (done.code, done.json["status"], done.json["exit_code"]) == (code, "failed", code)
        assert topics(done) == ["Requested", "Started", "Failed"]
        for table in TABLES:
            status, message = newest(database, "status, message", table)
            assert status == "failed"
            for word in words:
                assert word in message

    with monkeypatch.context() as patched:
        patched.setenv("PGPASSWORD", SECRET)
        fails(1, "password authentication failed")
    with monkeypatch.context() as patched:
        patched.setenv("PATH", "/nowhere")
        fails(127, "psql is needed for this")
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    fails(1, "was changed: its checksum is sha256:")
    path.write_bytes(data[: len(data) // 2])
    fails(1, f"has {len(data) // 2} bytes, and was registered with {len(data)}")
    fails(1, "pg_restore failed", backup=registered(path, "--database=orders_lost"))
    path.unlink()
    fails(2, f"The backup {path} cannot be read: No such file or directory.")
    # The server itself meets a full disk, in the middle of what it loads.
    plain = tmp_path / "plain.sql"
    subprocess.run(["pg_restore", f"--file={plain}", shop[2]], check=True)
    end = "-- PostgreSQL database dump complete"
    text = plain.read_text().replace(end, f"COPY public.orders TO '/dev/full';\n{end}")
    plain.write_text(text)
    fails(1, "No space left on device", backup=registered(plain, "--database=orders_lost"))
    assert server.databases("orders_lost") == []
    said = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert SECRET.encode() not in said


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_a_backup_without_a_checksum_or_in_another_place_is_restored_and_that_is_recorded(
    database: str, tmp_path: Path
):
    path = packed("sqlite", tmp_path)
    backup = registered(path, "--no-checksum")
    moved = path.rename(tmp_path / "moved")
    done = run(backup, f"--target={tmp_path}/new", f"--file={moved}")
    assert done.code == 0
    assert newest(database, "validation, warnings_count") == ("passed", 1)
    (ended,) = [one for one in Log().stream(UUID(done.json["restore_id"]))
                if isinstance(one, RestoreCompleted)]  # fmt: skip
    assert ended.warnings == (
        f"warning: no checksum was recorded of {moved}: whether it is unchanged is not known",
    )
    record.expire_backup(UUID(backup), actor="ada")
    done = run(backup, f"--target={tmp_path}/newer", f"--file={moved}")
    assert (done.code, done.err) == (
        125, f"The backup {backup} has expired: it can no longer be restored from.\n",
    )  # fmt: skip


FACTS = {
    "sqlite": ("database", "sqlite", {'order "s': 3}),
    "directory": ("files", "directory", {"files": 2}),
    "tar.zst": ("files", "tar", {"files": 2}),
}


@pytest.mark.parametrize("kind", FACTS)
def test_what_is_registered_of_a_file_is_what_can_be_found_in_it(kind: str, tmp_path: Path):
    path = packed(kind, tmp_path)
    told = register(path)
    names = ("backup_type", "format", "contents", "file_path")
    assert tuple(told[name] for name in names) == (*FACTS[kind], str(path))
    if kind != "directory":
        digest = sha256(path.read_bytes()).hexdigest()
        assert (told["size_bytes"], told["checksum"]) == (path.stat().st_size, f"sha256:{digest}")


def test_what_is_registered_of_a_dump_are_its_tables_and_their_rows_if_that_is_asked_for(
    shop: tuple[PostgreSQL, str, Path], server: PostgreSQL, tmp_path: Path
):
    _, name, path = shop
    told = register(path, f"--database={name}")
    assert (told["format"], told["contents"]) == ("postgresql-custom", {"public.orders": None})
    told = register(path, f"--database={name}", "--count-rows", "--no-checksum")
    assert (told["database_name"], told["contents"]) == (name, {"public.orders": 300})
    assert "checksum" not in told
    damaged = tmp_path / "damaged.dump"
    damaged.write_bytes(path.read_bytes()[:100])
    told = register(damaged)
    assert (told["format"], told["size_bytes"]) == ("postgresql-custom", 100)
    assert "contents" not in told


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_an_id_of_two_backups_is_refused_with_both_uuids(database: str, tmp_path: Path):
    own = backup_imported(2, key=23, origin="consolidated", legacy_id=None, consolidated_id=23)
    Log().append([new_event(backup_imported(1, key=23)), new_event(own)])
    catch_up()
    for words in ((), ("--dry-run",), ("--", "touch", str(tmp_path / "done"))):
        done = run("23", *words)
        assert (done.code, done.err.count("\n")) == (125, 1)
        assert "23 is the id of 2 backups" in done.err
        assert str(stream(1)) in done.err
        assert str(stream(2)) in done.err
    assert not (tmp_path / "done").exists()
    assert raw.value(database, f"SELECT count(*) FROM {TABLES[0]}") == 0
    # By its UUID each of them is found, the legacy one before any cut-over.
    for number in (1, 2):
        done = run(str(stream(number)), "--dry-run", "--overwrite", *PASSED_ON)
        assert done.json["command"].partition(" restore-backup ")[2] == (
            "--file=/backups/23.dump --target=shop --overwrite --yes --disconnect --no-owner "
            "--size=1234"
        )


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_it_needs_a_command_or_a_backup_and_not_options_of_both(database: str, tmp_path: Path):
    done = here.run("run_restore", "--name=orders", check=False)
    assert (done.code, done.err) == (
        125,
        "Say what to run, after --, or which registered backup to restore, with --backup.\n",
    )
    for option in (*PASSED_ON, f"--file={tmp_path}"):
        done = run(str(stream(1)), option, "--", "touch", str(tmp_path / "done"))
        told = f"{option.partition('=')[0]} is for restoring a registered backup"
        assert (done.code, told in done.err) == (125, True)
    bare = record.register_backup(name="bare", actor="ada").what.id
    done = run(str(bare))
    told = f"The log does not say where the backup {bare} is. Say it with --file.\n"
    assert (done.code, done.err) == (125, told)
    assert list(tmp_path.glob("done")) == []
    assert raw.value(database, f"SELECT count(*) FROM {TABLES[0]}") == 0
