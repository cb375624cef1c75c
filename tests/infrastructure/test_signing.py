"""The key that signs: made once, whole, for its owner alone, and never shown."""

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.test import override_settings

from tests.support import here
from tests.support.service import ROOT, environment, run

MAKES_A_KEY = (
    "import django, sys; django.setup();"
    "from infrastructure.documents.keys import signer;"
    "sys.stdin.readline();"
    "print(signer().public.id)"
)
ELSEWHERE = (
    "import django.conf, pathlib;"
    "django.conf.settings.SIGNING_KEY_FILE = sys.argv[1];"
    "django.conf.settings.SIGNING_KEY_IS_OURS = True;"
)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "private.pem"


@pytest.fixture
def in_settings(key_file: Path) -> Callable[[], override_settings]:
    key_file.parent.mkdir()
    return lambda: override_settings(SIGNING_KEY_FILE=str(key_file), SIGNING_KEY_IS_OURS=False)


def test_a_key_is_made_for_its_owner_alone(database: str, key_file: Path, in_settings):
    with in_settings():
        done = here.run("signing_key", "--create")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [file.name for file in key_file.parent.iterdir()] == ["private.pem"]
    assert load_pem_private_key(key_file.read_bytes(), None)
    assert "PRIVATE" not in done.out


def test_a_key_is_never_overwritten(database: str, key_file: Path, in_settings):
    with in_settings():
        here.run("signing_key", "--create")
        before = key_file.read_bytes()
        again = here.run("signing_key", "--create", check=False)
    assert again.code == 2
    assert "a key" in again.err
    assert key_file.read_bytes() == before


def test_the_public_half_is_written_and_shown(
    database: str, key_file: Path, in_settings, tmp_path: Path
):
    public = tmp_path / "public.pem"
    with in_settings():
        made = here.run("signing_key", "--create", "--public", str(public), "--json").json
        shown = here.run("signing_key", "--json").json
    assert load_pem_public_key(public.read_bytes())
    assert shown["pem"] == public.read_text()
    assert shown["key"] == made["key"]


def test_a_dry_run_makes_nothing(database: str, key_file: Path, in_settings, tmp_path: Path):
    with in_settings():
        here.run("signing_key", "--create", "--dry-run")
        assert not key_file.exists()
        here.run("signing_key", "--create")
        here.run("signing_key", "--public", str(tmp_path / "public.pem"), "--dry-run")
    assert not (tmp_path / "public.pem").exists()


def test_the_output_never_holds_the_private_key(database: str, key_file: Path, in_settings):
    with in_settings():
        outputs = [
            here.run("signing_key", *options, check=False)
            for options in (["--create"], [], ["--json"], ["--create"])
        ]
    secret = key_file.read_text().splitlines()[1]
    assert all(secret not in done.out + done.err for done in outputs)


def test_production_refuses_to_sign_without_a_key(templates, tmp_path: Path):
    from tests.conftest import fresh

    production = {
        "DEBUG": "0",
        "SECRET_KEY": "0123456789" * 6,
        "ALLOWED_HOSTS": "restorelog.example",
        "SIGNING_KEY_FILE": "",
        "HEAD_FILE": str(tmp_path / "head.json"),
    }
    database = fresh(templates, "sqlite", tmp_path)
    for command in (
        ["anchor", "--out", str(tmp_path / "anchor")],
        ["signing_key"],
        ["verify", "--certificate", str(tmp_path / "certificate")],
    ):
        done = run(*command, database=database, env=production, check=False)
        assert (done.code, done.out) == (2, "")
        assert len(done.err.splitlines()) == 1
        assert "SIGNING_KEY_FILE" in done.err
    assert not list(tmp_path.glob("anchor")) + list(tmp_path.glob("certificate"))


def test_a_key_file_that_is_missing_or_is_none_is_refused(
    database: str, key_file: Path, in_settings
):
    with in_settings():
        missing = here.run("signing_key", check=False)
        key_file.write_text("no key")
        none = here.run("signing_key", check=False)
        other = rsa.generate_private_key(65537, 2048)
        key_file.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        another_kind = here.run("signing_key", check=False)
    for done, why in (
        (missing, "--create"),
        (none, "does not contain an unencrypted private key"),
        (another_kind, "another kind"),
    ):
        assert done.code == 2
        assert why in done.err
        assert len(done.err.splitlines()) == 1


def test_processes_that_need_a_key_at_once_make_one(key_file: Path):
    key_file.parent.mkdir()
    code = MAKES_A_KEY.replace("django.setup();", f"django.setup();{ELSEWHERE}")
    env = environment(database="sqlite:///:memory:", source=None, env={
        "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "infrastructure.settings",
    })  # fmt: skip
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(key_file)],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for one in running:  # all of them wait for this line, ready to go
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    keys = {one.communicate(timeout=60)[0].strip() for one in running}
    assert len(keys) == 1
    assert keys != {""}
    assert [file.name for file in key_file.parent.iterdir()] == ["private.pem"]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
