"""Files that commands write: over what they never write, what they replace, who can read them."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management import CommandError, get_commands, load_command_class
from django.db import connections
from django.test import override_settings

from infrastructure.documents.keys import make_key
from tests.acceptance.ready import ready
from tests.conftest import use
from tests.support import here, raw

LABEL = "system_backups.RestoreLog"
WRITES = (
    ("cut_over --yes --certificate FILE --snapshot saved", "--certificate"),
    ("cut_over --yes --certificate proof --snapshot FILE", "--snapshot"),
    ("cut_over --yes --certificate proof --snapshot saved --export FILE", "--export"),
    ("verify --certificate FILE", "--certificate"),
    ("verify --certificate proof --export FILE", "--export"),
    (f"as_of 70 {LABEL} --out FILE", "--out"),
    ("anchor --out FILE", "--out"),
    ("signing_key --public FILE", "--public"),
)
"""Each option that names a file to be written."""


class Place(NamedTuple):
    """A folder, the current one, with a host, an imported service, and a key of its own."""

    folder: Path
    host: str
    service: str

    def run(self, command: str, check: bool = True) -> here.Result:
        return here.run(*command.split(), source=self.host, check=check)

    def refused(self, command: str) -> str:
        """The one line of a command that could not, and left the log and every file as it was."""
        before = self.events(), self.files()
        done = self.run(command, check=False)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done
        assert (self.events(), self.files()) == before
        return done.err

    def files(self) -> dict[str, bytes]:
        """What stands in the folder beside the service's own database."""
        connections.close_all()
        return {
            file.name: file.read_bytes()
            for file in self.folder.iterdir()
            if file.is_file() and not file.name.startswith("service.sqlite3")
        }

    def events(self) -> int:
        return int(raw.value(self.service, "SELECT count(*) FROM event_store_event"))


@pytest.fixture
def place(
    database: str,
    vendor: str,
    tmp_path: Path,
    templates: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
):
    made = ready(templates)
    shutil.copyfile(made.host, tmp_path / "host.sqlite3")
    if vendor == "sqlite":
        shutil.copyfile(made.service, tmp_path / "service.sqlite3")
    use(database)
    monkeypatch.chdir(tmp_path)
    make_key(tmp_path / "key.pem")
    place = Place(tmp_path, f"sqlite:///{tmp_path / 'host.sqlite3'}", database)
    with override_settings(
        SIGNING_KEY_FILE=str(tmp_path / "key.pem"), SIGNING_KEY_IS_OURS=False, BASE_DIR=tmp_path
    ):
        if vendor != "sqlite":
            place.run("import_host")
        yield place


@pytest.mark.parametrize("vendor", ["sqlite"])  # the one that is files
@pytest.mark.parametrize(("command", "option"), WRITES)
def test_the_databases_and_the_key_are_never_written_over(place: Place, command: str, option: str):
    for name, target in (("link", os.symlink), ("hard", os.link)):
        target("host.sqlite3", place.folder / name)
    kept = {
        "host.sqlite3": "that is the host's database",
        str(place.folder / "host.sqlite3"): "that is the host's database",
        "link": "that is the host's database",
        "hard": "that is the host's database",
        "host.sqlite3-journal": "that is the host's database",
        "key.pem": "that is the private key",
        "service.sqlite3": "that is the service's own database",
        "service.sqlite3-wal": "that is the service's own database",
    }
    for file, why in kept.items():
        said = place.refused(command.replace("FILE", file))
        assert f"{option} {file}: {why}" in said


@pytest.mark.parametrize("vendor", ["sqlite"])  # the one that is files
@pytest.mark.parametrize(("command", "option"), WRITES)
def test_a_file_of_another_kind_stays_and_an_empty_one_is_replaced(
    place: Place, command: str, option: str
):
    (place.folder / "notes").write_text("dear diary")
    assert f"{option} notes: there is a file of that name" in place.refused(
        command.replace("FILE", "notes")
    )
    (place.folder / "empty").touch()
    place.run(command.replace("FILE", "empty"))
    assert (place.folder / "empty").stat().st_size > 0


@pytest.mark.parametrize("vendor", ["sqlite"])  # the one that is files
@pytest.mark.parametrize(("command", "option"), WRITES)
def test_no_folder_is_made(place: Place, command: str, option: str):
    said = place.refused(command.replace("FILE", "nowhere/file"))
    assert "nowhere/file cannot be written: No such file or directory" in said
    assert not (place.folder / "nowhere").exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "cut_over --yes --certificate same --snapshot same",
            "--snapshot same: --certificate names the same file",
        ),
        (
            "cut_over --yes --certificate c --snapshot same --export ./same",
            "--export same: --snapshot names the same file",
        ),
        (
            "verify --certificate same --export same",
            "--export same: --certificate names the same file",
        ),
    ],
)
def test_two_outputs_are_two_files(place: Place, command: str, said: str):
    assert said in place.refused(command)


def test_a_certificate_that_the_log_names_stays(place: Place):
    place.run("verify --certificate proof")
    for command in (
        "verify --certificate proof",
        "cut_over --yes --certificate proof --snapshot saved",
    ):
        said = place.refused(command)
        assert "--certificate proof: the log names the certificate that is there" in said
    place.run("cut_over --yes --certificate second --snapshot saved")
    said = place.refused("retire --yes --reason=over --certificate second")
    assert "the log names the certificate that is there" in said


def test_one_that_the_log_does_not_name_is_replaced_as_a_kill_leaves_it(place: Place):
    place.run("verify --certificate proof --export rows")
    (place.folder / "proof").write_bytes((place.folder / "proof").read_bytes() + b" ")
    place.run("verify --certificate proof --export rows")
    assert place.run("consolidation --json").json["history"][-1]["event"].endswith("Verified")


def test_an_anchor_a_table_and_a_public_key_are_replaced_by_new_ones(place: Place):
    for command in ("anchor --out a", f"as_of 70 {LABEL} --out t", "signing_key --public p"):
        place.run(command)
        place.run(command)


def test_another_sqlite_database_is_no_snapshot(place: Place):
    shutil.copyfile("host.sqlite3", "other.sqlite3")
    said = place.refused("cut_over --yes --certificate proof --snapshot other.sqlite3")
    assert "it is no snapshot" in said


def test_rows_and_snapshots_are_for_their_owner_alone(place: Place):
    old = os.umask(0o022)
    try:
        place.run("cut_over --yes --certificate proof --snapshot saved --export rows")
    finally:
        os.umask(old)
    modes = {n: stat.S_IMODE(os.stat(n).st_mode) for n in ("saved", "rows", "proof")}
    assert modes == {"saved": 0o600, "rows": 0o600, "proof": 0o644}


def a_difference(place: Place) -> str:
    raw.execute(place.service, "UPDATE database_management_restorelog SET name = 'forged'")
    return "cut_over --yes"


def rows_that_are_not_there(place: Place) -> str:
    return "cut_over --yes --accept-quarantined 1 --reason known"


@pytest.mark.parametrize("harm", [a_difference, rows_that_are_not_there])
def test_a_cut_over_that_is_refused_leaves_no_snapshot(place: Place, harm: Callable[[Place], str]):
    command = harm(place)
    place.refused(command)
    place.refused(f"{command} --certificate proof --snapshot saved")
    assert list((place.folder / "var" / "consolidation").iterdir()) == []


def test_rows_are_not_accepted_without_a_reason_and_nothing_is_imported_for_that(place: Place):
    raw.execute(place.host, "UPDATE system_backups_restorelog SET name = 'changed'")
    assert "needs a reason" in place.refused("cut_over --yes --accept-quarantined 3")


def test_the_file_of_rows_is_in_the_json(place: Place):
    done = place.run("verify --certificate v --export v.rows --json")
    assert done.json["export"] == "v.rows"
    assert place.run("verify --json").json["export"] is None
    done = place.run("cut_over --yes --certificate c --snapshot s --export c.rows --json")
    assert done.json["export"] == "c.rows"
    back = place.run("cut_over --yes --restore-snapshot s --json").json
    assert (back["certificate_sha256"], back["export"]) == (None, None)
    place.run("cut_over --yes --certificate d --snapshot t")
    done = place.run("retire --yes --reason over --certificate r --json")
    assert done.json["export"] is None


@pytest.mark.parametrize(
    "ignored",
    ["--certificate c", "--export e", "--snapshot t", "--accept-quarantined 0", "--workers 1"],
)
def test_what_putting_tables_back_would_ignore_is_refused(place: Place, ignored: str):
    said = place.refused(f"cut_over --yes --restore-snapshot s {ignored}")
    assert f"{ignored.split()[0]} does not go with --restore-snapshot" in said


def test_a_snapshot_that_is_missing_is_said_in_words(place: Place):
    said = place.refused("cut_over --yes --restore-snapshot none")
    assert said == ("none cannot be put back: No such file or directory. Nothing was changed.\n")


def test_a_public_key_without_an_anchor_is_refused(place: Place):
    place.run("signing_key --public p")
    assert "give --anchor FILE as well" in place.refused("verify_log --public-key p")


def test_another_host_is_accepted_by_the_import(place: Place):
    raw.execute(place.host, "UPDATE django_migrations SET applied = '2001-01-01 00:00:00'")
    said = place.refused("cut_over --yes --certificate c --snapshot s")
    assert "accept it: manage.py import_host --accept-fingerprint " in said


@pytest.mark.parametrize(
    "command",
    [
        "cut_over --workers 0",
        "cut_over --accept-quarantined -1",
        "retire --accept-quarantined -1",
        "roll_back --workers -2",
    ],
)
def test_a_number_that_is_too_small_is_refused_with_the_usage(command: str):
    name, *options = command.split()
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    with pytest.raises(CommandError, match="is too small"):
        parser.parse_args(options)


def test_the_help_names_the_labels():
    parser = load_command_class(get_commands()["as_of"], "as_of").create_parser(
        "manage.py", "as_of"
    )
    told = " ".join(parser.format_help().split())
    for label in ("database_management.RestoreLog", "system_backups.BackupLog"):
        assert label in told
