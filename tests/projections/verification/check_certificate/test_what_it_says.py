"""What the check says of a certificate, of what it has checked and of what it has not."""

import json
from hashlib import sha256

import pytest

from tests.projections.verification.check_certificate.small_certificate import (
    CHOICES,
    EMPTY,
    LABELS,
    PLACE,
    SIGNATURE,
    VERDICT,
    Files,
    Json,
    certificate,
    changed,
    quarantine,
    unequal,
    whole,
)
from tests.projections.verification.sample_export import table_of


def retired_sample() -> Json:
    content = whole()
    for label in LABELS[:2]:
        del content["host_tables"][table_of(label)]
    return content


HASHED = "each of the 8 rows, hashed again, and each table's digest"
MAPPED = "each table holds what the mapping makes of the host's rows"
HELD = "the host's own digests are those of the certificate"
NO_ROWS = "the rows behind the digests (--rows)"
NO_HOST = "whether the host is what the certificate says (--host-digests)"
UNKNOWN = [
    "2 values of `amended`",
    "2 values of `created_by_username`",
    "4 values of `version`",
]
NO_EVENTS = "what follows from the log alone (--events)"
NO_ANCHOR = "whether the log has grown from one that was kept elsewhere (--anchor)"
NO_LOG = [NO_EVENTS, CHOICES, NO_ANCHOR, PLACE]


def genuine(points: int) -> str:
    says = "The certificate is genuine in all that was checked"
    return f"{says}; {points} points were NOT checked, see above."


def test_it_says_what_the_certificate_says_and_what_was_checked(files: Files):
    done = files.check("--rows", files.rows, "--host-digests", files.digests)
    assert done == (
        0,
        f"{files.told}Checked: {SIGNATURE}.\nChecked: {VERDICT}.\nChecked: {HASHED}.\n"
        f"Checked: {HELD}.\nChecked: {MAPPED}.\n"
        + "".join(f"NOT checked: {what}.\n" for what in (*UNKNOWN, *NO_LOG))
        + f"{genuine(7)}\n",
        "",
    )


def test_it_says_what_was_not_checked(files: Files):
    assert files.check() == (
        0,
        f"{files.told}Checked: {SIGNATURE}.\nChecked: {VERDICT}.\nNOT checked: {NO_ROWS}.\n"
        f"NOT checked: {NO_HOST}.\n"
        + "".join(f"NOT checked: {what}.\n" for what in NO_LOG)
        + f"{genuine(6)}\n",
        "",
    )


def test_programs_read_the_same_as_json(files: Files):
    done = files.check("--json", "--rows", files.rows)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == {
        "genuine": True,
        "refused": None,
        "equal": True,
        "sha256": files.sha256,
        "checked": [SIGNATURE, VERDICT, HASHED, MAPPED],
        "not_checked": [NO_HOST, *UNKNOWN, *NO_LOG],
    }


def test_a_certificate_that_says_not_equal_is_genuine_too(files: Files):
    def one(content: Json) -> None:
        content["problems"] = ["The log's chain is broken at position 3"]

    files.sign(unequal(lambda content: quarantine(content, accepted=0), one))
    done = files.check()
    assert done.code == 0
    assert (
        "\n  1 rows that no table can hold, not accepted"
        "\n  The log's chain is broken at position 3"
        "\nIt says that the tables and the host are NOT EQUAL.\n" in done.out
    )
    assert json.loads(files.check("--json").out)["equal"] is False


def test_the_reason_for_which_rows_were_accepted_is_said(files: Files):
    files.sign(changed(quarantine))
    assert "\n  1 rows that no table can hold, accepted: seen to\nIt says" in files.check().out


def test_what_is_refused_is_refused_with_what_was_checked_before(files: Files):
    files.digests.write_text("system_backups_backuplog|2|00\n")
    options = ("--rows", files.rows, "--host-digests", files.digests)
    assert files.check(*options) == (
        1,
        f"Checked: {SIGNATURE}.\nChecked: {VERDICT}.\nChecked: {HASHED}.\n"
        "REFUSED: database_management_backuplog: the host's digests leave it out.\n",
        "",
    )
    done = files.check(*options, "--json")
    assert (done.code, done.err) == (1, "")
    assert json.loads(done.out) == {
        "genuine": False,
        "refused": "database_management_backuplog: the host's digests leave it out",
        "equal": None,
        "sha256": None,
        "checked": [SIGNATURE, VERDICT, HASHED],
        "not_checked": [],
    }


def test_a_verdict_that_does_not_follow_is_refused(files: Files):
    files.sign(unequal())
    assert files.check() == (
        1,
        f"Checked: {SIGNATURE}.\n"
        "REFUSED: the certificate says not equal, and its counts say otherwise.\n",
        "",
    )


@pytest.mark.parametrize("lacks", sorted(certificate().keys() - {"format"}))
def test_a_certificate_that_lacks_something_is_refused(files: Files, lacks: str):
    files.sign(changed(lambda content: content.pop(lacks)))
    assert files.check() == (
        1,
        f"Checked: {SIGNATURE}.\n"
        f"REFUSED: the certificate lacks, or has beyond its format: {lacks}.\n",
        "",
    )


@pytest.mark.parametrize("more", [{"sha256": "0" * 64}, {"remark": None, "approved": True}])
def test_so_is_one_that_says_more_than_its_format_has(files: Files, more: Json):
    files.sign({**certificate(), **more})
    why = f"the certificate lacks, or has beyond its format: {', '.join(sorted(more))}"
    done = files.check("--json")
    assert done.code == 1
    said = json.loads(done.out)
    assert (said["refused"], said["sha256"]) == (why, None)


def test_the_hash_is_computed_from_the_file(files: Files):
    files.sign({**certificate(), "issued_by": "somebody else"})
    hashed = sha256(files.certificate.read_bytes()).hexdigest()
    assert f"\nSHA-256 {hashed}, as the log should name it\n" in files.check().out
    assert json.loads(files.check("--json").out)["sha256"] == hashed


def test_a_certificate_of_nothing_is_refused(files: Files):
    empty = {"lines": 0, "sha256": EMPTY}
    files.sign({**certificate(), "projections": {}, "host_tables": {}, "export": empty})
    files.rows.write_bytes(b"")
    assert files.check("--rows", files.rows) == (
        1,
        f"Checked: {SIGNATURE}.\n"
        "REFUSED: the certificate's host_tables is not what its format asks for.\n",
        "",
    )


def test_it_says_that_the_legacy_tables_were_left_out(files: Files):
    files.sign(retired_sample())
    done = files.check("--host-digests", files.digests)
    assert (done.code, done.err) == (0, "")
    assert (
        f"Checked: {HELD}.\nNOT checked: {NO_ROWS}.\nNOT checked: the host's legacy tables, which "
        f"are left out as after a retirement.\nNOT checked: {NO_EVENTS}.\n" in done.out
    )
