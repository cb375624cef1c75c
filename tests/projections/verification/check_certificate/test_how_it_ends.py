"""The check's exit codes for what it cannot read, and its help."""

import json
import re
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.projections.verification.check_certificate.small_certificate import (
    SIGNATURE,
    VERDICT,
    Files,
)
from tests.support import checking


@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize(
    ("out", "why"),
    [
        (">/dev/full", "the answer cannot be written: No space left on device"),
        (">&-", "standard output is closed, so there is no place for the answer"),
    ],
)
def test_an_answer_that_cannot_be_written_is_no_refusal(
    files: Files, tmp_path: Path, options: tuple[str, ...], out: str, why: str
):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" {out}\n')
    python.chmod(0o755)
    done = checking.check(files.certificate, files.key, *options, python=python)
    assert done == (2, "", f"Cannot check: {why}.\n")


def test_a_file_that_is_not_there_is_another_exit_code(files: Files):
    files.rows.unlink()
    done = files.check("--rows", files.rows)
    assert done == (2, "", f"Cannot check: {files.rows}: No such file or directory.\n")
    done = files.check("--rows", files.rows, "--json")
    assert (done.code, done.err) == (
        2, f"Cannot check: {files.rows}: No such file or directory.\n"
    )  # fmt: skip
    assert json.loads(done.out) == {
        "genuine": False,
        "refused": None,
        "equal": None,
        "sha256": None,
        "checked": [SIGNATURE, VERDICT],
        "not_checked": [],
    }
    files.certificate.unlink()
    assert files.check().err == f"Cannot check: {files.certificate}: No such file or directory.\n"


OF_AN_UNKNOWN_KIND = b"""\
-----BEGIN PUBLIC KEY-----
MAwwBQYDKgMEAwMAAQI=
-----END PUBLIC KEY-----
"""


@pytest.mark.parametrize(
    ("pem", "why"),
    [
        (b"", "holds no public key in PEM"),
        (OF_AN_UNKNOWN_KIND, "holds no public key in PEM"),
        (
            X25519PrivateKey.from_private_bytes(bytes(32))
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "holds a key of another kind than Ed25519",
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_no_refusal(files: Files, pem: bytes, why: str):
    files.key.write_bytes(pem)
    assert files.check() == (2, "", f"Cannot check: {files.key} {why}.\n")


def test_both_files_have_to_be_given():
    done = checking.check_here()
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(
        "error: the following arguments are required: CERTIFICATE, --public-key\n"
    )


def test_help_names_every_option(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "200")
    done = checking.check_here("--help")
    assert (done.code, done.err) == (0, "")
    usage = (
        "--public-key KEY.pem [--rows ROWS.ndjson] [--host-digests FILE] [--events FILE] "
        "[--anchor FILE] [--against FILE] [--json] CERTIFICATE"
    )
    assert f" [-h] {usage}\n" in done.out


def test_help_says_what_each_file_is():
    told = checking.check_here("--help")
    assert told.code == 0
    for name in (
        "CERTIFICATE",
        "--public-key KEY.pem",
        "--rows ROWS.ndjson",
        "--host-digests FILE",
        "--events FILE",
        "--anchor FILE",
        "--against FILE",
    ):
        assert re.search(rf"^  {re.escape(name)} +\w", told.out, re.MULTILINE), name
