"""What the one-file check accepts and refuses, on a certificate small enough to read."""

import json
import re
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infrastructure.documents.keys import Signer
from infrastructure.documents.signed import signed
from tests.projections.verification.sample_export import Sample, table_of
from tests.support import checking

Json = dict[str, Any]
Change = Callable[[Json], None]

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
HOST_DIGEST = "a902b84c250848491e963e79a6408b1327b22eeaf028b00745c8a2301b19a581"
TABLE_DIGEST = "0c5a2ad1e7751ccce14cecdd91ba0446a40d98d3f4755cc3c254f308a294fe57"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
TABLE = "system_backups_restorelog"
LABEL = "system_backups.RestoreLog"
ROWS = [
    b'{"side":"host","table":"system_backups_restorelog","pk":7,"cells":["i1:7","t5:daily"]}\n',
    b'{"side":"projection","table":"system_backups.RestoreLog","pk":7,"cells":["i1:7",'
    b'"d26:2024-05-01T00:00:00.000000"]}\n',
    b'{"side":"host","table":"system_backups_restorelog","pk":8,"cells":["i1:8","-"]}\n',
]
EXPORT = "5c66f02f984869565f840333cc1a0d96467840356ec11d4bbbf2372942fbb7ce"


LABELS = (
    *("database_management.BackupLog", "database_management.RestoreLog"),
    *("system_backups.BackupLog", "system_backups.RestoreLog"),
)
NAMED = {1} | {
    12_345 - 12_345 % step - step * n
    for step in (2**power for power in range(14))
    for n in range(8)
    if 12_345 - 12_345 % step - step * n > 0
}
"""Positions of the log whose hashes it names: the last eight of each power of two."""


def certificate() -> Json:
    """Two rows in the host, of which one has to stand in the service's table, and does."""
    no_rows = {
        "columns": ["id"], "rows": 0, "digest": EMPTY, "expected_rows": 0, "expected_digest": EMPTY,
        "position": 12_345, "missing": 0, "unexpected": 0, "differing": 0, "recorded_here": 0,
        "quarantined": 0, "host_changed": 0,
    }  # fmt: skip
    empty = {
        "columns": ["id"], "types": ["bigint"], "rows": 0, "digest": EMPTY, "log_digest": EMPTY,
    }  # fmt: skip
    return {
        "format": "restore-log-certificate/2",
        "recipe": "host-digest/1",
        "purpose": "verify",
        "issued_at": "2024-05-01T12:00:00.000000Z",
        "issued_by": "Zoë",
        "code_version": "0000000",
        "host": {
            "id": "8a4f2b1e-0000-4000-8000-000000000001",
            "fingerprint": "4d1c",
            "id_offset": 1_000_000,
            "vendor": "sqlite",
            "source": {
                "vendor": "sqlite",
                "server": None,
                "database": None,
                "schema": None,
                "path": "/srv/shop.sqlite3",
                "role": None,
            },
        },
        "log": {
            "position": 12_345,
            "chain_head": "2" * 64,
            "heads": {str(position): "2" * 64 for position in NAMED},
        },
        "mappings": dict.fromkeys(LABELS, 1),
        "scopes": dict.fromkeys(LABELS, "native"),
        "equal": True,
        "host_tables": {
            "database_management_backuplog": dict(empty),
            "database_management_restorelog": dict(empty),
            "system_backups_backuplog": dict(empty),
            TABLE: {
                "columns": ["id", "name"],
                "types": ["bigint", "varchar(255)"],
                "rows": 2,
                "digest": HOST_DIGEST,
                "log_digest": "3" * 64,
            },
        },
        "projections": {
            **{label: dict(no_rows) for label in LABELS},
            LABEL: {
                **no_rows,
                "columns": ["id", "created_at"],
                "rows": 1,
                "digest": TABLE_DIGEST,
                "expected_rows": 1,
                "expected_digest": TABLE_DIGEST,
            },
        },
        "differences": {"projection_wrong": 0, "host_changed": 0, "quarantined": 0},
        "zone": "UTC",
        "columns": [],
        "assumptions": [],
        "empty_targets": {"database_management.RestoreLog": 0, "system_backups.RestoreLog": 0},
        "problems": [],
        "quarantined": {"count": 0, "accepted": 0, "reason": None, "rows": []},
        "touched": None,
        "export": {"lines": 3, "sha256": EXPORT},
    }


def changed(change: Change) -> Json:
    content = certificate()
    change(content)
    return content


def retired() -> Json:
    """After a retirement, when the host's legacy tables are not read any more."""
    content = {**certificate(), "scopes": dict.fromkeys(LABELS, "all")}
    del content["host_tables"]["database_management_backuplog"]
    del content["host_tables"]["database_management_restorelog"]
    return content


@pytest.fixture
def the_check() -> ModuleType:
    return checking.loaded()


# --- the file and its signature --------------------------------------------------------------


def opened(the_check: ModuleType, data: bytes) -> Json:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    content: Json = the_check.opened(data, key)
    return content


def document(**changes: Any) -> Json:
    """The signed certificate, with other entries beside or in place of its own."""
    return {**json.loads(signed("certificate", certificate(), SIGNER)), **changes}


def written(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def test_a_signed_certificate_is_read_as_it_was_written(the_check: ModuleType):
    assert opened(the_check, signed("certificate", certificate(), SIGNER)) == certificate()
    assert written(document()) == signed("certificate", certificate(), SIGNER)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "the certificate is not JSON in UTF-8"),
        (b"\xff\n", "the certificate is not JSON in UTF-8"),
        (b'{"certificate":NaN}\n', "the certificate is not JSON in UTF-8"),
        (b"{}", "the certificate is not in its canonical form"),
        (b"{ }\n", "the certificate is not in its canonical form"),
        (b'{"b":1,"a":1}\n', "the certificate is not in its canonical form"),
        (b'{"a":"\\u00eb"}\n', "the certificate is not in its canonical form"),
        (b'["certificate","signature"]\n', "the file is no certificate"),
        (b'{"anchor":{},"signature":{}}\n', "the file is no certificate"),
        (written(document(extra=1)), "the file is no certificate"),
        (
            written(document(signature=["algorithm", "key", "value"])),
            "the certificate has no signature",
        ),
        (
            written(document(signature={"algorithm": "Ed25519", "value": ""})),
            "the certificate has no signature",
        ),
    ],
)
def test_a_file_in_another_form_is_refused(the_check: ModuleType, data: bytes, why: str):
    with pytest.raises(the_check.Refused) as refused:
        opened(the_check, data)
    assert str(refused.value) == why


@pytest.mark.parametrize(("field", "other"), [("algorithm", "Ed448"), ("key", "0" * 64)])
def test_another_algorithm_or_key_is_not_the_given_key(
    the_check: ModuleType, field: str, other: str
):
    signature = {**document()["signature"], field: other}
    with pytest.raises(the_check.Refused, match="signed by another key"):
        opened(the_check, written(document(signature=signature)))


def other_last_bits(value: str) -> str:
    """Other Base64 for the very same bytes: the last digit's low bits are not used."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert value.endswith("==")
    return value[:-3] + digits[digits.index(value[-3]) + 1] + "=="


@pytest.mark.parametrize(
    "forge",
    [
        lambda value: "A" * 86 + "==",
        other_last_bits,
        lambda value: value + "\n",
        lambda value: value[:40] + "!" + value[40:],
        lambda value: value[:-2],
        lambda value: "é",
        lambda value: None,
        lambda value: 17,
    ],
)
def test_only_the_one_signature_in_its_one_form_will_do(
    the_check: ModuleType, forge: Callable[[str], Any]
):
    signature = document()["signature"]
    signature["value"] = forge(signature["value"])
    with pytest.raises(the_check.Refused, match="not that of the given key over this content"):
        opened(the_check, written(document(signature=signature)))


def test_a_signature_of_other_content_is_refused(the_check: ModuleType):
    content = {**certificate(), "equal": False}
    with pytest.raises(the_check.Refused, match="not that of the given key over this content"):
        opened(the_check, written(document(certificate=content)))


@pytest.mark.parametrize(
    "content",
    [
        ["format"],
        {"format": "restore-log-certificate/3"},
        {"format": ["restore-log-certificate/2"]},
        {"format": None},
        {},
    ],
)
def test_signed_content_of_another_format_is_refused(the_check: ModuleType, content: Any):
    with pytest.raises(the_check.Refused) as refused:
        opened(the_check, signed("certificate", content, SIGNER))
    assert str(refused.value) == (
        "this check knows certificates of the formats restore-log-certificate/1 and "
        "restore-log-certificate/2"
    )


# --- its form --------------------------------------------------------------------------------


def put(value: Any, *path: Any) -> Json:
    """The certificate with this in the place of what it says there."""
    content: Any = certificate()
    at = content
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return content  # type: ignore[no-any-return]


CHOICE = {
    "table": LABEL, "target": "size_bytes", "columns": ["size"], "how": "decided", "reason": "why",
}  # fmt: skip
ASSUMPTION = {"table": LABEL, "column": "is_overwrite", "value": False, "rows": 3}
ROW = {"table": LABEL, "pk": 9, "column": "created_at", "reason": "no time", "by": "host"}
NOT_AS_ASKED = {
    "recipe": [None, "host-digest/2"],
    "purpose": [None, "", "roll_back"],
    "issued_at": [None, 1_714_564_800],
    "issued_by": [None, ["ada"]],
    "code_version": [None, 1],
    "equal": [None, 1, "true"],
    "problems": [None, "", {}, [1], ["a", None]],
    "zone": [1, ["UTC"]],
    "columns": [None, {}, ["a"], [{**CHOICE, "how": "guessed"}], [{**CHOICE, "columns": "size"}]],
    "assumptions": [None, {}, [{**ASSUMPTION, "rows": -1}], [{**ASSUMPTION, "table": "a.B"}]],
    "empty_targets": [None, {}, {"system_backups.RestoreLog": 0}],
    "touched": [{}, 3, {"rows": 1}, {"rows": -1, "position": 2}, {"rows": 1, "position": "2"}],
    "export": [{}, {"lines": -1, "sha256": EMPTY}, {"lines": 1, "sha256": "x"}, False],
    "host": [None, "", {}],
    "log": [None, 12_345, {"position": 1}],
    "mappings": [None, {}, dict.fromkeys(LABELS[1:], 1), dict.fromkeys((*LABELS, "app.Log"), 1)],
    "scopes": [None, {}, dict.fromkeys(LABELS[1:], "all"), dict.fromkeys((*LABELS, "a.B"), "all")],
    "host_tables": [None, {}, [TABLE]],
    "projections": [None, {}, list(LABELS)],
    "differences": [None, {}, {"projection_wrong": 0, "host_changed": 0}],
    "quarantined": [None, 0, {"count": 0, "accepted": 0, "rows": []}],
}
TEXT, COUNT, DIGEST = [None, 1], [None, -1, 1.0, True, "1"], [None, 1, "x" * 64, "0" * 63, "A" * 64]
NOT_AS_ASKED_WITHIN = {
    ("host", "id"): [*TEXT, "", "8A4F2B1E-0000-4000-8000-000000000001", "8a4f2b1e"],
    ("host", "fingerprint"): TEXT,
    ("host", "id_offset"): [None, "1", 1.5, -1],
    ("host", "vendor"): TEXT,
    ("host", "name"): ["product"],
    ("host", "source"): [None, {}, {"vendor": "sqlite"}],
    ("host", "source", "vendor"): TEXT,
    ("host", "source", "role"): [1, ["reader"]],
    ("host", "source", "password"): ["x"],
    ("log", "position"): COUNT,
    ("log", "chain_head"): DIGEST,
    ("log", "heads"): [None, [], {"x": "0" * 64}, {"01": "0" * 64}, {"1": "x"}, {1: "0" * 64}],
    ("log", "events"): [12_345],
    ("mappings", LABEL): COUNT,
    ("scopes", LABEL): [None, "", "legacy"],
    ("host_tables", TABLE): [None, {}],
    ("host_tables", "users"): [certificate()["host_tables"][TABLE]],
    ("host_tables", TABLE, "columns"): [None, [], ["name"], ["id", 1], "id", {"id": 1}],
    ("host_tables", TABLE, "types"): [None, "text", [1, 2], ["text", None]],
    ("host_tables", TABLE, "rows"): COUNT,
    ("host_tables", TABLE, "digest"): DIGEST,
    ("host_tables", TABLE, "log_digest"): DIGEST,
    ("host_tables", TABLE, "size"): [2],
    ("projections", LABEL): [None, {}],
    ("projections", "app.Log"): [certificate()["projections"][LABEL]],
    ("projections", LABEL, "columns"): [None, [], ["name"], ["id", 1]],
    ("projections", LABEL, "rows"): COUNT,
    ("projections", LABEL, "digest"): DIGEST,
    ("projections", LABEL, "expected_rows"): COUNT,
    ("projections", LABEL, "expected_digest"): DIGEST,
    ("projections", LABEL, "position"): COUNT,
    ("projections", LABEL, "missing"): COUNT,
    ("projections", LABEL, "unexpected"): COUNT,
    ("projections", LABEL, "differing"): COUNT,
    ("projections", LABEL, "recorded_here"): COUNT,
    ("projections", LABEL, "quarantined"): COUNT,
    ("projections", LABEL, "host_changed"): COUNT,
    ("projections", LABEL, "seconds"): [1],
    ("differences", "projection_wrong"): COUNT,
    ("differences", "host_changed"): COUNT,
    ("differences", "quarantined"): COUNT,
    ("differences", "other"): [0],
    ("quarantined", "count"): COUNT,
    ("quarantined", "accepted"): COUNT,
    ("quarantined", "reason"): [1, []],
    ("quarantined", "rows"): [None, {}, [None], [{}], [ROW, {**ROW, "more": 1}]],
    ("quarantined", "more"): [0],
}
OF_A_ROW = {
    "table": [None, "app.Log", TABLE],
    "pk": [None, "9", 9.0, True],
    "column": TEXT,
    "reason": TEXT,
    "by": [*TEXT, "", "auditor"],
}


def test_a_certificate_has_the_form_of_its_format(the_check: ModuleType):
    the_check.formed(certificate())
    the_check.formed(put({"rows": 3, "position": 9}, "touched"))
    the_check.formed(put(None, "export"))
    the_check.formed(put("seen to", "quarantined", "reason"))
    the_check.formed(put([ROW, {**ROW, "pk": -9}], "quarantined", "rows"))
    the_check.formed(put(["stopped", "broken"], "problems"))
    the_check.formed(put(0, "host", "id_offset"))
    the_check.formed(put("all", "scopes", LABEL))


@pytest.mark.parametrize(
    ("path", "other"),
    [
        *(((name,), other) for name, others in NOT_AS_ASKED.items() for other in others),
        *((path, other) for path, others in NOT_AS_ASKED_WITHIN.items() for other in others),
        *(
            (("quarantined", "rows"), [{**ROW, name: other}])
            for name, others in OF_A_ROW.items()
            for other in others
        ),
    ],
)
def test_anything_else_is_refused(the_check: ModuleType, path: tuple[Any, ...], other: Any):
    with pytest.raises(the_check.Refused) as refused:
        the_check.formed(put(other, *path))
    assert str(refused.value) == f"the certificate's {path[0]} is not what its format asks for"


@pytest.mark.parametrize("side", ["host_tables", "projections", "mappings", "scopes"])
@pytest.mark.parametrize("name", ["{}_backuplog", "{}_restorelog"])
@pytest.mark.parametrize("app", ["database_management", "system_backups"])
def test_no_table_may_be_left_out(the_check: ModuleType, side: str, app: str, name: str):
    def less(content: Json) -> None:
        left_out = name.format(app)
        content[side] = {
            key: table
            for key, table in content[side].items()
            if key.replace(".", "_").lower() != left_out
        }
        assert len(content[side]) == 3

    with pytest.raises(the_check.Refused, match=f"the certificate's {side} is not"):
        the_check.formed(changed(less))


def test_after_a_retirement_the_legacy_tables_of_the_host_may_be(the_check: ModuleType):
    the_check.formed(retired())


@pytest.mark.parametrize("purpose", ["cut_over", "retire"])
def test_before_it_they_may_not(the_check: ModuleType, purpose: str):
    with pytest.raises(the_check.Refused) as refused:
        the_check.formed({**retired(), "purpose": purpose})
    assert str(refused.value) == (
        "it leaves out the legacy tables, which only a verification after the retirement may"
    )


@pytest.mark.parametrize("purpose", ["cut_over", "retire"])
def test_a_step_is_certified_with_the_legacy_rows_in_the_consolidated_tables(
    the_check: ModuleType, purpose: str
):
    scopes = {label: "native" for label in LABELS if label.startswith("database_")}
    scopes |= {label: "all" for label in LABELS if label.startswith("system_")}
    content = {**certificate(), "purpose": purpose, "scopes": scopes}
    the_check.formed(content)
    for label in ("system_backups.BackupLog", "system_backups.RestoreLog"):
        with pytest.raises(the_check.Refused) as refused:
            the_check.formed({**content, "scopes": {**scopes, label: "native"}})
        assert str(refused.value) == (
            f"it is of a {purpose}, and the legacy rows do not stand in the consolidated tables"
        )


# --- the verdict -----------------------------------------------------------------------------


def quarantine(content: Json, *, count: int = 1, accepted: int = 1) -> None:
    """One row that the table cannot hold."""
    row = {**ROW}
    content["quarantined"] = {
        "count": count,
        "accepted": accepted,
        "reason": "seen to",
        "rows": [row],
    }
    content["differences"]["quarantined"] = 1
    content["projections"][LABEL]["quarantined"] = 1


def table(**says: Any) -> Change:
    return lambda content: content["projections"][LABEL].update(says)


def unequal(*changes: Change) -> Json:
    content = {**certificate(), "equal": False}
    for change in changes:
        change(content)
    return content


def test_equal_is_what_the_counts_make_it(the_check: ModuleType):
    the_check.consistent(certificate())


def test_it_is_still_equal_if_all_quarantined_rows_were_accepted(the_check: ModuleType):
    the_check.consistent(changed(quarantine))


def test_more_may_have_been_accepted_than_there_is(the_check: ModuleType):
    the_check.consistent(changed(lambda content: content["quarantined"].update(accepted=5)))


@pytest.mark.parametrize(
    "counts",
    [
        {"rows": 2, "digest": "1" * 64, "unexpected": 1},
        {"rows": 0, "digest": "1" * 64, "missing": 1},
        {"rows": 3, "digest": "1" * 64, "unexpected": 3, "missing": 1},
        {"digest": "1" * 64, "differing": 1},
        {"differing": 1},
    ],
)
def test_a_table_that_differs_makes_it_not_equal(the_check: ModuleType, counts: Json):
    the_check.consistent(unequal(table(**counts)))
    with pytest.raises(the_check.Refused) as refused:
        the_check.consistent(changed(table(**counts)))
    assert str(refused.value) == "the certificate says equal, and its counts say otherwise"


def test_one_table_that_differs_is_enough(the_check: ModuleType):
    def first_of_two(content: Json) -> None:
        same = content["projections"][LABEL]
        content["projections"] = {"app.First": {**same, "differing": 1}, LABEL: same}

    the_check.consistent(unequal(first_of_two))


@pytest.mark.parametrize("cause", ["projection_wrong", "host_changed"])
def test_so_does_a_difference_of_either_cause(the_check: ModuleType, cause: str):
    def one(content: Json) -> None:
        content["differences"][cause] = 1

    the_check.consistent(unequal(one))
    with pytest.raises(the_check.Refused, match="says equal, and its counts say otherwise"):
        the_check.consistent(changed(one))


def test_so_does_a_problem_that_is_in_no_row(the_check: ModuleType):
    def one(content: Json) -> None:
        content["problems"] = ["The log's chain is broken at position 3"]

    the_check.consistent(unequal(one))
    with pytest.raises(the_check.Refused, match="says equal, and its counts say otherwise"):
        the_check.consistent(changed(one))


@pytest.mark.parametrize("accepted", [0, 2])
def test_so_do_quarantined_rows_unless_just_as_many_were_accepted(
    the_check: ModuleType, accepted: int
):
    def one(content: Json) -> None:
        quarantine(content, accepted=accepted)

    the_check.consistent(unequal(one))
    with pytest.raises(the_check.Refused, match="says equal, and its counts say otherwise"):
        the_check.consistent(changed(one))


def test_a_verdict_that_is_worse_than_the_counts_is_refused_too(the_check: ModuleType):
    with pytest.raises(the_check.Refused) as refused:
        the_check.consistent(unequal())
    assert str(refused.value) == "the certificate says not equal, and its counts say otherwise"


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ({"digest": "1" * 64}, "its digest is not the expected one, and yet no row differs"),
        ({"rows": 2}, "its digest is not the expected one, and yet no row differs"),
        ({"rows": 2, "differing": 1}, "its counts do not add up"),
        ({"rows": 1, "missing": 1}, "its counts do not add up"),
        ({"rows": 1, "unexpected": 1}, "its counts do not add up"),
    ],
)
def test_counts_that_contradict_each_other_are_refused(
    the_check: ModuleType, counts: Json, why: str
):
    with pytest.raises(the_check.Refused) as refused:
        the_check.consistent(unequal(table(**counts)))
    assert str(refused.value) == f"{LABEL}: {why}"


def test_every_quarantined_row_has_to_be_listed(the_check: ModuleType):
    def unlisted(content: Json) -> None:
        quarantine(content)
        content["differences"]["quarantined"] = 2

    with pytest.raises(the_check.Refused, match="not every quarantined row is listed"):
        the_check.consistent(changed(unlisted))


def test_the_tables_have_to_count_the_rows_that_are_listed(the_check: ModuleType):
    def uncounted(content: Json) -> None:
        quarantine(content)
        content["projections"][LABEL]["quarantined"] = 0

    with pytest.raises(the_check.Refused, match="count other quarantined rows than those"):
        the_check.consistent(changed(uncounted))


def list_two(content: Json, count: int, **second: Any) -> None:
    """Two entries for what no table can hold; `second` is in what the second one differs."""
    quarantine(content, count=count, accepted=count)
    (row,) = content["quarantined"]["rows"]
    content["quarantined"]["rows"] = [row, {**row, **second}]
    content["differences"]["quarantined"] = 2
    content["projections"][LABEL]["quarantined"] = 2


@pytest.mark.parametrize("count", [0, 2])
def test_a_quarantined_row_is_accepted_only_as_the_one_that_it_is(
    the_check: ModuleType, count: int
):
    content = changed(lambda content: quarantine(content, count=count, accepted=count))
    with pytest.raises(the_check.Refused, match="counts other quarantined rows than it lists"):
        the_check.consistent(content)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_two_rows_of_a_table_are_no_other_number(the_check: ModuleType, count: int):
    content = changed(lambda content: list_two(content, count, pk=10))
    with pytest.raises(the_check.Refused, match="counts other quarantined rows than it lists"):
        the_check.consistent(content)
    the_check.consistent(changed(lambda content: list_two(content, 2, pk=10)))


@pytest.mark.parametrize("count", [1, 2])
def test_a_row_of_each_of_two_tables_may_be_the_same_row(the_check: ModuleType, count: int):
    the_check.consistent(changed(lambda content: list_two(content, count, table="app.Other")))


def test_so_may_two_with_the_same_key(the_check: ModuleType):
    the_check.consistent(changed(lambda content: list_two(content, 1, column="name")))


# --- the rows --------------------------------------------------------------------------------


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "rows.ndjson"
    path.write_bytes(b"".join(ROWS))
    return path


def refusal(the_check: ModuleType, export: Path, content: Json) -> str:
    with pytest.raises(the_check.Refused) as refused:
        the_check.count_rows(export, content)
    return str(refused.value)


def host_row(pk: Any, *cells: Any, side: Any = "host", name: Any = TABLE) -> bytes:
    row = {"side": side, "table": name, "pk": pk, "cells": list(cells)}
    return json.dumps(row).encode() + b"\n"


def of_rows(*rows: bytes, digest: str, count: int) -> Callable[[Path], Json]:
    """Writes these rows of the host's table down, and the certificate that names them."""

    def write(export: Path) -> Json:
        export.write_bytes(b"".join(rows))
        content = certificate()
        content["export"] = {
            "lines": len(rows),
            "sha256": sha256(export.read_bytes()).hexdigest(),
        }
        content["host_tables"][TABLE].update(rows=count, digest=digest)
        content["projections"] = {}
        return content

    return write


def test_all_rows_are_counted(the_check: ModuleType, export: Path):
    assert the_check.count_rows(export, certificate()) == 3


def test_an_export_of_no_rows_has_none(the_check: ModuleType, export: Path):
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert the_check.count_rows(export, of_rows(digest=empty, count=0)(export)) == 0


def test_text_that_is_not_unicode_has_the_bytes_that_the_host_has(
    the_check: ModuleType, export: Path
):
    content = of_rows(
        host_row(7, "i1:7", "t2:\udce9\udcff"),
        digest="5823f46ed6448d2df26a733dedf027f84ae3924e13f96153f5ba6931834b8692",
        count=1,
    )(export)
    assert the_check.count_rows(export, content) == 1


def test_characters_of_several_bytes_count_as_bytes(the_check: ModuleType, export: Path):
    content = of_rows(
        host_row(7, "i1:7", "t2:é"),
        digest="a6c11418c5b708c5c816c1e3005d877b9289763873f190471d62eff691635f5a",
        count=1,
    )(export)
    assert the_check.count_rows(export, content) == 1


@pytest.mark.parametrize("cell", ["b1:1", "d1:x", "f3:1.5", "i1:1", "t0:", "u1:x", "x2:ff", "-"])
def test_each_type_of_cell_is_known(the_check: ModuleType, export: Path, cell: str):
    row = host_row(7, "i1:7", cell)
    assert "those that the certificate counts" in refusal(
        the_check, export, of_rows(row, digest="", count=1)(export)
    )


def test_keys_that_are_no_integers_may_come_more_than_once(the_check: ModuleType, export: Path):
    """A host's `1` and `1.0`, which its column keeps apart and its order does not."""
    content = of_rows(
        host_row(1, "f3:1.0", "-"),
        host_row(1, "f3:1.0", "-"),
        digest="2b048c8fee365a45f3c6604de413deda6d669996c72565112069c02e9c56a290",
        count=2,
    )(export)
    assert the_check.count_rows(export, content) == 2


WHOLE = host_row(7, "i1:7", "-")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"x\n", "it is not JSON"),
        (b"[" * 100_000 + b"\n", "it is not JSON"),
        (b'["side","table","pk","cells"]\n', "it is no row"),
        (b'{"side":"host","table":"system_backups_restorelog","pk":8}\n', "it is no row"),
        (host_row(8, "i1:8", "-", side="guest"), "the certificate knows no such table"),
        (host_row(8, "i1:8", "-", side="projection"), "the certificate knows no such table"),
        (host_row(8, "i1:8", "-", name=LABEL), "the certificate knows no such table"),
        (host_row(8, "i1:8", "-", name=[TABLE]), "the certificate knows no such table"),
        (host_row(8, "i1:8", "-", side=["host"]), "the certificate knows no such table"),
        (host_row("8", "i1:8", "-"), "it has not the key and the cells of its table's columns"),
        (host_row(True, "i1:1", "-"), "it has not the key and the cells of its table's columns"),
        (
            b'{"side":"host","table":"system_backups_restorelog","pk":8,"cells":{"i1:8":1,"-":1}}\n',
            "it has not the key and the cells of its table's columns",
        ),
        (host_row(8, "i1:8"), "it has not the key and the cells of its table's columns"),
        (host_row(8, "i1:8", "-", "-"), "it has not the key and the cells of its table's columns"),
        (host_row(8, "i1:8", None), "a cell of it is no text"),
        (host_row(8, "i1:8", "t2:x"), "a cell of it is not well-formed"),
        (host_row(8, "i1:8", "t01:x"), "a cell of it is not well-formed"),
        (host_row(8, "i1:8", "z1:x"), "a cell of it is not well-formed"),
        (host_row(8, "i1:8", "x0"), "a cell of it is not well-formed"),
        (host_row(8, "i1:8", ""), "a cell of it is not well-formed"),
        (host_row(8, "i1:8", "!"), "a cell of it is not well-formed"),
        (host_row(6, "i1:6", "-"), "its key does not come after the one before it"),
        (host_row(7, "i1:7", "-"), "its key does not come after the one before it"),
        (host_row(6, "f3:6.0", "-"), "its key does not come after the one before it"),
        (host_row(9, "i1:8", "-"), "its key is not the one in its cells"),
        (host_row(8, "i2:08", "-"), "its key is not the one in its cells"),
    ],
)
def test_a_line_that_is_no_row_of_its_table_is_refused(
    the_check: ModuleType, export: Path, line: bytes, why: str
):
    content = of_rows(WHOLE, line, digest="", count=2)(export)
    assert refusal(the_check, export, content) == f"line 2 of the export: {why}"


@pytest.mark.parametrize("named", [{"lines": 4}, {"sha256": "0" * 64}])
def test_another_export_than_the_one_that_is_named_is_refused(
    the_check: ModuleType, export: Path, named: Json
):
    content = changed(lambda content: content["export"].update(named))
    assert refusal(the_check, export, content) == (
        "the export is not the one that the certificate names"
    )


def test_a_certificate_that_names_no_export_has_no_rows(the_check: ModuleType, export: Path):
    content = {**certificate(), "export": None}
    assert "names no export" in refusal(the_check, export, content)


@pytest.mark.parametrize("other", [{"rows": 5}, {"digest": "0" * 64}])
@pytest.mark.parametrize(
    ("tables", "name", "shown"),
    [("host_tables", TABLE, f"{TABLE} (host)"), ("projections", LABEL, f"{LABEL} (proj")],
)
def test_the_rows_of_each_table_have_to_be_those_that_it_counts(
    the_check: ModuleType, export: Path, tables: str, name: str, shown: str, other: Json
):
    content = changed(lambda content: content[tables][name].update(other))
    why = refusal(the_check, export, content)
    assert why.startswith(shown)
    assert why.endswith("the rows are not those that the certificate counts")


def test_a_table_without_its_row_is_refused(the_check: ModuleType, export: Path):
    content = certificate()
    content["host_tables"]["other_log"] = {"columns": ["id"], "rows": 1, "digest": "0" * 64}
    assert refusal(the_check, export, content).startswith("other_log (host): the rows are not")


# --- the host --------------------------------------------------------------------------------

SAID = {TABLE: (2, HOST_DIGEST)}


@pytest.mark.parametrize(
    "printed",
    [
        '{"recipe": "host-digest/1", "tables": {"system_backups_restorelog": '
        '{"rows": 2, "digest": "HOST"}}}',
        "system_backups_restorelog|2|HOST\n",
        " table | rows | digest \n-------+------+------\n"
        " system_backups_restorelog | 2 | HOST \n(1 row)\n",
        "Time|3\nsystem_backups_restorelog|2|HOST\nTime: 3.1 ms\n",
        '"system_backups_restorelog","2","HOST"\n',
        "\n\nsystem_backups_restorelog\t2\tHOST",
        "\ufeffsystem_backups_restorelog|2|HOST\n",
        '\ufeff{"tables": {"system_backups_restorelog": {"rows": 2, "digest": "HOST"}}}',
    ],
)
def test_what_the_recipes_print_is_read(the_check: ModuleType, tmp_path: Path, printed: str):
    path = tmp_path / "digests"
    path.write_text(printed.replace("HOST", HOST_DIGEST))
    assert the_check.host_digests(path) == SAID


def test_a_line_in_another_encoding_is_passed_over(the_check: ModuleType, tmp_path: Path):
    path = tmp_path / "digests"
    path.write_bytes(
        f"system_backups_restorelog|2|{HOST_DIGEST}\nDur\u00e9e : 3,1 ms\n".encode("latin-1")
    )
    assert the_check.host_digests(path) == SAID


@pytest.mark.parametrize(
    "printed",
    ["", "ERROR: relation does not exist\n", "{", "{}", '{"tables": []}', '{"tables": {"a": 1}}',
     '{"tables": {"a": {"rows": 2, "digest": null}}}',
     '{"tables": {"a": {"rows": "x", "digest": ""}}}', "a|\u00b2|b", '{"tables": {}}',
     '{"tables": {"a": {"rows": 2, "digest": ""}, "b": 1}}', "a|1|b\na|\u00b2|b",
     '{"tables": {"a": {"rows": 30.9, "digest": ""}}}',
     '{"tables": {"a": {"rows": true, "digest": ""}}}',
     '{"tables": {"a": {"rows": -1, "digest": ""}}}',
     '{"tables": {"a": {"rows": 1e999, "digest": ""}}}',
     '{"tables": {"a": {"rows": 1, "digest": ""}, "b": {"rows": Infinity, "digest": ""}}}',
     pytest.param('{"tables":' * 200_000, id="deep")],
)  # fmt: skip
def test_anything_else_is_not_what_a_recipe_prints(
    the_check: ModuleType, tmp_path: Path, printed: str
):
    path = tmp_path / "digests"
    path.write_text(printed)
    with pytest.raises(the_check.Unusable) as unusable:
        the_check.host_digests(path)
    assert str(unusable.value) == f"{path} is not what a recipe prints"


PRINTED = {
    "database_management_backuplog": (0, EMPTY),
    "database_management_restorelog": (0, EMPTY),
    "system_backups_backuplog": (0, EMPTY),
    TABLE: (2, HOST_DIGEST),
}


def test_the_host_is_the_one_that_was_compared(the_check: ModuleType):
    the_check.same_host(PRINTED, certificate())


def test_the_digests_of_a_retired_host_need_not_name_its_legacy_tables(the_check: ModuleType):
    the_check.same_host(PRINTED, retired())
    without = {name: rows for name, rows in PRINTED.items() if name.startswith("system_")}
    the_check.same_host(without, retired())


@pytest.mark.parametrize(
    "printed",
    [
        "system_backups_restorelog|2|{}",
        '{{"tables": {{"system_backups_restorelog": {{"rows": 2, "digest": "{}"}}}}}}',
    ],
)
def test_hexadecimal_may_be_in_capitals(the_check: ModuleType, tmp_path: Path, printed: str):
    path = tmp_path / "digests"
    path.write_text(printed.format(HOST_DIGEST.upper()))
    assert the_check.host_digests(path) == SAID


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({TABLE: None}, f"{TABLE}: the host's digests leave it out"),
        (
            {"database_management_backuplog": None},
            "database_management_backuplog: the host's digests leave it out",
        ),
        ({"users": (9, "")}, "users: the host's digests name it, and no certificate does"),
        (
            {TABLE: (3, HOST_DIGEST)},
            f"{TABLE}: the host has 3 rows with digest {HOST_DIGEST}, the certificate says 2 rows "
            f"with digest {HOST_DIGEST}",
        ),
        (
            {TABLE: (2, "00")},
            f"{TABLE}: the host has 2 rows with digest 00, the certificate says 2 rows with "
            f"digest {HOST_DIGEST}",
        ),
    ],
)
def test_another_host_is_refused(the_check: ModuleType, said: Json, why: str):
    printed = {name: rows for name, rows in {**PRINTED, **said}.items() if rows}
    with pytest.raises(the_check.Refused) as refused:
        the_check.same_host(printed, certificate())
    assert str(refused.value) == why


# --- the command -----------------------------------------------------------------------------


SAMPLE = Sample()
"""One row in each table, of the host and of the service."""


def whole() -> Json:
    """The certificate of the sample."""
    return SAMPLE.certificate(certificate())


def retired_sample() -> Json:
    content = whole()
    for label in LABELS[:2]:
        del content["host_tables"][table_of(label)]
    return content


class Files:
    """A certificate, its key, its rows and the host's digests, as an auditor has them."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "certificate.json"
        self.key = folder / "key.pem"
        self.rows = folder / "rows.ndjson"
        self.digests = folder / "host.txt"
        self.key.write_bytes(SIGNER.public.pem)
        self.rows.write_bytes(SAMPLE.lines)
        self.digests.write_text(
            "".join(
                f"{name}|{table['rows']}|{table['digest']}\n"
                for name, table in whole()["host_tables"].items()
            )
        )
        self.sign(whole())

    def sign(self, content: Json) -> None:
        self.certificate.write_bytes(signed("certificate", content, SIGNER))

    @property
    def sha256(self) -> str:
        return sha256(self.certificate.read_bytes()).hexdigest()

    @property
    def told(self) -> str:
        return told(whole(), self.sha256)

    def check(self, *options: str | Path) -> checking.Checked:
        return checking.check_here(self.certificate, "--public-key", self.key, *options)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


SIGNATURE = "the file is whole, and the given key signed it"
VERDICT = "the verdict follows from the counts and digests"
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
PLACE = "from where the host was read, and what types it gives its columns: only the host shows it"
CHOICES = "that its columns fill the targets that they should, in the right zone (--events)"
NO_EVENTS = "what follows from the log alone (--events)"
NO_ANCHOR = "whether the log has grown from one that was kept elsewhere (--anchor)"
NO_LOG = [NO_EVENTS, CHOICES, NO_ANCHOR, PLACE]


def genuine(points: int) -> str:
    says = "The certificate is genuine in all that was checked"
    return f"{says}; {points} points were NOT checked, see above."


def told(content: Json, hashed: str) -> str:
    host, tables = content["host_tables"], content["projections"]
    lines = [
        "Certificate of 2024-05-01T12:00:00.000000Z by Zoë",
        f"SHA-256 {hashed}, as the log should name it",
        "Host 8a4f2b1e-0000-4000-8000-000000000001, log position 12,345",
        "  read from path /srv/shop.sqlite3, vendor sqlite",
        *(f"  {name}: 1 rows in the host, digest {host[name]['digest']}" for name in sorted(host)),
        *(
            f"  {label}: 1 rows, 0 of them recorded by the service, "
            f"digest {tables[label]['digest']}"
            for label in LABELS
        ),
        "It says that the tables and the host are equal.",
    ]
    return "".join(f"{line}\n" for line in lines)


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


def test_control_characters_do_not_reach_the_terminal(files: Files):
    content = put("eve\nChecked: everything.\x1b[31m\u202e", "issued_by")
    quarantine(content, accepted=1)
    content["quarantined"]["reason"] = "so\rwhat"
    content["problems"] = ["broken\x07\tat 3"]
    files.sign({**content, "equal": False})
    lines = files.check().out.split("\n")
    assert lines[0] == (
        r"Certificate of 2024-05-01T12:00:00.000000Z by eve\nChecked: everything.\x1b[31m\u202e"
    )
    assert r"  1 rows that no table can hold, accepted: so\rwhat" in lines
    assert r"  broken\x07\tat 3" in lines


def test_nor_do_those_of_what_is_refused_or_cannot_be_read(files: Files, tmp_path: Path):
    files.sign({**certificate(), "a\x1bb": 1})
    assert files.check().out.endswith(r"beyond its format: a\x1bb." + "\n")
    gone = tmp_path / "a\x1bb\nc"
    files.sign(certificate())
    assert files.check("--rows", gone).err == (
        f"Cannot check: {tmp_path}" + r"/a\x1bb\nc: No such file or directory." + "\n"
    )


def test_names_that_the_terminal_does_not_know_are_spelled_out(files: Files):
    done = checking.check_here(files.certificate, "--public-key", files.key, encoding="ascii")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(r"Certificate of 2024-05-01T12:00:00.000000Z by Zo\xeb" + "\n")


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
