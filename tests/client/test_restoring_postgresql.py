"""Dumps of PostgreSQL are restored, on a real server."""

import gzip
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.client.postgresql import PostgreSQL, dump
from tests.client.test_restoring_files import refused, restore
from tests.support import postgres
from tests.support.service import Result
from tests.support.waiting import wait_until

FORMATS = ("custom", "directory", "tar", "plain")


@pytest.fixture(scope="module")
def source() -> Iterator[tuple[PostgreSQL, str]]:
    """A database with a few tables."""
    server = PostgreSQL(postgres.server().url)
    url = postgres.fresh_database()
    name = urlsplit(url).path[1:]
    server.run(
        name,
        "CREATE TABLE orders (id integer PRIMARY KEY, what text)",
        "INSERT INTO orders SELECT n, 'thing ' || n FROM generate_series(1, 3000) n",
        'CREATE SCHEMA "My shop"',
        'CREATE TABLE "My shop"."a ""b" (line text)',
        """INSERT INTO "My shop"."a ""b" VALUES (E'\\\\connect elsewhere')""",
    )
    yield server, name
    postgres.drop_database(url)


@pytest.fixture
def server(source: tuple[PostgreSQL, str], monkeypatch: pytest.MonkeyPatch) -> PostgreSQL:
    """The server, with its programs on the PATH and its login in the environment."""
    source[0].log_in(monkeypatch)
    return source[0]


@pytest.mark.parametrize("how", FORMATS)
def test_a_dump_becomes_a_new_database_or_replaces_one_that_is_kept(
    how: str, source: tuple[PostgreSQL, str], server: PostgreSQL, tmp_path: Path
):
    backup = dump(source[1], tmp_path / "backup", how)
    if how == "plain":
        backup = tmp_path / "backup.gz"
        backup.write_bytes(gzip.compress((tmp_path / "backup").read_bytes()))
    contents = tmp_path / "contents"
    contents.write_text(json.dumps({"public.orders": 3000, 'My shop.a "b': 1}))
    target = Path(f"re'st\"ored {how}")
    done = restore(backup, target, f"--contents={contents}")
    assert (done.code, done.err.count("\n")) == (0, 1), done
    assert "restorelog progress 100% swapping" in done.out

    server.run(str(target), "DELETE FROM orders", "CREATE TABLE later ()")
    refused(restore(backup, target), 2, "exists already")
    done = restore(backup, target, "--overwrite", f"--contents={contents}")
    assert done.code == 0, done
    assert server.run(str(target), "SELECT count(*) FROM orders") == [(3000,)]
    assert server.databases(str(target)) == [str(target), f"{target}_before"]
    remove = done.out.partition("To remove it: ")[2].splitlines()[0]
    subprocess.run(remove, shell=True, check=True)
    server.run("postgres", f'DROP DATABASE "{str(target).replace(chr(34), chr(34) * 2)}"')


def test_what_is_not_right_leaves_the_database_as_it_was(
    source: tuple[PostgreSQL, str],
    server: PostgreSQL,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    backup, target = dump(source[1], tmp_path / "backup", "custom"), Path("wrong")
    plain = dump(source[1], tmp_path / "plain", "plain")
    server.run("postgres", "CREATE DATABASE wrong")
    server.run("wrong", "CREATE TABLE kept ()")

    def fails(backup: Path, code: int, *words: str, more: tuple[str, ...] = ()) -> Result:
        done = restore(backup, target, "--overwrite", *more)
        refused(done, code, *words)
        return done

    size = backup.stat().st_size
    (tmp_path / "contents").write_text('{"public.orders": 2999}')
    contents = (f"--contents={tmp_path / 'contents'}",)
    fails(backup, 1, "public.orders has 3000 instead of 2999", more=contents)
    fails(backup, 1, "was changed", more=(f"--checksum=sha256:{'0' * 64}",))
    fails(backup, 2, "was registered as plain", more=("--format=plain",))
    with monkeypatch.context() as patched:
        patched.setenv("PGPASSWORD", "wr0ng-passw0rd")
        done = fails(backup, 1, "password authentication failed")
        assert "wr0ng-passw0rd" not in done.out + done.err
    with monkeypatch.context() as patched:
        patched.setenv("PATH", "/nowhere")
        fails(backup, 127, "psql is needed for this")
    left = "wrong_restoring_20260301T120000"
    server.run("postgres", f'CREATE DATABASE "{left}"')
    with closing(server.connect("wrong")) as user:
        pid = user.info.backend_pid
        done = fails(backup, 2, "wrong is in use by postgres", f"(pid {pid})")
    assert f"or is still at work, made {left}. To remove it: dropdb {left}\n" in done.err
    server.run("postgres", f'DROP DATABASE "{left}"')
    lines = plain.read_text()
    plain.write_text(lines.partition("PostgreSQL database dump complete")[0])
    fails(plain, 1, "was cut short")
    plain.write_text(lines.replace("SET row_security", "\\connect postgres\nSET row_security"))
    fails(plain, 2, "leaves the target", "\\connect")
    plain.write_text(lines.replace("CREATE TABLE public.orders", "CREATE TABLE nowhere.orders"))
    fails(plain, 1, 'schema "nowhere" does not exist')
    os.truncate(backup, size // 2)
    fails(backup, 1, "pg_restore failed with exit code 1")
    assert server.databases("wrong") == ["wrong"]
    assert server.run("wrong", "SELECT relname FROM pg_class WHERE relname = 'kept'")


def test_connections_are_ended_when_asked_and_owner_and_encoding_are_kept(
    source: tuple[PostgreSQL, str], server: PostgreSQL, tmp_path: Path
):
    backup = dump(source[1], tmp_path / "backup", "custom")
    server.run(
        "postgres",
        "CREATE ROLE shopkeeper",
        "CREATE DATABASE shop OWNER shopkeeper TEMPLATE template0 ENCODING 'LATIN1' "
        "LOCALE_PROVIDER libc LOCALE 'C'",
        "ALTER DATABASE shop SET statement_timeout TO '7s'",
    )
    with closing(server.connect("shop")) as user:
        done = restore(backup, Path("shop"), "--overwrite", "--disconnect")
        assert done.code == 0, done
        with pytest.raises(psycopg.OperationalError):
            user.execute("SELECT 1")
    assert "shop has settings (statement_timeout=7s) of its own" in done.err
    assert server.run(
        "postgres",
        "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database "
        "WHERE datname = 'shop'",
    ) == [("shopkeeper", "LATIN1")]


def test_autovacuum_at_work_is_no_user_of_the_database(
    source: tuple[PostgreSQL, str], server: PostgreSQL, tmp_path: Path
):
    backup = dump(source[1], tmp_path / "backup", "custom")
    server.run("postgres", "CREATE DATABASE tidied")
    server.run(
        "tidied",
        "CREATE TABLE slow (n integer) WITH (autovacuum_vacuum_threshold = 1, "
        "autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_cost_delay = 100)",
        "INSERT INTO slow SELECT generate_series(1, 50000)",
        "DELETE FROM slow",
        "ALTER SYSTEM SET autovacuum_naptime = '1s'",
        "SELECT pg_reload_conf()",
    )
    at_work = "SELECT 1 FROM pg_stat_activity WHERE datname = 'tidied' AND query ~ 'VACUUM.*slow'"
    try:
        wait_until(lambda: bool(server.run("postgres", at_work)))
        done = restore(backup, Path("tidied"), "--overwrite")
        assert done.code == 0, done
    finally:
        server.run("postgres", "ALTER SYSTEM RESET autovacuum_naptime", "SELECT pg_reload_conf()")
    assert server.run("tidied", "SELECT count(*) FROM orders") == [(3000,)]


def test_a_swap_that_fails_leaves_the_old_database_and_says_where_the_new_one_is(
    source: tuple[PostgreSQL, str],
    server: PostgreSQL,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    backup = dump(source[1], tmp_path / "backup", "custom")
    server.run("postgres", "CREATE DATABASE busy")
    server.run("busy", "CREATE TABLE kept ()")
    programs = tmp_path / "programs"
    programs.mkdir()
    psql = programs / "psql"
    # The second of the two renames fails, as if somebody had taken the name meanwhile.
    psql.write_text(
        "#!/bin/bash\n"
        'for word; do [[ $word == *"RENAME TO \\"busy\\"" ]] && word="--command=SELECT 1/0"; '
        'words+=("$word"); done\n'
        f'exec {postgres.programs()}/psql "${{words[@]}}"\n'
    )
    psql.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    done = restore(backup, Path("busy"), "--overwrite")
    refused(done, 1, "division by zero", "The restored data is in the database busy_restoring_")
    assert server.databases("busy") == ["busy", "busy_restoring"]
    assert server.run("busy", "SELECT relname FROM pg_class WHERE relname = 'kept'")
