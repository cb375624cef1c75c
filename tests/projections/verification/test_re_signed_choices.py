"""What a certificate says of how the host was read cannot be forged with the service's own key.

Where neither the host's rows nor the log show it, it is counted as not checked.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections
from django.test import override_settings

from infrastructure.documents.keys import make_key
from tests.conftest import fresh, use
from tests.projections.verification.check_certificate.small_certificate import CHOICES, PLACE
from tests.projections.verification.conftest import Service, empty
from tests.projections.verification.re_signing import Audited, Json
from tests.sample_host import make_host
from tests.support import checking, here, raw

BACKUPS, RESTORES = "system_backups.BackupLog", "system_backups.RestoreLog"
LEGACY_BACKUPS, LEGACY = "database_management.BackupLog", "database_management.RestoreLog"
ZONE = "America/New_York"
SUPPOSED = "rows of retired tables of which something was assumed, or counts as not specified"
Forgery = Callable[[Audited], None]


@pytest.fixture(scope="session")
def original(
    templates: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """The files of a certificate of a host with columns of other names and with local times."""
    cache: dict[tuple[str, bool], Path] = {}

    def make(vendor: str, *, retired: bool = False) -> Path:
        if (vendor, retired) not in cache:
            folder = tmp_path_factory.mktemp("certified")
            service = Service(vendor, empty(vendor, folder), fresh(templates, vendor, folder), ZONE)
            make_host(service.host, rows=40, seed=7, variant="origin", time_zone=ZONE)
            with_local_times(service)
            service.import_again()
            if not retired:
                service.says("cut over")
                service.rebuild()
            (folder / "public.pem").write_bytes(make_key(folder / "private.pem").public.pem)
            key = str(folder / "private.pem")
            use(service.url)
            with override_settings(SIGNING_KEY_FILE=key, SIGNING_KEY_IS_OURS=False):
                if retired:
                    retire(service, folder)
                here.run(
                    *("verify", "--certificate", str(folder / "certificate.json")),
                    *("--export", str(folder / "rows.ndjson")),
                    *("--export-events", str(folder / "events.ndjson")),
                    source=service.host,
                    zone=ZONE,
                )
            connections.close_all()
            checking.host_digests(service.host, folder / "host.json")
            cache[vendor, retired] = folder
        return cache[vendor, retired]

    return make


def retire(service: Service, folder: Path) -> None:
    """Cut over and end the migration: from then on the host's legacy tables are not read."""
    files = (f"--certificate={folder / 'cut.json'}", f"--snapshot={folder / 'cut.sqlite3'}")
    here.run("cut_over", "--yes", *files, source=service.host, zone=ZONE)
    last = f"--certificate={folder / 'last.json'}"
    here.run("retire", "--yes", "--reason=over", last, source=service.host, zone=ZONE)


def with_local_times(service: Service) -> None:
    """The host's restores are of local times, some of which came twice or never."""
    for table in ("database_management_restorelog", "system_backups_restorelog"):
        if service.vendor == "postgresql":
            raw.execute(
                service.host,
                f"ALTER TABLE {table} ALTER created_at TYPE timestamp"
                f" USING created_at AT TIME ZONE '{ZONE}'",
            )
        first = raw.value(service.host, f"SELECT min(id) FROM {table}")
        for key, time in ((first, "2021-11-07 01:30:00.5"), (first + 1, "2021-03-14 02:30:00")):
            raw.execute(service.host, f"UPDATE {table} SET created_at = '{time}' WHERE id = {key}")


@pytest.fixture
def audited(original: Callable[..., Path], vendor: str, tmp_path: Path) -> Audited:
    """A copy of the files for one test."""
    folder = shutil.copytree(original(vendor), tmp_path / "audited")
    return Audited(folder, folder / "public.pem")


@pytest.fixture
def audited_later(original: Callable[..., Path], vendor: str, tmp_path: Path) -> Audited:
    """The same of a certificate that was issued after the retirement."""
    folder = shutil.copytree(original(vendor, retired=True), tmp_path / "audited")
    return Audited(folder, folder / "public.pem")


def test_what_was_not_changed_is_genuine(audited: Audited):
    said = audited.check("--events", audited.events)
    assert (said["code"], said["genuine"], said["equal"], said["refused"]) == (0, True, True, None)
    assert CHOICES not in said["not_checked"]
    assert audited.content["zone"] == ZONE
    assert choice(audited, "file_path")["columns"] == ["local_path", "cloud_url"]
    assert {one["value"] for one in audited.content["assumptions"]} == {
        "database",
        "the earlier instant",
    }


# --- the ways --------------------------------------------------------------------------------


def choice(files: Audited, target: str, table: str = BACKUPS) -> Json:
    found: Json = next(
        one for one in files.content["columns"] if (one["table"], one["target"]) == (table, target)
    )
    return found


def of_zone(name: str | None) -> Forgery:
    def forge(files: Audited) -> None:
        files.content["zone"] = name

    return forge


def without_choices(files: Audited) -> None:
    files.content["columns"] = []


def without_a_choice(files: Audited) -> None:
    files.content["columns"].remove(choice(files, "size_bytes"))


def by(target: str, *columns: str, how: str = "proposed") -> Forgery:
    def forge(files: Audited) -> None:
        choice(files, target).update({"columns": list(columns), "how": how})

    return forge


def another_choice(table: str, target: str, *columns: str) -> Forgery:
    def forge(files: Audited) -> None:
        files.content["columns"].append(
            {"table": table, "target": target, "columns": list(columns), "how": "decided",
             "reason": "so it is"}
        )  # fmt: skip

    return forge


def assumption(files: Audited, column: str = "restore_type") -> Json:
    found: Json = next(o for o in files.content["assumptions"] if o["column"] == column)
    return found


def assumed(which: str, *, more: int = 0, **says: str | bool) -> Forgery:
    def forge(files: Audited) -> None:
        one = assumption(files, which)
        one.update(says, rows=one["rows"] + more)

    return forge


def without_an_assumption(files: Audited) -> None:
    files.content["assumptions"].remove(assumption(files))


def without_that_of_times(files: Audited) -> None:
    said = files.content["assumptions"]
    files.content["assumptions"] = [one for one in said if one["value"] == "database"]


def one_that_was_not_needed(files: Audited) -> None:
    one = assumption(files) | {"column": "is_overwrite", "value": False}
    files.content["assumptions"].append(one)


def one_twice(files: Audited) -> None:
    one = assumption(files)
    files.content["assumptions"].append(one | {"rows": one["rows"] - 1})
    one["rows"] = 1


def one_of_no_rows(files: Audited) -> None:
    files.content["assumptions"].append(assumption(files) | {"table": RESTORES, "rows": 0})


def empty_targets(label: str, more: int) -> Forgery:
    def forge(files: Audited) -> None:
        files.content["empty_targets"][label] += more

    return forge


def read_from(**says: str | None) -> Forgery:
    def forge(files: Audited) -> None:
        files.content["host"]["source"].update(says)

    return forge


def of_another_kind(files: Audited) -> None:
    other = "sqlite" if files.content["host"]["vendor"] == "postgresql" else "postgresql"
    files.content["host"]["source"]["vendor"] = other


def from_a_file_and_a_server(files: Audited) -> None:
    files.content["host"]["source"] |= {"path": "/srv/host.sqlite3", "server": "db.example:5432"}


SHOWN_BY_THE_ROWS = {
    "of a zone further west": of_zone("America/Chicago"),
    "of no zone": of_zone(None),
    "of UTC": of_zone("UTC"),
    "no choice": without_choices,
    "a choice left out": without_a_choice,
    "rivals in another order": by("file_path", "cloud_url", "local_path"),
    "a rival left out": by("file_path", "local_path"),
    "by no column": by("size_bytes", how="decided"),
    "by another column": by("size_bytes", "duration_seconds"),
    "by a column although one has the name": another_choice(RESTORES, "message", "name"),
    "a legacy row's own column overruled": another_choice(LEGACY, "is_overwrite"),
    "assumed of one row more": assumed("restore_type", more=1),
    "assumed of one row less": assumed("restore_type", more=-1),
    "something else assumed": assumed("restore_type", value="files"),
    "true assumed": assumed("restore_type", value=True),
    "assumed in another column": assumed("restore_type", column="trigger_type"),
    "assumed of another table": assumed("restore_type", table=RESTORES),
    "an assumption left out": without_an_assumption,
    "those of times left out": without_that_of_times,
    "one time more that came twice": assumed("created_at", more=1),
    "assumed although the host has it": one_that_was_not_needed,
    "one assumption in two parts": one_twice,
    "one of no rows": one_of_no_rows,
    "one empty target more": empty_targets(RESTORES, 1),
    "one empty target less": empty_targets(LEGACY, -1),
    "read from a database of another kind": of_another_kind,
    "read from a file and a server": from_a_file_and_a_server,
}


@pytest.mark.parametrize("way", SHOWN_BY_THE_ROWS)
def test_what_the_hosts_rows_show_is_refused(audited: Audited, way: str):
    SHOWN_BY_THE_ROWS[way](audited)
    audited.sign()
    said = audited.check()
    assert (said["code"], said["genuine"], said["equal"]) == (1, False, None), way
    assert said["refused"]


def sizes_unknown(files: Audited) -> None:
    """No column says the size of a backup; its rows are made to fit."""
    choice(files, "size_bytes").update({"columns": [], "how": "decided"})
    host = {row["pk"]: row for row in files.of("system_backups_backuplog")}
    names = files.content["host_tables"]["system_backups_backuplog"]["columns"]
    for row in files.of(BACKUPS):
        if files.cell(row, "origin") != "t12:consolidated":
            continue
        said = files.cell(host[row["pk"]], "file_size")
        extra = json.loads(files.cell(row, "extra").partition(":")[2])
        extra["file_size"] = None if said == "-" else int(said.partition(":")[2])
        inorder = {name: extra[name] for name in names if name in extra}
        text = json.dumps(inorder, separators=(",", ":"), ensure_ascii=False)
        files.put(row, "extra", f"t{len(text.encode())}:{text}")
        files.put(row, "size_bytes", "-")


SHOWN_BY_THE_LOG = {
    "of a zone that has the same times": of_zone("America/Toronto"),
    "decided and not proposed": by("file_path", "local_path", "cloud_url", how="decided"),
    "for a reason": lambda files: choice(files, "file_path").update(reason="so it is"),
    "a choice of what is so anyway": another_choice(RESTORES, "message", "message"),
    "sizes that no column says": sizes_unknown,
}


@pytest.mark.parametrize("way", SHOWN_BY_THE_LOG)
def test_what_the_log_alone_shows_is_counted_without_it_and_refused_with_it(
    audited: Audited, way: str
):
    SHOWN_BY_THE_LOG[way](audited)
    audited.sign()
    without = audited.check()
    assert (without["code"], without["refused"]) == (0, None)
    assert CHOICES in without["not_checked"]
    said = audited.check("--events", audited.events)
    assert (said["code"], said["genuine"]) == (1, False), way
    assert "the log says" in said["refused"]


def without_that_of_retired_times(files: Audited) -> None:
    files.content["assumptions"].remove(assumption(files, "created_at"))


OF_RETIRED_TABLES = {
    "assumed of one row more": assumed("restore_type", more=1),
    "assumed of one row less": assumed("restore_type", more=-1),
    "something else assumed": assumed("restore_type", value="files"),
    "an assumption left out": without_an_assumption,
    "that of times left out": without_that_of_retired_times,
    "one time more that came twice": assumed("created_at", more=1),
    "assumed although the host had it": one_that_was_not_needed,
    "one empty target more": empty_targets(LEGACY, 1),
}


@pytest.mark.parametrize("way", OF_RETIRED_TABLES)
def test_what_was_assumed_of_retired_tables_the_log_shows(audited_later: Audited, way: str):
    OF_RETIRED_TABLES[way](audited_later)
    audited_later.sign()
    without = audited_later.check()
    assert (without["code"], without["refused"]) == (0, None)
    assert any(SUPPOSED in one for one in without["not_checked"])
    said = audited_later.check("--events", audited_later.events)
    assert (said["code"], said["genuine"]) == (1, False), way
    assert LEGACY in said["refused"]


def test_after_a_retirement_what_was_not_changed_is_genuine(audited_later: Audited):
    assert {one["column"] for one in audited_later.content["assumptions"]} >= {
        "restore_type",
        "created_at",
    }
    assert "database_management_restorelog" not in audited_later.content["host_tables"]
    said = audited_later.check("--events", audited_later.events)
    assert (said["code"], said["genuine"], said["refused"]) == (0, True, None)
    assert not any(SUPPOSED in one for one in said["not_checked"])


def test_from_where_the_host_was_read_only_the_host_shows(audited: Audited):
    sqlite = audited.content["host"]["vendor"] == "sqlite"
    read_from(**{"path" if sqlite else "database": "somewhere-else"})(audited)
    audited.sign()
    said = audited.check("--events", audited.events)
    assert said["code"] == 0
    assert PLACE in said["not_checked"]
    done = checking.check_here(audited.certificate, "--public-key", audited.key)
    assert f"{'path' if sqlite else 'database'} somewhere-else" in done.out
    assert f"\nNOT checked: {PLACE}.\n" in done.out
