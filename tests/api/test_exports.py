"""Lists as files: what they hold, whose moment they are of, and that they are recorded."""

import csv
import io
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import urllib.request
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE
from threading import Event as Signal
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.db.models.expressions import RawSQL
from pyarrow import parquet

from api import accounts
from api.v1.exports.tables import TableColumns
from infrastructure.exports.cells import original
from infrastructure.exports.files import WRITERS
from infrastructure.exports.parquet_process import __name__ as WRITER
from projections.engine.catch_up import catch_up
from projections.engine.held_rows import held_rows
from projections.engine.rebuild import rebuild
from projections.history.as_of import rows_as_of
from projections.services import exports
from projections.system_backups.models import RestoreLog
from projections.verification import check_events
from tests.api.conftest import Reader
from tests.api.rows import NOON, backup, legacy, put, restore
from tests.bench.history.processor import peak
from tests.builders import requested
from tests.client.support import environment, restorelog
from tests.projections.histories import history, record
from tests.support import raw
from tests.support.service import ROOT
from tests.support.serving import family, processes
from tests.support.waiting import wait_until

SOURCE = "system_backups.RestoreLog"
HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\ufeff=1"),
    *("\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", "\u200b=1", "'=1", "'", "''", "a;=1", "a; -1;'b"),
    *('"=1"', 'a",=1', "=1\r\n=2", "", "plain", "a'b", "7", "-", ";", "é\u0301 日本 😀"),
]
AT_WORK = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
    "pid <> pg_backend_pid() AND state <> 'idle'"
)
RUN = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""What a cell must not begin with, after blanks and marks that a program may skip."""


def taken(auditor: Reader, contents: str, kind: str, **parameters: str) -> Any:
    """The response, with all of its bytes as `data`."""
    response = auditor.get(f"exports/{contents}/", format=kind, **parameters)
    response.data = b"".join(response.streaming_content)
    response.close()
    assert int(response["Content-Length"]) == len(response.data)
    assert f"{contents}-at-{response['Export-Position']}.{kind}" in response["Content-Disposition"]
    return response


def cells(data: bytes) -> list[dict[str, str]]:
    """A CSV file's rows, as a program that knows nothing of apostrophes reads them."""
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def lines(data: bytes) -> list[dict[str, Any]]:
    assert data == b"" or data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


def table(data: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(io.BytesIO(data)).to_pylist()
    return rows


def listed(reader: Reader, path: str, **parameters: str) -> list[dict[str, Any]]:
    """All rows of a list."""
    page = reader.json(path, page_size="1000", **parameters)
    assert page["next"] is None
    rows: list[dict[str, Any]] = page["results"]
    return rows


def same_in_list(row: dict[str, Any], kind: str) -> dict[str, Any]:
    """A row of an export as the list would show it, but for `attributes` and what the list cuts."""
    row = dict(row)
    for name, value in row.items():
        if isinstance(value, datetime):
            row[name] = value.isoformat().replace("+00:00", "Z")
        if isinstance(value, UUID):
            row[name] = str(value)
        if kind == "parquet" and name in ("extra", "state") and value is not None:
            row[name] = json.loads(value)
    assert row.pop("truncated") == ""
    return row


def exported(auditor: Reader, contents: str, kind: str, **parameters: str) -> list[dict[str, Any]]:
    read = lines if kind == "ndjson" else table
    data = taken(auditor, contents, kind, **parameters).data
    return [same_in_list(row, kind) for row in read(data)]


@pytest.fixture
def hostile(database: str) -> None:
    put(*(restore(id, name=text, message=text) for id, text in enumerate(HOSTILE, 1)))
    last = datetime(2262, 1, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    put(
        restore(
            2**62,
            name="all",
            source_backup_id=-5,
            is_overwrite=True,
            started_at=NOON.replace(microsecond=1),
            completed_at=last,
            duration_seconds=2**31 - 1,
            created_by_id="-7",
            created_by_username="=cmd",
            extra='{"=a":"=1","n":-1.50,"t":{"$":"decimal","v":"1.10"}}',
            validation="passed",
            warnings_count=0,
        )
    )


def test_no_cell_of_a_csv_file_is_run_and_each_can_be_told_from_the_original(
    auditor: Reader, hostile: None
):
    rows = cells(taken(auditor, "restores", "csv", ordering="id").data)
    assert [original(row["name"]) for row in rows] == [*HOSTILE, "all"]
    assert [original(row["message"]) for row in rows[:-1]] == HOSTILE
    for row in rows:
        for name in ("name", "message", "created_by", "created_by_username"):
            for part in row[name].split(";"):
                assert part.lstrip(" \u00a0\ufeff\u200b")[:1] not in RUN or part == "", row
    told = rows[-1]
    assert (told["source_backup"], told["id"]) == ("-5", str(2**62))
    assert (told["created_by"], told["created_by_username"]) == ("'-7", "'=cmd")
    assert told["started_at"] == "2025-06-01T12:00:00.000001Z"
    # Values that are not text have no quotes, so NULL differs from the empty text.
    empty = HOSTILE.index("") + 1
    (_, row, end) = taken(auditor, "restores", "csv", id=str(empty)).data.decode().split("\r\n")
    uuid = UUID(int=empty)
    assert row.startswith(f'{empty},{uuid},"",,"completed","database","manual","shop",false,,,,"",')
    assert end == ""


@pytest.mark.parametrize("kind", ["ndjson", "parquet"])
def test_a_file_has_the_rows_of_the_list_with_its_filters_and_in_its_order(
    auditor: Reader, hostile: None, kind: str
):
    put(*(legacy(id, name=f"=legacy {id}", status="failed") for id in range(1, 4)))
    put(*(backup(id, size_bytes=id * 10**12, status="expired") for id in range(1, 4)))
    for contents, path, parameters in (
        ("restores", "restores/", {}),
        (
            "restores",
            "restores/",
            {"ordering": "-name", "created_at_after": "2025-06-01T12:00:09Z"},
        ),
        ("restores", "restores/", {"search": "=1", "ordering": "-id"}),
        ("restores", "restores/", {"extra.n_isnull": "false"}),
        ("restores", "restores/", {"as_of": "now"}),
        (
            "restores",
            "restores/",
            {"since": "2025-06-01T12:00:05Z", "until": "2025-06-01T14:00:15+02:00"},
        ),
        ("legacy-restores", "legacy/restores/", {"status": "failed"}),
        ("backups", "backups/", {"status_in": "expired", "ordering": "id"}),
        ("backups", "backups/", {"never_restored": "false"}),
        ("backups", "backups/", {"version_max": "-63827681077"}),
    ):
        due = listed(auditor, path, **parameters)
        for row in due:
            row.pop("attributes", None)
            assert row.pop("message_truncated", False) is False
        found = exported(auditor, contents, kind, **parameters)
        assert found == due, (contents, parameters)
        assert found or {"as_of", "never_restored", "version_max"} & set(parameters)


def test_types_and_times_are_exact_in_parquet(auditor: Reader, hostile: None):
    data = taken(auditor, "restores", "parquet", name="all").data
    file = parquet.ParquetFile(io.BytesIO(data))
    (row,) = table(data)
    assert row["id"] == 2**62
    assert row["restore_id"] == UUID(int=2**62)
    assert row["is_overwrite"] is True
    assert row["started_at"] == NOON.replace(microsecond=1)
    assert row["completed_at"] == datetime(2262, 1, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    assert row["validation"] == "passed"
    assert (row["source_backup"], row["warnings_count"], row["duration_seconds"]) == (
        *(-5, 0, 2**31 - 1),
    )
    types = {field.name: str(field.type) for field in file.schema_arrow}
    assert types["started_at"] == "timestamp[us, tz=UTC]"
    assert types["id"] == types["duration_seconds"] == "int64"
    assert types["is_overwrite"] == "bool"
    assert types["restore_id"] == "extension<arrow.uuid>"
    about = file.metadata.metadata
    assert about[b"restore-log-export"] == b"restores"
    assert about[b"parameter name"] == b"all"


def test_a_long_value_is_cut_and_named(auditor: Reader, database: str):
    put(restore(1, message="é" * 70_000, extra=json.dumps({"a": 1, "b": "x" * 70_000})))
    (row,) = lines(taken(auditor, "restores", "ndjson").data)
    assert row["message"] == "é" * 65_536
    assert row["extra"]["a"] == 1
    assert row["truncated"] == "message,extra"


def test_the_log_is_a_list_too(auditor: Reader, database: str):
    record(history(5, 90))
    record([requested(3_000, name="=cmd")])
    catch_up()
    for parameters in (
        {"position_max": "70"},
        {"topic": "restore.Requested", "ordering": "-position"},
    ):
        due = listed(auditor, "audit/events/", **parameters)
        for event in due:
            del event["cursor"]
        for kind in ("ndjson", "parquet"):
            assert exported(auditor, "audit-events", kind, **parameters) == due
    rows = cells(taken(auditor, "audit-events", "csv", topic="restore.Requested").data)
    assert json.loads(rows[-1]["state"])["name"] == "=cmd"
    assert rows[-1]["actor"] == due[0]["actor"]


@pytest.mark.parametrize("kind", list(WRITERS))
def test_a_service_that_has_recorded_nothing_has_files_without_rows(
    auditor: Reader, database: str, kind: str
):
    for contents in auditor.json("exports/"):
        parameters = {"as_of": "now"} if contents == "restores" else {}
        response = taken(auditor, contents, kind, **parameters)
        read = {"csv": cells, "ndjson": lines, "parquet": table}[kind]
        rows = [row for row in read(response.data) if "ExportTaken" not in str(row)]
        assert rows == []
        if contents != "audit-events":
            assert response["Export-Rows"] == "0"


def test_a_file_is_of_one_position_while_others_write(auditor: Reader, database: str):
    events = history(11, 60)
    record(events[:100])
    catch_up()
    done = Signal()

    def write() -> None:
        for event in events[100:]:
            record([event])
            catch_up()
        done.set()
        connections.close_all()

    positions = set()
    with ThreadPoolExecutor(1) as writer:
        written = writer.submit(write)
        while not done.is_set() or not positions:
            response = taken(auditor, "restores", "ndjson", ordering="id")
            position = int(response["Export-Position"])
            positions.add(position)
            due = list(rows_as_of(SOURCE, position, scope="native"))
            shown = [(row["id"], row["version"], row["status"]) for row in lines(response.data)]
            assert shown == [(row["id"], row["version"], row["status"]) for row in due]
        written.result()
    assert len(positions) > 2


def test_a_switch_of_tables_goes_on_while_an_export_is_read(database: str):
    record(history(7, 150))
    catch_up()
    due = list(RestoreLog.objects.order_by("id").values_list("id", "version"))
    rows = RestoreLog.objects.order_by("id").values_list("id", "version")

    def switch() -> None:
        rebuild()
        record([requested(4_000)])
        catch_up()
        connections.close_all()

    with held_rows(rows, SOURCE, 10) as (generation, found), ThreadPoolExecutor(1) as other:
        assert generation is not None
        first = next(found)
        other.submit(switch).result()
        assert [first, *found] == due
    assert RestoreLog.objects.count() == len(due) + 1


def test_taking_a_file_is_an_event_and_who_may_not_leaves_none(
    auditor: Reader, viewer: Reader, database: str, hostile: None
):
    viewer.problem("exports/restores/", 403)
    auditor.problem("exports/restores/", 400, status_="failed")
    auditor.problem("exports/restores/", 400, page_size="5")
    auditor.problem("exports/restores/", 400, ordering="extra")
    assert auditor.problem("exports/restores/", 404, format="xlsx")["code"] == "format_unknown"
    assert auditor.client.head("/api/v1/exports/restores/").status_code == 405
    response = taken(auditor, "restores", "csv", name="=1+1", sign="false")
    (event,) = auditor.json("audit/events/", topic="administration.ExportTaken", words="true")[
        "results"
    ]
    assert event["position"] == int(response["Export-Event"])
    assert event["actor"] == "a-auditor"
    assert event["state"] == {
        "contents": "restores",
        "file_format": "csv",
        "parameters": {"name": "=1+1"},
        "log_position": 0,
        "rows": 1,
        "size_bytes": len(response.data),
        "sha256": check_events.hashlib.sha256(response.data).hexdigest(),
        "signed": False,
    }
    assert event["what"] == "took 1 row of restores as csv, as of position 0: name==1+1"


def test_a_signed_file_is_refused_after_any_change(
    auditor: Reader, hostile: None, public_key: Path, tmp_path: Path
):
    file, statement = tmp_path / "restores.csv", tmp_path / "statement.json"

    def check(data: bytes, said: bytes, key: Path | None = public_key) -> tuple[int, str]:
        file.write_bytes(data)
        statement.write_bytes(said)
        try:
            return check_events.check_statement(file, statement, key)
        except check_events.Refused as error:
            return 1, f"REFUSED: {error}"

    response = taken(auditor, "restores", "csv", id_max="2", sign="true")
    data, said = response.data, b64decode(response["Export-Statement"])
    code, told = check(data, said)
    assert (code, "2 rows of restores as of position 0, taken by a-auditor" in told) == (0, True)
    for at in range(0, len(data), 7):
        assert check(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], said)[0] == 1
    assert check(data[:-1], said)[0] == 1
    for at in range(len(said)):
        changed = said[:at] + bytes([said[at] ^ 1 << at % 7]) + said[at + 1 :]
        assert check(data, changed)[0] == 1, at
    assert check(data, said, None)[1].startswith("NOT PROVEN")
    content = json.loads(said)
    for name in content[check_events.STATEMENT]:
        kept = {k: v for k, v in content[check_events.STATEMENT].items() if k != name}
        lacking = content | {check_events.STATEMENT: kept}
        told = check(data, check_events.canonical(lacking) + b"\n", None)[1]
        assert told.startswith("REFUSED: ")
    other = content | {check_events.STATEMENT: content[check_events.STATEMENT] | {"rows": 3}}
    told = check(data, check_events.canonical(other) + b"\n")[1]
    assert told == "REFUSED: the statement was changed after it was signed"
    assert auditor.problem("exports/restores/", 400, sign="true", name="x" * 999, search="y " * 9,
                           message="z" * 999)["code"] == "query_too_long_to_sign"  # fmt: skip


def test_what_cannot_be_written_is_refused_whole(
    auditor: Reader, database: str, settings: Any, tmp_path: Path, monkeypatch: Any
):
    def refused(expect: int) -> str:
        return str(auditor.problem("exports/restores/", expect)["code"])

    put(restore(1, message="x" * 900))
    folder = tmp_path / "exports"
    settings("EXPORT_FOLDER", str(folder))
    assert refused(507) == "no_room_for_export"
    folder.mkdir()
    monkeypatch.setattr("infrastructure.exports.files.LEFT_FREE", 2**63)
    assert refused(507) == "no_room_for_export"
    monkeypatch.undo()
    settings("EXPORT_FOLDER", str(folder))
    with exports._one_at_a_time:
        assert refused(503) == "export_busy"
    assert list(folder.iterdir()) == []
    assert taken(auditor, "restores", "csv")["Export-Rows"] == "1"


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def write_nothing(pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))


def test_if_the_process_that_writes_ends_early_there_is_an_error_and_no_file(
    auditor: Reader, database: str, settings: Any, tmp_path: Path, monkeypatch: Any
):
    put(*(restore(id) for id in range(1, 4)))
    folder = tmp_path / "exports"
    folder.mkdir()
    settings("EXPORT_FOLDER", str(folder))
    row, us = TableColumns.row, os.getpid()
    for happens, expect, code in (
        (kill, 503, "export_failed"),
        (write_nothing, 507, "no_room_for_export"),
    ):
        left = [happens]

        def shaped(columns: TableColumns, values: tuple[Any, ...], left: Any = left) -> Any:
            if left:
                wait_until(lambda: bool(writing(us)))  # it has no name for a moment
                (pid,) = writing(us)
                left.pop()(pid)
            return row(columns, values)

        monkeypatch.setattr(TableColumns, "row", shaped)
        assert auditor.problem("exports/restores/", expect, format="parquet")["code"] == code
        assert (left, writing(us), open_files(us, folder)) == ([], [], 0)
    assert auditor.json("audit/events/", topic="administration.ExportTaken")["results"] == []
    assert taken(auditor, "restores", "parquet")["Export-Rows"] == "3"


def writing(pid: int) -> list[int]:
    """The processes below this one that write files."""
    found = []
    for one in family(pid):
        with suppress(FileNotFoundError, ProcessLookupError):
            if WRITER in Path(f"/proc/{one}/cmdline").read_text():
                found.append(one)
    return found


ENDLESS = {
    "postgresql": "(SELECT count(*) FROM pg_sleep(600))",
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) FROM n)",
}


def test_the_database_does_not_collect_rows_for_ever(
    auditor: Reader, database: str, vendor: str, monkeypatch: Any, settings: Any
):
    put(restore(1))
    read = TableColumns.read

    def slowly(columns: TableColumns, rows: Any) -> Any:
        return read(columns, rows.alias(slow=RawSQL(ENDLESS[vendor], ())).filter(slow__gt=-1))

    monkeypatch.setattr(TableColumns, "read", slowly)
    settings("EXPORT_SECONDS", 0.3)
    assert auditor.problem("exports/restores/", 503)["code"] == "export_too_slow"
    monkeypatch.undo()
    # The connection is as good as new.
    assert taken(auditor, "restores", "csv")["Export-Rows"] == "1"


def multiply(url: str, vendor: str, doublings: int) -> None:
    """Twice as many restores, so often, each with an id and a UUID of its own."""
    columns = [field.column for field in RestoreLog._meta.concrete_fields]
    new = "gen_random_uuid()" if vendor == "postgresql" else "lower(hex(randomblob(16)))"
    for doubling in range(doublings):
        changed = {"id": f"id + {2**doubling}", "restore_id": new}
        selected = ", ".join(changed.get(column, column) for column in columns)
        name = RestoreLog._meta.db_table
        raw.execute(url, f"INSERT INTO {name} ({', '.join(columns)}) SELECT {selected} FROM {name}")


def open_files(pid: int, folder: Path) -> int:
    """How many files without a name it and the processes below have open in this folder."""
    links = [one for each in family(pid) for one in Path(f"/proc/{each}/fd").iterdir()]
    return sum(os.readlink(one).startswith(f"{folder}/") for one in links if os.path.lexists(one))


def test_memory_does_not_grow_with_rows_and_a_receiver_that_goes_away_leaves_nothing(
    database: str, vendor: str, tmp_path: Path
):
    token = accounts.new_token(accounts.create("ada", roles=["auditor"]))
    put(restore(1, message="m" * 16_000))
    connections.close_all()
    folder = tmp_path / "exports"
    folder.mkdir()
    env = {"EXPORT_FOLDER": str(folder), "EXPORT_SECONDS": "300"}
    with processes(database, env=env) as server:

        def download(kind: str) -> int:
            url = f"{server.address}/api/v1/exports/restores/?format={kind}"
            headers = {"Authorization": f"Token {token}"}
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
                while answer.read(65_536):
                    pass
                return int(answer.headers["Export-Rows"])

        assert [download(kind) for kind in WRITERS] == [1, 1, 1]
        before = server.peak()
        multiply(database, vendor, 12)
        assert [download(kind) for kind in WRITERS if kind != "parquet"] == [2**12] * 2
        held = [0]
        with ThreadPoolExecutor(1) as other:
            file = other.submit(download, "parquet")

            def sent() -> bool:
                held.extend(map(peak, writing(server.process.pid)))
                return file.done()

            wait_until(sent)
            assert file.result() == 2**12
        # As rows of Python they would take more than 70 MB.
        assert server.peak() - before < 40_000_000
        assert 0 < max(held) < 130_000_000
        host, port = server.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as line:
            line.sendall(
                b"GET /api/v1/exports/restores/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Authorization: Token %s\r\n\r\n" % token.encode()
            )
            assert line.recv(100).startswith(b"HTTP/1.1 200")
            assert open_files(server.process.pid, folder) == 1
            if vendor == "postgresql":
                # Another thread of the server may ask something at this moment.
                wait_until(lambda: raw.value(database, AT_WORK) == 0)
        wait_until(lambda: open_files(server.process.pid, folder) == 0)
        # The place is free again, and the client reads all of it.
        env = environment(tmp_path, server.address, str(token))
        out = tmp_path / "restores.ndjson"
        told = restorelog("export", "restores", "--format", "ndjson", "--filter", "id_max=2000",
                          "--out", str(out), env=env)  # fmt: skip
        assert (told.code, told.out) == (0, ""), told
        assert "2000 rows as of position" in told.err
        assert len(out.read_bytes().splitlines()) == 2_000
        refused = restorelog("export", "restores", "--out", str(out), "--filter", "x=1", env=env)
        assert (refused.code, "no parameter 'x'" in refused.err) == (2, True), refused
        words = [sys.executable, "-m", "api.client", "export", "restores"]
        with subprocess.Popen(words, env=env, stdout=PIPE, stderr=PIPE, cwd=ROOT) as client:
            assert client.stdout is not None
            assert client.stderr is not None
            begun = client.stdout.read(100)
            assert begun.startswith(b'"id",'), client.communicate()
            server.process.kill()
            server.process.wait()
            client.stdout.read()
            assert b"the file was cut off after" in client.stderr.read()
        assert client.returncode == 2
        assert sorted(tmp_path.glob("*.partial")) == []
