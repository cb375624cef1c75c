"""Dumps of MariaDB are restored, on a real server."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql
import pytest

from tests.client.registered import TABLES, WHOLE, newest, registered, share_a_spool, topics
from tests.client.registered import run as restored_by_id
from tests.client.test_restoring_files import refused, restore
from tests.support import mariadb

pytestmark = pytest.mark.system


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with a few rows; the server's login is in the environment."""
    parts = urlsplit(mariadb.fresh_database())
    login = {
        "MYSQL_HOST": parts.hostname,
        "MYSQL_TCP_PORT": str(parts.port),
        "MYSQL_USER": parts.username,
        "MYSQL_PWD": unquote(parts.password or ""),
    }
    for name, value in login.items():
        monkeypatch.setenv(name, value or "")
    name = parts.path[1:]
    run(name, "CREATE TABLE `order``s` (id INTEGER PRIMARY KEY, what TEXT)")
    run(name, "INSERT INTO `order``s` VALUES (1, 'one\nUSE `elsewhere`'), (2, 'é')")
    run(name, "CREATE TRIGGER t BEFORE INSERT ON `order``s` FOR EACH ROW SET NEW.what = 'x'")
    run(name, "CREATE VIEW v AS SELECT count(*) FROM `order``s`")
    return name


def run(database: str, statement: str) -> Any:
    with (
        pymysql.connect(
            host=os.environ["MYSQL_HOST"],
            port=int(os.environ["MYSQL_TCP_PORT"]),
            user=os.environ["MYSQL_USER"],
            password=os.environ["MYSQL_PWD"],
            database=database,
            autocommit=True,
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        return cursor.fetchall()


def dump(name: str, path: Path, *more: str) -> Path:
    login = [f"--{one}={os.environ[f'MYSQL_{one.upper()}']}" for one in ("user", "host")]
    login.append(f"--port={os.environ['MYSQL_TCP_PORT']}")
    with path.open("wb") as file:
        subprocess.run(["mariadb-dump", *login, *more, name], stdout=file, check=True)
    return path


def databases(prefix: str) -> list[str]:
    return [name for (name,) in run("mysql", "SHOW DATABASES") if name.startswith(prefix)]


@pytest.mark.parametrize("pack", ["", "gzip", "zstd"])
def test_a_dump_becomes_a_new_database_or_with_consent_replaces_one(
    source: str, tmp_path: Path, pack: str
):
    backup = dump(source, tmp_path / "backup")
    if pack:
        subprocess.run([pack, "-q", backup], check=True)
        backup = next(one for one in tmp_path.glob("backup.*"))
    (tmp_path / "contents").write_text(json.dumps({"order`s": 2}))
    contents = f"--contents={tmp_path / 'contents'}"
    target = Path(f"{source}_new")
    done = restore(backup, target, contents)
    assert done.code == 0, done
    run(str(target), "DELETE FROM `order``s`")
    left = f"{target}_restoring_20260301T120000"
    run(source, f"CREATE DATABASE `{left}`")
    done = restore(backup, target)
    refused(done, 2, "exists already")
    assert f"or is still at work, made {left}. To remove it: DROP DATABASE" in done.err
    run(source, f"DROP DATABASE `{left}`")
    refused(restore(backup, target, "--overwrite"), 2, "cannot rename databases", "--yes")
    assert run(str(target), "SELECT * FROM v") == ((0,),)
    done = restore(backup, target, "--overwrite", "--yes", contents)
    assert done.code == 0, done
    assert run(str(target), "SELECT * FROM v") == ((2,),)
    assert databases(str(target)) == [str(target)]


def test_what_is_not_right_leaves_the_database_as_it_was(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    backup, target = dump(source, tmp_path / "backup"), Path(f"{source}_old")
    run(source, f"CREATE DATABASE `{target}`")
    run(str(target), "CREATE TABLE kept (id INTEGER)")

    def fails(code: int, *words: str) -> None:
        done = restore(backup, target, "--overwrite", "--yes")
        refused(done, code, *words)
        assert databases(str(target)) == [str(target)]
        assert run(str(target), "SELECT count(*) FROM kept") == ((0,),)

    whole = backup.read_text()
    with monkeypatch.context() as patched:
        patched.setenv("PATH", "/nowhere")
        refused(restore(backup, target), 127, "mariadb or mysql is needed")
    right = os.environ["MYSQL_PWD"]
    os.environ["MYSQL_PWD"] = "wr0ng-passw0rd"
    done = restore(backup, target)
    os.environ["MYSQL_PWD"] = right
    refused(done, 1, "Access denied")
    assert "wr0ng-passw0rd" not in done.out + done.err
    backup.write_text(whole.replace("INSERT INTO", "INSERT INTO nowhere."))
    fails(1, "failed with exit code 1")
    backup.write_text(whole.partition("-- Dump completed")[0])
    fails(1, "was cut short")
    dump(source, backup, "--databases")
    fails(2, "leaves the target", "--databases")


def test_a_registered_dump_is_restored_by_run_restore_and_recorded(
    database: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    share_a_spool(tmp_path, monkeypatch)
    backup, target = registered(dump(source, tmp_path / "backup")), f"{source}_by_id"
    for more in ([], ["--overwrite", "--yes"]):
        done = restored_by_id(backup, f"--target={target}", *more)
        assert (done.code, run(target, "SELECT * FROM v")) == (0, ((2,),))
        assert topics(done) == WHOLE
        for table in TABLES:
            assert newest(database, "status, target_database", table) == ("completed", target)
        assert newest(database, "validation") == ("passed",)
        run(target, "DELETE FROM `order``s`")
    for more, code, why in (
        (["--overwrite"], 2, "cannot rename databases"),
        ([], 2, "exists already"),
        (["--overwrite", "--yes", f"--file={tmp_path / 'cut'}"], 1, "was registered with"),
    ):
        (tmp_path / "cut").write_bytes((tmp_path / "backup").read_bytes()[:-30])
        done = restored_by_id(backup, f"--target={target}", *more)
        assert (done.code, done.json["status"]) == (code, "failed")
        assert why in newest(database, "message")[0]
    assert run(target, "SELECT * FROM v") == ((0,),)
    monkeypatch.setenv("MYSQL_PWD", "wr0ng-passw0rd")
    done = restored_by_id(backup, f"--target={target}")
    assert (done.code, "Access denied" in newest(database, "message")[0]) == (1, True)
