"""The check reads what a recipe prints of a host, and refuses another host."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.projections.verification.check_certificate.small_certificate import (
    EMPTY,
    HOST_DIGEST,
    TABLE,
    Json,
    certificate,
    retired,
)

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
