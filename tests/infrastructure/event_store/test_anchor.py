"""An anchor kept elsewhere betrays what the chain alone cannot."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.db import connections

from infrastructure.documents.keys import make_key
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.builders import requested
from tests.support import forging, here, raw
from tests.support.shell import ME


@pytest.fixture
def anchored(filled: Log, public_key: Path, tmp_path: Path) -> str:
    """The file of an anchor at position 8; the log has gone on since."""
    file = tmp_path / "anchor"
    here.run("anchor", "--out", str(file), "--actor", "ada")
    filled.append([new_event(requested(5))])
    connections.close_all()
    return str(file)


def test_an_anchor_says_where_the_log_stood(
    filled: Log, database: str, public_key: Path, tmp_path: Path
):
    file = tmp_path / "anchor"
    printed = here.run("anchor", "--out", str(file), "--actor", "ada", "--json").json
    hashes = dict(raw.rows(database, "SELECT position, hash FROM event_store_event"))
    document = json.loads(file.read_bytes())
    assert document["anchor"] == {
        "format": "restore-log-anchor/1",
        "log": bytes(hashes[1]).hex(),
        "position": 8,
        "head": bytes(hashes[8]).hex(),
        "issued_at": document["anchor"]["issued_at"],
        "issued_by": f"{ME} as ada",
    }
    assert (printed["position"], printed["head"]) == (8, bytes(hashes[8]).hex())
    written = json.dumps(document["anchor"], sort_keys=True, separators=(",", ":")).encode()
    key = load_pem_public_key(public_key.read_bytes())
    key.verify(b64decode(document["signature"]["value"]), written)


def test_a_dry_run_writes_no_anchor(filled: Log, public_key: Path, tmp_path: Path):
    file = tmp_path / "anchor"
    assert here.run("anchor", "--out", str(file), "--dry-run", "--json").json["position"] == 8
    assert not file.exists()


def test_an_empty_log_has_nothing_to_anchor(log: Log, public_key: Path, tmp_path: Path):
    done = here.run("anchor", "--out", str(tmp_path / "anchor"), check=False)
    assert (done.code, (tmp_path / "anchor").exists()) == (2, False)


def test_an_anchor_that_cannot_be_written_is_an_error(
    filled: Log, public_key: Path, tmp_path: Path
):
    done = here.run("anchor", "--out", str(tmp_path / "nowhere" / "anchor"), check=False)
    assert done.code == 2
    assert "cannot be written" in done.err


def test_a_log_that_has_grown_fits_its_anchor(anchored: str):
    done = here.run("verify_log", "--anchor", anchored, "--json").json
    assert (done["ok"], done["events"], done["first_bad"]) == (True, 9, None)
    assert done["anchor"]["position"] == 8


def test_a_recomputed_chain_fits_itself_but_not_the_anchor(anchored: str, database: str):
    forging.forge(
        database, "UPDATE event_store_event SET topic = 'restore.Failed' WHERE position = 5"
    )
    forging.rechain(database, 4)
    assert here.run("verify_log", "--json").json["ok"] is True
    done = here.run("verify_log", "--anchor", anchored, "--json", check=False)
    assert (done.code, done.json["ok"], done.json["first_bad"]) == (1, False, 8)


def test_a_log_recomputed_from_its_first_event_is_another_log(anchored: str, database: str):
    forging.forge(database, "UPDATE event_store_event SET recorded_at = 1 WHERE position = 1")
    forging.rechain(database, 0)
    assert here.run("verify_log", "--json").json["ok"] is True
    done = here.run("verify_log", "--anchor", anchored, "--json", check=False)
    assert (done.code, done.json["ok"], done.json["first_bad"]) == (1, False, 1)


@pytest.mark.parametrize("left", [7, 3])
def test_a_cut_tail_fits_itself_but_not_the_anchor(anchored: str, database: str, left: int):
    forging.cut(database, left)
    assert here.run("verify_log", "--json").json["ok"] is True
    done = here.run("verify_log", "--anchor", anchored, check=False)
    assert done.code == 1
    assert f"position {left + 1}" in done.out


def test_what_was_cut_off_behind_the_anchor_it_cannot_know(anchored: str, database: str):
    forging.cut(database, 8)
    assert here.run("verify_log", "--anchor", anchored, "--json").json["ok"] is True


def test_a_chain_that_does_not_fit_itself_is_said_first(anchored: str, database: str):
    forging.forge(
        database, "UPDATE event_store_event SET topic = 'restore.Failed' WHERE position = 5"
    )
    done = here.run("verify_log", "--anchor", anchored, "--json", check=False)
    assert (done.code, done.json["first_bad"]) == (1, 5)


def test_an_anchor_with_any_byte_changed_is_refused(anchored: str):
    file = Path(anchored)
    whole = file.read_bytes()
    for at in range(0, len(whole), 9):
        changed = bytearray(whole)
        changed[at] ^= 1
        file.write_bytes(changed)
        done = here.run("verify_log", "--anchor", anchored, check=False)
        assert (done.code, done.out) == (2, ""), at


def test_an_anchor_signed_by_another_key_is_refused(
    anchored: str, public_key: Path, tmp_path: Path
):
    other = tmp_path / "other.pem"
    other.write_bytes(make_key(tmp_path / "other-private.pem").public.pem)
    given = here.run("verify_log", "--anchor", anchored, "--public-key", str(public_key))
    assert "whole" in given.out
    done = here.run("verify_log", "--anchor", anchored, "--public-key", str(other), check=False)
    assert done.code == 2
    assert "another key" in done.err or "given key" in done.err
