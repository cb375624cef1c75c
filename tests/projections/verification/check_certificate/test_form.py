"""The check refuses a certificate that has not the form of its format."""

import json
from types import ModuleType
from typing import Any

import pytest

from tests.projections.verification.check_certificate.small_certificate import (
    EMPTY,
    LABEL,
    LABELS,
    ROW,
    TABLE,
    Json,
    certificate,
    changed,
    put,
    retired,
)
from tests.support.service import ROOT

GOLDEN = ROOT / "tests" / "golden"
CHOICE = {
    "table": LABEL, "target": "size_bytes", "columns": ["size"], "how": "decided", "reason": "why",
}  # fmt: skip
ASSUMPTION = {"table": LABEL, "column": "is_overwrite", "value": False, "rows": 3}
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


def test_so_may_those_of_a_certificate_of_the_first_format(the_check: ModuleType):
    content = json.loads((GOLDEN / "certificate-1" / "certificate.json").read_text())["certificate"]
    the_check.formed(content)
    tables = content["host_tables"]
    content["host_tables"] = {name: one for name, one in tables.items() if "system" in name}
    content |= {"purpose": "verify", "scopes": dict.fromkeys(LABELS, "all")}
    the_check.formed(content)
    del content["host_tables"][TABLE]
    with pytest.raises(the_check.Refused, match="the certificate's host_tables is not"):
        the_check.formed(content)


PLACES = {
    "sqlite": {"path"},
    "postgresql": {"server", "database", "schema", "role"},
    "mysql": {"server", "database", "role"},
}


@pytest.mark.parametrize("vendor", PLACES)
@pytest.mark.parametrize("part", ["server", "database", "schema", "path", "role"])
def test_a_host_is_read_from_a_place_of_its_kind(the_check: ModuleType, vendor: str, part: str):
    content = certificate()
    content["host"]["vendor"] = content["host"]["source"]["vendor"] = vendor
    content["host"]["source"] |= {"path": None, part: "there"}
    the_check.formed(content)
    if part in PLACES[vendor]:
        the_check.placed(content)
    else:
        with pytest.raises(the_check.Refused, match="from a place of another kind"):
            the_check.placed(content)


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
