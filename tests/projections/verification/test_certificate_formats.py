"""Certificates of an earlier format are still read, and what that did not cover is said."""

import json
import shutil
from pathlib import Path

import pytest

from tests.old_logs.load import HOSTS, STATES, certificate, public_key
from tests.support import checking
from tests.support.service import ROOT

KEPT = ROOT / "tests" / "golden" / "certificate-1"
"""A certificate of a cut-over as it was written in format 1, with its key, rows and host."""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return shutil.copytree(KEPT, tmp_path / "kept")


def check(kept: Path, *options: str | Path) -> checking.Checked:
    return checking.check_here(
        kept / "certificate.json", "--public-key", kept / "public.pem", *options
    )


def with_all(kept: Path) -> list[str | Path]:
    return ["--rows", kept / "rows.ndjson", "--host-digests", kept / "host.json"]


def test_a_certificate_of_format_1_is_still_genuine(kept: Path):
    done = check(kept, *with_all(kept), "--json")
    assert (done.code, done.err) == (0, "")
    said = json.loads(done.out)
    assert (said["genuine"], said["equal"], said["refused"]) == (True, True, None)
    assert said["sha256"] == "884421d992c36e032f11b6331a6b0b6fac34d671923eb2b349d6eb5680eeb2c3"


def test_what_format_1_did_not_cover_is_said_in_one_line(kept: Path):
    lines = check(kept, *with_all(kept)).out.splitlines()
    (line,) = [line for line in lines if "restore-log-certificate/1" in line]
    assert line == (
        "NOT checked: what restore-log-certificate/1 did not cover: what was assumed where the "
        "host is silent, which of its columns fills which and in what zone, from where it was "
        "read, and the columns that the service adds to its tables."
    )


def test_a_changed_certificate_of_format_1_is_refused_as_ever(kept: Path):
    path = kept / "certificate.json"
    path.write_bytes(path.read_bytes().replace(b'"issued_by":"ada"', b'"issued_by":"eve"'))
    done = check(kept)
    assert done.code == 1
    assert "REFUSED: the signature is not that of the given key over this content." in done.out


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("host", HOSTS)
def test_so_it_is_of_what_earlier_code_signed(host: str, state: str, database: str):
    done = checking.check_here(
        certificate(host, state, database), "--public-key", public_key(host, database)
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.count("NOT checked: what restore-log-certificate/1 did not cover: ") == 1
    assert "It says that the tables and the host are equal.\n" in done.out
