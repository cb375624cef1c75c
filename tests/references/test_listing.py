"""Every use of the legacy model is listed with its line, and with what to do; nothing else is."""

from pathlib import Path
from typing import Any

import pytest

from tests.references.conftest import search
from tests.references.product import Product, line_of, listed
from tests.support import here


def test_each_way_to_import_the_model_is_listed(product: Product, printed: dict[str, Any]):
    for file, text, symbol in (
        ("reports/serializers.py", "import RestoreLog as", "DatabaseRestore"),
        ("reports/forms.py", "    RestoreLog,", "RestoreLog"),
        ("reports/views.py", "import RestoreLog", "RestoreLog"),
        ("reports/views.py", "RestoreLog as Restore", "Restore"),
        ("reports/tasks.py", "import models as tables", "tables"),
        ("reports/signals.py", "import models", "models"),
        ("database_management/admin.py", "import BackupLog, RestoreLog", "RestoreLog"),
    ):
        place = (line_of(product.path(file), text), symbol)
        assert place in listed(printed, product.name(file)), place


def test_a_label_is_found_in_strings_of_models_and_settings(
    product: Product, printed: dict[str, Any]
):
    models = listed(printed, product.name("reports/models.py"))
    assert models == {(10, "database_management.RestoreLog"): "by_hand"}
    settings = {symbol for _, symbol in listed(printed, "product/settings.py")}
    assert settings == {"database_management.RestoreLog", f"{product.dotted}models.RestoreLog"}


def test_a_class_of_the_same_name_is_another(product: Product, printed: dict[str, Any]):
    assert listed(printed, product.name("reports/shadows.py")) == {}


def test_templates_are_read_by_their_tags(product: Product, printed: dict[str, Any]):
    file = product.name("reports/templates/reports/restore.html")
    assert listed(printed, file) == {
        (2, "restore.restore_method"): "by_hand",
        (3, "perms.database_management.view_restorelog"): "by_hand",
        (4, "database_management_restorelog_change"): "by_hand",
    }


def test_migrations_are_listed_apart_as_history(product: Product, printed: dict[str, Any]):
    found = listed(printed, product.name("reports/migrations/0001_initial.py"))
    assert found == {(28, "database_management.restorelog"): "history"}
    own = product.name("database_management/migrations/0001_initial.py")
    assert set(listed(printed, own).values()) == {"history"}


def test_an_admin_registration_stays_and_says_what_to_do(product: Product, printed: dict[str, Any]):
    file = product.name("database_management/admin.py")
    found = [one for one in printed["references"] if one["file"] == file]
    assert {one["action"] for one in found} == {"by_hand"}
    registered = next(one for one in found if one["kind"] == "admin registration")
    assert "read-only" in registered["advice"]
    assert "remove it" in registered["advice"]


def test_an_attribute_that_may_be_anybodys_is_by_hand(product: Product, printed: dict[str, Any]):
    found = listed(printed, product.name("reports/views.py"))
    line = line_of(product.path("reports/views.py"), "for restore in restores")
    assert found[line, "restore.restore_method"] == "by_hand"


def test_the_list_is_the_same_each_time_and_in_order(product: Product, printed: dict[str, Any]):
    assert search(product.root) == printed
    places = [(one["file"], one["line"], one["column"]) for one in printed["references"]]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_each_reference_has_a_symbol_that_stands_in_its_line(
    product: Product, printed: dict[str, Any]
):
    for one in printed["references"]:
        lines = (product.root / one["file"]).read_text().splitlines()
        assert one["symbol"].split(".")[-1] in "\n".join(lines[one["line"] - 1 : one["line"] + 4])


def test_people_read_it_by_file(product: Product):
    printed = here.run("host_references", "--source", str(product.root)).out
    assert (
        f"\n{product.name('reports/tasks.py')}\n  3: tables  (import) can be patched\n" in printed
    )
    assert "by hand: " in printed
    assert printed.rstrip().endswith("To write the patch: add --patch FILE")


def test_the_exit_code_is_0_when_everything_was_read(product: Product, printed: dict[str, Any]):
    assert (printed["exit"], printed["complete"], printed["unread"]) == (0, True, [])


@pytest.mark.parametrize("name", ["missing", "empty", "file"])
def test_what_is_no_source_tree_is_refused(tmp_path: Path, name: str):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    done = here.run("host_references", "--source", str(tmp_path / name), "--json", check=False)
    assert (done.code, done.out) == (2, "")
    assert "--source TREE" in done.err
    assert str(tmp_path / name) in done.err
