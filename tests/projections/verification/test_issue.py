"""What is written into a certificate, from what a verification found."""

import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.remedies import at_terminal
from domain.consolidation.values import TableDigest
from infrastructure.code_version import code_version
from infrastructure.documents.keys import Signer, read_public_key
from infrastructure.documents.signed import open_signed
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from infrastructure.event_store.verify_log import ChainReport
from infrastructure.hosts.connecting import ReadFrom
from infrastructure.output_files import WouldOverwrite, refuse_overwriting
from projections.verification.certificate.evidence import (
    Evidence,
    HostSeen,
    HostTableEvidence,
    QuarantinedRow,
)
from projections.verification.certificate.export import Export
from projections.verification.certificate.issue import (
    CertifiedDelta,
    NothingToCertify,
    certificate_output,
    issue,
)
from projections.verification.differences import Difference, Differences, Tally
from projections.verification.state import ProjectionState
from projections.verification.verify import Verification
from tests.builders import requested
from tests.support import forging

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
LEGACY = "database_management.RestoreLog"
RESTORES = "system_backups.RestoreLog"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
FOUND = "70a62b772ddb3067862745bdb589f0e6a7f6f8b2559882ddd601c61e5be5e830"
EXPECTED = "3aa9fb9627de5bcb28885d88439b01953766d6ee723495e5bef655962ea27846"
HOST = "3530d5a4617c712a5062142836dd0aaac3b936b8597a632af86042ee20385fe4"
HEAD = bytes(range(32))
HEAD_HEX = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"


def state(label: str, **changes: Any) -> ProjectionState:
    says = {"scope": "all", "version": 2, "position": 7, "lag": 0, "error": "", "fits": True}
    says["due"] = changes.get("scope", "all")
    return ProjectionState(label, **{**says, **changes})


def verification(*states: ProjectionState, **changes: Any) -> Verification:
    """Of a log of seven events whose chain is whole."""
    found = Verification(
        position=7,
        chain=ChainReport(True, 7, HEAD_HEX, None, ""),
        projections={one.label: one for one in states},
        differences=Differences(None),
        tables={},
    )
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def differing(**causes: int) -> Differences:
    found = Differences(0)
    for cause, count in causes.items():
        for pk in range(count):
            found.add(Difference(RESTORES, pk, "name", "a", "b", cause))  # type: ignore[arg-type]
    return found


@pytest.fixture
def proof() -> Evidence:
    """Of a host of which no table was read."""
    proof = Evidence()
    proof.host = HostSeen(
        UUID("8a4f2b1e-0000-4000-8000-000000000001"),
        "fp1:abc",
        1_000_000,
        "sqlite",
        ReadFrom("sqlite", path="/hosts/product.sqlite3"),
    )
    proof.position, proof.chain_head = 7, HEAD
    return proof


Issue = Callable[..., Any]


@pytest.fixture
def content(proof: Evidence, tmp_path: Path) -> Issue:
    """What is written of a verification."""

    def write(found: Verification, **options: Any) -> Any:
        says = {"purpose": "verify", "actor": "ada", "key": SIGNER, **options}
        return issue(found, proof, path=tmp_path / "certificate.json", **says).content

    return write


def test_all_that_was_found_is_written_down(proof: Evidence, content: Issue):
    found = verification(state(LEGACY, scope="native", version=1), state(RESTORES, position=6))
    found.differences = differing(projection_wrong=3, host_changed=2, quarantined=1)
    tally = Tally(
        expected=2,
        found=4,
        missing=5,
        unexpected=6,
        differing=7,
        recorded_here=8,
        quarantined=9,
        host_changed=10,
        withheld={"one", "two"},
    )
    tally.digest_found.add(["i1:1", "i1:2"])
    tally.digest_expected.add(["i1:1", "i1:3"])
    found.tables = {LEGACY: Tally(withheld={"one"}), RESTORES: tally}
    table = HostTableEvidence(["id", "name"], 11, types=["bigint", "text"])
    table.digest.add(["i1:1"])
    proof.host_tables = {"system_backups_restorelog": table}
    proof.log_digests = {"system_backups_restorelog": "1" * 64, "gone": "2" * 64}
    proof.withheld = [QuarantinedRow(RESTORES, 17, "name", "not text", "here")]
    said = content(
        found,
        purpose="cut_over",
        accepted=2,
        reason="seen to",
        touched=CertifiedDelta(rows=3, position=99),
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", said.pop("issued_at"))
    assert said.pop("code_version") == code_version()
    assert said == {
        "format": "restore-log-certificate/2",
        "recipe": "host-digest/1",
        "purpose": "cut_over",
        "issued_by": "ada",
        "equal": False,
        "host": {
            "id": "8a4f2b1e-0000-4000-8000-000000000001",
            "fingerprint": "fp1:abc",
            "id_offset": 1_000_000,
            "vendor": "sqlite",
            "source": {
                "vendor": "sqlite",
                "server": None,
                "database": None,
                "schema": None,
                "path": "/hosts/product.sqlite3",
                "role": None,
            },
        },
        "log": {"position": 7, "chain_head": HEAD_HEX, "heads": {}},
        "mappings": {LEGACY: 1, RESTORES: 2},
        "scopes": {LEGACY: "native", RESTORES: "all"},
        "host_tables": {
            "system_backups_restorelog": {
                "columns": ["id", "name"],
                "types": ["bigint", "text"],
                "rows": 11,
                "digest": HOST,
                "log_digest": "1" * 64,
            },
        },
        "projections": {
            LEGACY: {
                "columns": [
                    *("id", "name", "source_backup_id", "status", "restore_method"),
                    *("target_database", "started_at", "completed_at", "duration_seconds"),
                    *("message", "created_by_id", "created_at", "updated_at", "restore_id"),
                    *("backup_id", "created_by_username", "origin", "version", "amended", "extra"),
                ],
                "rows": 0,
                "digest": EMPTY,
                "expected_rows": 0,
                "expected_digest": EMPTY,
                "position": 7,
                "missing": 0,
                "unexpected": 0,
                "differing": 0,
                "recorded_here": 0,
                "quarantined": 0,
                "host_changed": 0,
            },
            RESTORES: {
                "columns": [
                    *("id", "name", "source_backup_id", "status", "restore_type"),
                    *("trigger_type", "target_database", "is_overwrite", "started_at"),
                    *("completed_at", "duration_seconds", "message", "created_by_id"),
                    *("created_at", "updated_at", "restore_id", "backup_id"),
                    *("created_by_username", "origin", "version", "amended", "extra"),
                    *("validation", "warnings_count"),
                ],
                "rows": 4,
                "digest": FOUND,
                "expected_rows": 2,
                "expected_digest": EXPECTED,
                "position": 6,
                "missing": 5,
                "unexpected": 6,
                "differing": 7,
                "recorded_here": 8,
                "quarantined": 9,
                "host_changed": 10,
            },
        },
        "differences": {"projection_wrong": 3, "host_changed": 2, "quarantined": 1},
        "zone": None,
        "columns": [],
        "assumptions": [],
        "empty_targets": {},
        "problems": [],
        "quarantined": {
            "count": 2,
            "accepted": 2,
            "reason": "seen to",
            "rows": [
                {"table": RESTORES, "pk": 17, "column": "name", "reason": "not text", "by": "here"}
            ],
        },
        "touched": {"rows": 3, "position": 99},
        "export": None,
    }


def test_what_was_not_asked_for_is_null(content: Issue):
    said = content(verification())
    assert said["equal"] is True
    assert (said["touched"], said["export"]) == (None, None)
    assert said["quarantined"] == {"count": 0, "accepted": 0, "reason": None, "rows": []}


def test_an_export_is_whole_and_named(proof: Evidence, content: Issue, tmp_path: Path):
    proof.export = Export(tmp_path / "rows.ndjson")
    proof.export.add("host", "t", [1], [["i1:1"]])
    assert content(verification())["export"] == {
        "lines": 1,
        "sha256": "151fb6e7633f33cd03f2ed4e38f634c51ddf569e93310e3f07ddaaee468a7b61",
    }
    assert (tmp_path / "rows.ndjson").read_bytes() == (
        b'{"side":"host","table":"t","pk":1,"cells":["i1:1"]}\n'
    )


def test_the_given_key_signs_it(proof: Evidence, public_key: Path, tmp_path: Path):
    path = tmp_path / "certificate.json"
    issued = issue(verification(), proof, purpose="verify", actor="ada", path=path, key=SIGNER)
    assert open_signed("certificate", path.read_bytes(), SIGNER.public) == issued.content
    assert issued.sha256 == sha256(path.read_bytes()).hexdigest()
    assert issued.path == path


def test_without_one_it_is_that_of_the_settings(proof: Evidence, public_key: Path, tmp_path: Path):
    path = tmp_path / "certificate.json"
    issued = issue(verification(), proof, purpose="verify", actor="ada", path=path)
    key = read_public_key(public_key)
    assert open_signed("certificate", path.read_bytes(), key) == issued.content


def test_the_log_is_told_of_it(proof: Evidence, tmp_path: Path):
    found = verification(state(RESTORES))
    tally = Tally(found=2, withheld={"one"})
    tally.digest_found.add(["i1:1", "i1:2"])
    found.tables = {RESTORES: tally}
    table = HostTableEvidence(["id"], 1)
    table.digest.add(["i1:1"])
    proof.host_tables = {"system_backups_restorelog": table}
    proof.log_digests = {"system_backups_restorelog": "1" * 64}
    path = tmp_path / "certificate.json"
    issued = issue(found, proof, purpose="retire", actor="ada", path=path, key=SIGNER)
    assert issued.facts() == {
        "purpose": "retire",
        "equal": False,
        "certificate": sha256(path.read_bytes()).hexdigest(),
        "log_position": 7,
        "chain_head": HEAD_HEX,
        "mappings": {RESTORES: 2},
        "tables": {RESTORES: TableDigest(rows=2, digest=FOUND)},
        "host_tables": {"system_backups_restorelog": TableDigest(rows=1, digest=HOST)},
        "quarantined": 1,
    }


def test_what_was_issued_stays_as_it_is(proof: Evidence, tmp_path: Path):
    path = tmp_path / "certificate.json"
    issued = issue(verification(), proof, purpose="verify", actor="ada", path=path, key=SIGNER)
    with pytest.raises(FrozenInstanceError):
        issued.sha256 = "0" * 64  # type: ignore[misc]
    touched = CertifiedDelta(rows=1, position=2)
    with pytest.raises(FrozenInstanceError):
        touched.rows = 0  # type: ignore[misc]


def test_a_host_that_was_never_read_gets_none(tmp_path: Path):
    path = tmp_path / "certificate.json"
    with pytest.raises(NothingToCertify) as nothing:
        issue(verification(), Evidence(), purpose="verify", actor="ada", path=path, key=SIGNER)
    assert nothing.value.code == "nothing_to_certify"
    assert nothing.value.message.said(at_terminal) == (
        "The log cannot be read, so no tables were compared and there is no result to certify. "
        "To see more: manage.py verify_log"
    )
    assert not path.exists()


# --- the verdict -----------------------------------------------------------------------------


def quarantined(*streams: str) -> Verification:
    found = verification(state(RESTORES))
    found.tables = {RESTORES: Tally(withheld=set(streams))}
    found.differences = differing(quarantined=len(streams))
    return found


@pytest.mark.parametrize(
    ("accepted", "equal"), [(None, False), (0, False), (1, False), (2, True), (3, False)]
)
def test_it_is_equal_if_as_many_quarantined_rows_were_accepted_as_there_are(
    content: Issue, accepted: int | None, equal: bool
):
    assert content(quarantined("one", "two"), accepted=accepted)["equal"] is equal


def test_one_quarantined_row_is_not_none(content: Issue):
    assert content(quarantined("one"))["equal"] is False


def test_if_there_are_none_it_does_not_matter_how_many_were_accepted(content: Issue):
    assert content(verification(), accepted=5)["equal"] is True


@pytest.mark.parametrize(
    "causes",
    [{"projection_wrong": 1}, {"host_changed": 1}, {"projection_wrong": 1, "host_changed": 1}],
)
def test_a_difference_of_another_cause_makes_it_not_equal(content: Issue, causes: dict[str, int]):
    assert content(verification(differences=differing(**causes)))["equal"] is False


# --- what is wrong although it is in no row --------------------------------------------------


def test_a_stopped_projection_is_a_problem(content: Issue):
    said = content(verification(state(LEGACY), state(RESTORES, error="no such column")))
    assert said["equal"] is False
    assert said["problems"] == [
        f"{RESTORES} is stopped at position 7: no such column. Repair that, then rebuild "
        f"it: rebuild labels={RESTORES}"
    ]


def test_so_is_a_checkpoint_of_another_log(content: Issue):
    said = content(verification(state(LEGACY, fits=False), state(RESTORES)))
    assert said["equal"] is False
    assert said["problems"] == [
        f"{LEGACY}: its checkpoint at position 7 is not in this log. To rebuild it: "
        f"rebuild labels={LEGACY}"
    ]


def test_one_that_is_only_behind_is_none(content: Issue):
    assert content(verification(state(RESTORES, position=3, lag=4)))["problems"] == []


def test_so_is_a_chain_that_is_broken(content: Issue):
    chain = ChainReport(False, 4, HEAD_HEX, 5, "position 5 is missing; 6 follows")
    said = content(verification(chain=chain))
    assert said["equal"] is False
    assert said["problems"] == [
        "The log's chain is broken at position 5: position 5 is missing; 6 follows"
    ]


def test_so_is_a_log_that_is_not_what_was_certified(content: Issue):
    said = content(verification(legacy_as_certified=False))
    assert said["equal"] is False
    assert said["problems"] == [
        "The log no longer says of the legacy tables what was certified last"
    ]


@pytest.mark.parametrize("certified", [True, None])
def test_one_that_is_or_that_nobody_certified_is_none(content: Issue, certified: bool | None):
    assert content(verification(legacy_as_certified=certified))["problems"] == []


def test_so_is_a_snapshot_with_another_head_than_the_chain(proof: Evidence, content: Issue):
    proof.chain_head = bytes(32)
    said = content(verification())
    assert said["equal"] is False
    assert said["problems"] == ["The log does not fit its chain after position 7"]


def test_so_is_a_snapshot_that_ends_before_the_chain(proof: Evidence, content: Issue):
    proof.position = 6
    assert content(verification())["problems"] == [
        "The log does not fit its chain after position 7"
    ]


def test_a_log_whose_chain_was_walked_to_its_end_is_not_read_again(content: Issue):
    assert content(verification(), using="nowhere")["problems"] == []


@pytest.fixture
def appended(database: str, proof: Evidence) -> ChainReport:
    """The chain as it was after one event, before the two that the snapshot has as well."""
    log = Log()
    log.append([new_event(requested(1))])
    walked = log.head()
    log.append([new_event(requested(2)), new_event(requested(3))])
    proof.position, proof.chain_head = log.head().position, log.head().hash
    return ChainReport(True, walked.position, walked.hash.hex(), None, "")


def test_what_was_appended_since_the_chain_was_walked_fits_it(
    appended: ChainReport, content: Issue
):
    assert content(verification(chain=appended))["problems"] == []


@pytest.mark.parametrize("position", [2, 3])
def test_a_change_in_what_was_appended_is_a_problem(
    database: str, appended: ChainReport, content: Issue, position: int
):
    forging.forge(
        database,
        f"UPDATE event_store_event SET recorded_at = recorded_at + 1 WHERE position = {position}",
    )
    assert content(verification(chain=appended))["problems"] == [
        "The log does not fit its chain after position 1"
    ]


# --- over what it is written ------------------------------------------------------------------


def test_it_takes_the_place_of_a_certificate_that_the_log_does_not_name(tmp_path: Path):
    path = tmp_path / "certificate.json"
    path.write_bytes(b'{"certificate":{}}')
    refuse_overwriting([certificate_output(path, {"another"})])
    with pytest.raises(WouldOverwrite, match="the log names the certificate that is there"):
        refuse_overwriting([certificate_output(path, {sha256(path.read_bytes()).hexdigest()})])


def test_and_of_no_other_file(tmp_path: Path):
    path = tmp_path / "notes"
    path.write_text('{"certified": 1}')
    with pytest.raises(WouldOverwrite, match=rf"^certificate={path}: .* it is no certificate\."):
        refuse_overwriting([certificate_output(path, ())])
