"""A certificate that was changed, made to fit, and signed with the service's own key is refused.

Each way is tried on what a real service wrote of a host with rows of all kinds: legacy rows after
a cut-over, quarantined ones, and rows recorded here.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections
from django.test import override_settings

from infrastructure.documents.keys import make_key
from tests.conftest import fresh, use
from tests.projections.verification.conftest import Service, empty
from tests.projections.verification.re_signing import Audited
from tests.projections.verification.test_amended import record
from tests.sample_host import make_host
from tests.support import checking, here

BACKUPS, RESTORES = "system_backups.BackupLog", "system_backups.RestoreLog"
LEGACY_BACKUPS, LEGACY = "database_management.BackupLog", "database_management.RestoreLog"
LABELS = (LEGACY_BACKUPS, LEGACY, BACKUPS, RESTORES)
Forgery = Callable[[Audited], None]


@pytest.fixture(scope="session")
def original(
    templates: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Makes the files of a certificate, once for each kind of database."""
    made: dict[str, Path] = {}

    def make(vendor: str) -> Path:
        if vendor in made:
            return made[vendor]
        folder = tmp_path_factory.mktemp("certified")
        service = Service(vendor, empty(vendor, folder), fresh(templates, vendor, folder))
        make_host(service.host, rows=12, seed=41, odd_rows=False, quarantine=2)
        (folder / "public.pem").write_bytes(make_key(folder / "private.pem").public.pem)
        key = str(folder / "private.pem")
        with override_settings(SIGNING_KEY_FILE=key, SIGNING_KEY_IS_OURS=False):
            service.import_again()
            record(service)
            use(service.url)
            here.run(
                *("cut_over", "--yes", "--accept-quarantined", "2", "--reason", "agreed"),
                *("--snapshot", str(folder / "snapshot.sqlite3")),
                *("--certificate", str(folder / "certificate.json")),
                *("--export", str(folder / "rows.ndjson")),
                source=service.host,
            )
            here.run(
                *("verify", "--certificate", str(folder / "later.json")),
                *("--export-events", str(folder / "events.ndjson")),
                source=service.host,
                check=False,
            )
            here.run("anchor", "--out", str(folder / "anchor.json"))
        connections.close_all()
        checking.host_digests(service.host, folder / "host.json")
        made[vendor] = folder
        return folder

    return make


@pytest.fixture
def audited(original: Callable[[str], Path], vendor: str, tmp_path: Path) -> Audited:
    """A copy of the files for one test."""
    folder = tmp_path / "audited"
    shutil.copytree(original(vendor), folder)
    return Audited(folder, folder / "public.pem")


def log_files(audited: Audited) -> tuple[str | Path, ...]:
    return "--events", audited.events, "--anchor", audited.folder / "anchor.json"


# --- the ways --------------------------------------------------------------------------------


def emptied(*labels: str) -> Forgery:
    def forge(files: Audited) -> None:
        files.drop(lambda row: row["table"] in labels)
        keep = [row for row in files.content["quarantined"]["rows"] if row["table"] not in labels]
        files.content["quarantined"]["rows"] = keep

    return forge


def without_a_row(label: str) -> Forgery:
    def forge(files: Audited) -> None:
        gone = files.of(label)[1]
        files.drop(lambda row: row is gone)

    return forge


def one_too_many(label: str) -> Forgery:
    def forge(files: Audited) -> None:
        row = files.of(label)[0]
        pk = 1 + max(r["pk"] for r in files.rows if r["pk"] < files.content["host"]["id_offset"])
        files.rows.append({**row, "pk": pk, "cells": list(row["cells"])})
        files.put(files.rows[-1], "id", f"i{len(str(pk))}:{pk}")

    return forge


def says(label: str, column: str, cell: str) -> Forgery:
    """One row says something else: the first that did not say it before."""

    def forge(files: Audited) -> None:
        row = next(row for row in files.of(label) if files.cell(row, column) != cell)
        files.put(row, column, cell)

    return forge


def legacy_row_says(column: str, cell: str) -> Forgery:
    def forge(files: Audited) -> None:
        offset = files.content["host"]["id_offset"]
        row = next(
            row
            for row in files.of(RESTORES)
            if offset <= row["pk"] < 2 * offset and files.cell(row, column) != cell
        )
        files.put(row, column, cell)

    return forge


def swapped(files: Audited) -> None:
    one, other = (
        next(r for r in files.of(RESTORES) if files.cell(r, "status") == status)
        for status in ("t9:completed", "t6:failed")
    )
    files.put(one, "status", "t6:failed")
    files.put(other, "status", "t9:completed")


def at_another_place(files: Audited) -> None:
    """Every legacy row stands one further, and so does the backup that it names."""
    offset = files.content["host"]["id_offset"]
    for row in files.of(RESTORES):
        if offset <= row["pk"] < 2 * offset:
            row["pk"] += 1_000_000
            files.put(row, "id", f"i{len(str(row['pk']))}:{row['pk']}")


def without_the_legacy_rows(files: Audited) -> None:
    offset = files.content["host"]["id_offset"]
    files.drop(lambda row: row["side"] == "projection" and offset <= row["pk"] < 2 * offset)
    kept = [row for row in files.content["quarantined"]["rows"] if row["pk"] < offset]
    files.content["quarantined"]["rows"] = kept


def held_back(by: str) -> Forgery:
    """A row that fits is taken out, and listed as one that does not."""

    def forge(files: Audited) -> None:
        for label, shift in ((LEGACY, 0), (RESTORES, files.content["host"]["id_offset"])):
            gone = files.of(LEGACY)[0]["pk"] + shift
            files.drop(
                lambda row, label=label, gone=gone: (row["table"], row["pk"]) == (label, gone)
            )
            why = "NULL, and the column is NOT NULL"
            files.content["quarantined"]["rows"].append(
                {"table": label, "pk": gone, "column": "created_at", "reason": why, "by": by}
            )
        files.content["quarantined"]["rows"].sort(key=lambda row: (row["table"], row["pk"]))

    return forge


def for_another_reason(files: Audited) -> None:
    files.content["quarantined"]["rows"][0]["reason"] = "not a whole number"


def for_another_column(files: Audited) -> None:
    files.content["quarantined"]["rows"][0]["column"] = "duration_seconds"


def not_listed(files: Audited) -> None:
    key = files.content["quarantined"]["rows"][0]["pk"] % files.content["host"]["id_offset"]
    files.content["quarantined"]["rows"] = [
        row
        for row in files.content["quarantined"]["rows"]
        if row["pk"] % files.content["host"]["id_offset"] != key
    ]


def of_a_row_that_is_not_there(files: Audited) -> None:
    row = files.content["quarantined"]["rows"][0]
    files.content["quarantined"]["rows"].append({**row, "pk": 987_654})


def moved(label: str) -> Forgery:
    def forge(files: Audited) -> None:
        files.content["projections"][label]["position"] = files.content["log"]["position"] + 1

    return forge


def at_position(position: int) -> Forgery:
    """The log ends long before it could hold what the tables do."""

    def forge(files: Audited) -> None:
        log = files.content["log"]
        heads = {at: head for at, head in log["heads"].items() if int(at) <= position}
        for at in range(1, position + 1):
            heads[str(at)] = "7" * 64
        files.content["log"] = {
            "position": position, "chain_head": "7" * 64, "heads": heads,
        }  # fmt: skip
        for said in files.content["projections"].values():
            said["position"] = position

    return forge


def of_another_host(files: Audited) -> None:
    files.content["host"]["id"] = "0b3c6f4e-1111-4222-8333-944455566677"


def by_another_offset(files: Audited) -> None:
    files.content["host"]["id_offset"] += 1


def with_less_columns(files: Audited) -> None:
    for row in files.of(RESTORES):
        row["cells"].pop(files.columns(row).index("is_overwrite"))
    files.content["projections"][RESTORES]["columns"].remove("is_overwrite")


def of_other_types(files: Audited) -> None:
    """As if no column of the host were of times, so that none of its rows fits."""
    for table in files.content["host_tables"].values():
        table["types"] = ["text"] * len(table["types"])


def with_another_host(files: Audited) -> None:
    row = next(row for row in files.of("system_backups_restorelog"))
    shown = next(r for r in files.of(RESTORES) if r["pk"] == row["pk"])
    for one in (row, shown):
        files.put(one, "message", "t17:nothing happened.")


def with_a_smaller_host(files: Audited) -> None:
    gone = files.of("system_backups_restorelog")[2]["pk"]
    files.drop(
        lambda row: row["pk"] == gone and row["table"] in (RESTORES, "system_backups_restorelog")
    )


def with_an_empty_host(files: Audited) -> None:
    files.rows = []
    files.content["quarantined"]["rows"] = []


def of_format_1(files: Audited) -> None:
    """All tables empty, in the older format, which says less."""
    content = files.content
    content["format"] = "restore-log-certificate/1"
    del content["log"]["heads"]
    for table in content["host_tables"].values():
        del table["types"]
    content["quarantined"]["rows"] = []
    files.drop(lambda row: row["side"] == "projection")


TIME = "d26:2021-03-04T05:06:07.000000"
OF_THE_ROWS = {
    "all four tables empty": emptied(*LABELS),
    **{f"{label} empty": emptied(label) for label in LABELS},
    **{f"{label} without a row": without_a_row(label) for label in LABELS},
    **{f"{label} with a row more": one_too_many(label) for label in LABELS},
    "another name": says(RESTORES, "name", "t7:another"),
    "another status": says(RESTORES, "status", "t9:completed"),
    "another type": says(RESTORES, "restore_type", "t4:full"),
    "another trigger": says(RESTORES, "trigger_type", "t8:recovery"),
    "another method": says(LEGACY, "restore_method", "t8:recovery"),
    "another target": says(RESTORES, "target_database", "t4:prod"),
    "no longer overwritten": says(RESTORES, "is_overwrite", "b1:0"),
    "another start": says(RESTORES, "started_at", TIME),
    "no end": says(RESTORES, "completed_at", "-"),
    "another duration": says(RESTORES, "duration_seconds", "i1:1"),
    "another message": says(LEGACY, "message", "t2:ok"),
    "another person": says(RESTORES, "created_by_id", "t1:9"),
    "created at another time": says(RESTORES, "created_at", TIME),
    "updated at another time": says(LEGACY, "updated_at", TIME),
    "of another backup": says(RESTORES, "source_backup_id", "i1:2"),
    "something in extra": says(RESTORES, "extra", 't14:{"approved":1}'),
    "another UUID": says(RESTORES, "restore_id", "u36:8a4f2b1e-0000-4000-8000-000000000001"),
    "a backup's file": says(BACKUPS, "file_path", "t4:/tmp"),
    "a backup's size": says(BACKUPS, "size_bytes", "i1:0"),
    "a backup's database": says(LEGACY_BACKUPS, "database_name", "t4:prod"),
    "a backup's UUID": says(BACKUPS, "backup_id", "u36:8a4f2b1e-0000-4000-8000-000000000001"),
    "a legacy row overwrote": legacy_row_says("is_overwrite", "b1:1"),
    "a legacy row's type": legacy_row_says("restore_type", "t5:files"),
    "a legacy row's trigger": legacy_row_says("trigger_type", "t8:recovery"),
    "a legacy row's backup": legacy_row_says("source_backup_id", "i1:1"),
    "two cells swapped": swapped,
    "legacy rows elsewhere": at_another_place,
    "no legacy rows": without_the_legacy_rows,
    "a row that fits quarantined": held_back("host"),
    "quarantined for another reason": for_another_reason,
    "quarantined for another column": for_another_column,
    "a quarantined row not listed": not_listed,
    "a quarantined row of nobody": of_a_row_that_is_not_there,
    **{f"{label} ahead of the log": moved(label) for label in LABELS},
    "at position 0": at_position(0),
    "at position 8": at_position(8),
    "of another host's id": of_another_host,
    "by another offset": by_another_offset,
    "with less columns": with_less_columns,
    "of other types": of_other_types,
    "with a changed host": with_another_host,
    "with a smaller host": with_a_smaller_host,
    "with an empty host": with_an_empty_host,
    "empty, in format 1": of_format_1,
}


def test_what_was_not_changed_is_genuine(audited: Audited):
    said = audited.check()
    assert (said["code"], said["genuine"], said["equal"], said["refused"]) == (0, True, True, None)
    audited.sign()
    again = audited.check()
    assert (again["code"], again["checked"]) == (0, said["checked"])


@pytest.mark.parametrize("way", OF_THE_ROWS)
def test_what_follows_from_the_hosts_rows_cannot_be_changed(audited: Audited, way: str):
    OF_THE_ROWS[way](audited)
    audited.sign()
    said = audited.check()
    assert (said["code"], said["genuine"], said["equal"]) == (1, False, None), way
    assert said["refused"]
