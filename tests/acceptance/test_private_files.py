"""Files that hold sessions, tokens, messages or names are their owner's alone."""

import os
import stat
from pathlib import Path

import pytest

from tests.conftest import fresh
from tests.sample_host.build import make_host
from tests.support import service


@pytest.fixture
def umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def run(folder: Path, *words: str) -> None:
    env = {"DEBUG": "1", "SIGNING_KEY_FILE": str(folder / "key.pem")}
    url, host = f"sqlite:///{folder}/service.sqlite3", f"sqlite:///{folder}/host.sqlite3"
    service.run(*words, database=url, source=host, env=env)


def test_all_that_the_service_writes_down_about_people_is_private(umask: None, tmp_path: Path):
    make_host(f"sqlite:///{tmp_path}/host.sqlite3", rows=8, odd_rows=False)
    there = {path.name for path in tmp_path.iterdir()}
    run(tmp_path, "migrate", "--verbosity=0")
    run(tmp_path, "signing_key", "--create")
    run(tmp_path, "import_host")
    run(tmp_path, "as_of", "9", "system_backups.RestoreLog", f"--out={tmp_path}/then.ndjson")
    files = {name: tmp_path / name for name in ("certificate.json", "snapshot", "rows.ndjson")}
    options = zip(
        ("--certificate", "--snapshot", "--export"), map(str, files.values()), strict=True
    )
    run(tmp_path, "cut_over", "--yes", *(f"{option}={file}" for option, file in options))
    wide = {
        path.name for path in tmp_path.iterdir() if path.name not in there and mode(path) & 0o077
    }
    assert wide <= {"certificate.json", "service.sqlite3-rebuild"}  # the one is public, one empty


def test_a_file_beside_the_database_is_as_private_as_the_database(
    umask: None, templates: dict[str, str], tmp_path: Path
):
    url = fresh(templates, "sqlite", tmp_path)
    file = Path(url.removeprefix("sqlite:///"))
    file.chmod(0o600)
    follower = service.start("audit", "--follow", database=url, env={"DEBUG": "1"})
    try:
        beside = [file.with_name(f"{file.name}-{what}") for what in ("wal", "shm")]
        while not all(one.exists() for one in beside):  # it makes one after the other
            assert follower.poll() is None
        assert [mode(one) for one in beside] == [0o600, 0o600]
    finally:
        follower.kill()
        follower.communicate()


@pytest.mark.parametrize(("before", "after"), [(0o644, 0o600), (0o666, 0o660), (0o660, 0o660)])
def test_a_file_of_before_is_made_private(
    templates: dict[str, str], tmp_path: Path, before: int, after: int
):
    url = fresh(templates, "sqlite", tmp_path)
    file = Path(url.removeprefix("sqlite:///"))
    file.chmod(before)
    service.run("projections", database=url, env={"DEBUG": "1"})
    assert mode(file) == after


def test_somebody_elses_database_stays_as_it_is(tmp_path: Path):
    host = tmp_path / "host.sqlite3"
    make_host(f"sqlite:///{host}", rows=4, odd_rows=False)
    host.chmod(0o644)
    done = service.run("projections", database=f"sqlite:///{host}", env={"DEBUG": "1"}, check=False)
    assert done.code == 2
    assert mode(host) == 0o644
