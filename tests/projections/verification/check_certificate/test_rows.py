"""The check hashes the exported rows again, and refuses any that are not whole."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.projections.verification.check_certificate.small_certificate import (
    LABEL,
    ROWS,
    TABLE,
    Json,
    certificate,
    changed,
)


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
