"""A certificate is checked without the service: one file, and `cryptography`, and nothing else."""

import json
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from infrastructure.documents.keys import make_key
from tests.acceptance.ready import ready
from tests.conftest import use
from tests.sample_host.build import make_host
from tests.support import checking, here, raw
from tests.support.service import ROOT

NEEDED = ("cryptography", "cffi", "pycparser", "typing-extensions")
"""`cryptography` in the version that the service has, and what that needs itself."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a virtual environment that has `cryptography`, and nothing of the service."""
    folder = tmp_path_factory.mktemp("empty")
    locked = (ROOT / "requirements.lock").read_text()
    wanted = [re.search(rf"^{name}==(?:.*\\\n)*.*\n", locked, re.MULTILINE) for name in NEEDED]
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(found.group() for found in wanted if found))
    venv.create(folder / "venv")
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", python, "install"),
            *("--quiet", "--disable-pip-version-check"),
            *("--no-input", "--require-hashes", "--requirement", requirements),
        ],
        check=True,
    )
    return python


@pytest.fixture
def files(
    tmp_path: Path,
    templates: dict[str, str],
    public_key: Path,
) -> Path:
    """A folder with a certificate, its rows, the host's digests, and a copy of the check."""
    service, host = ready(templates).copied_to(tmp_path)
    use(service)
    here.run(
        *("verify", "--certificate", str(tmp_path / "certificate.json")),
        *("--export", str(tmp_path / "rows.ndjson")),
        source=host,
    )
    checking.host_digests(host, tmp_path / "host.json")
    shutil.copyfile(checking.CHECK, tmp_path / "check_certificate.py")
    return tmp_path


def check(python: Path, files: Path, *options: str, key: str = "public.pem") -> checking.Checked:
    return checking.check(
        files / "certificate.json",
        files / key,
        *options,
        python=python,
        program=files / "check_certificate.py",
    )


def test_an_empty_environment_has_nothing_of_the_service(empty: Path):
    for module in ("django", "msgspec", "infrastructure", "projections"):
        done = subprocess.run(
            [empty, "-I", "-c", f"import {module}"], cwd=ROOT, capture_output=True, text=True
        )
        assert "No module named" in done.stderr, module


def test_a_genuine_certificate_is_accepted_there(empty: Path, files: Path):
    all_of_it = ("--rows", "rows.ndjson", "--host-digests", "host.json")
    done = check(empty, files, *all_of_it)
    assert (done.code, done.err) == (0, "")
    assert done.out.count("\nChecked: ") == 5
    assert done.out.count("NOT checked: ") == 7
    assert done.out.endswith(
        "genuine in all that was checked; 7 points were NOT checked, see above.\n"
    )
    said = json.loads(check(empty, files, *all_of_it, "--json").out)
    assert (said["genuine"], said["equal"], said["refused"]) == (True, True, None)


def test_what_was_not_checked_is_said(empty: Path, files: Path):
    done = check(empty, files)
    assert done.code == 0
    assert done.out.count("NOT checked: ") == 6


def test_changed_files_are_refused_there(empty: Path, files: Path):
    rows = (files / "rows.ndjson").read_bytes()
    (files / "altered.ndjson").write_bytes(rows.replace(b'"t9:', b'"t9;', 1))
    digests = json.loads((files / "host.json").read_text())
    digests["tables"]["system_backups_restorelog"]["digest"] = "0" * 64
    (files / "other.json").write_text(json.dumps(digests))
    (files / "other.pem").write_bytes(make_key(files / "other-private.pem").public.pem)
    for done, why in (
        (check(empty, files, "--rows", "altered.ndjson"), "line"),
        (check(empty, files, "--host-digests", "other.json"), "system_backups_restorelog"),
        (check(empty, files, key="other.pem"), "another key"),
    ):
        assert done.code == 1
        assert "REFUSED" in done.out
        assert why in done.out
    whole = (files / "certificate.json").read_bytes()
    for at in range(0, len(whole), len(whole) // 20):
        changed = bytearray(whole)
        changed[at] ^= 1
        (files / "certificate.json").write_bytes(changed)
        assert check(empty, files).code == 1, at


def test_what_cannot_be_read_is_another_exit_code(empty: Path, files: Path):
    (files / "empty").write_text("")
    for done in (
        check(empty, files, key="nothing.pem"),
        check(empty, files, key="rows.ndjson"),
        check(empty, files, "--rows", "nothing.ndjson"),
        check(empty, files, "--host-digests", "empty"),
    ):
        assert done.code == 2
        assert len(done.err.splitlines()) == 1
    without_key = subprocess.run(
        [empty, "-I", "check_certificate.py", "certificate.json"],
        cwd=files,
        capture_output=True,
        text=True,
    )
    assert without_key.returncode == 2
    assert "--public-key" in without_key.stderr


def test_the_check_is_one_file_of_the_standard_library_and_cryptography():
    source = checking.CHECK.read_text()
    imported = set(re.findall(r"^(?:from|import) ([\w]+)", source, re.MULTILINE))
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_so_is_one_of_each_step_of_the_migration(database: str, public_key: Path, tmp_path: Path):
    """Also of verifications before and after it, and after the legacy tables are gone."""
    host = f"sqlite:///{tmp_path / 'host.sqlite3'}"
    make_host(host, rows=40, seed=5)
    here.run("import_host", source=host)
    purposes, hashes = [], []

    def step(name: str, *options: str) -> None:
        begin = f"{len(purposes)}-{name}"
        files = [tmp_path / f"{begin}.json", tmp_path / f"{begin}.ndjson"]
        done = here.run(
            *(name, "--certificate", str(files[0]), "--export", str(files[1]), *options),
            source=host,
        )
        assert all(str(file) in done.out for file in files)
        checking.host_digests(host, tmp_path / "digests")
        options = ("--rows", str(files[1]), "--host-digests", str(tmp_path / "digests"), "--json")
        said = json.loads(checking.check(files[0], public_key, *options).out)
        assert (said["genuine"], said["equal"], said["refused"]) == (True, True, None)
        assert said["sha256"] in done.out
        assert ("legacy tables" in "".join(said["not_checked"])) is ("retire" in purposes)
        purposes.append(json.loads(files[0].read_bytes())["certificate"]["purpose"])
        hashes.append(said["sha256"])

    step("verify")
    step("cut_over", "--snapshot", str(tmp_path / "first.sqlite3"), "--yes")
    step("verify")
    here.run("roll_back", "--yes", source=host)
    step("verify")
    step("cut_over", "--snapshot", str(tmp_path / "second.sqlite3"), "--yes")
    step("retire", "--reason", "it is over", "--yes")
    step("verify")
    for table in ("restorelog", "backuplog"):
        raw.execute(host, f"DROP TABLE database_management_{table}")
    step("verify")
    assert purposes == [
        *("verify", "cut_over", "verify", "verify", "cut_over", "retire", "verify", "verify"),
    ]
    told = here.run("consolidation").out
    assert all(f"\n           certificate {hashed}, equal\n" in f"{told}\n" for hashed in hashes)
