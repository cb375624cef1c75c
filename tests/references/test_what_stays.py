"""An import is left as it is where a change would stop the product, or would surely fail."""

from pathlib import Path
from typing import Any

import pytest

from tests.references.conftest import Searched
from tests.references.test_odd_sources import IMPORT, MODELS, write

ADMIN = "from django.contrib import admin\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The two models; only the legacy one has a manager and choices of its own."""
    legacy = "    METHODS = ()\n    objects = RestoreManager()\n"
    manager = "class RestoreManager(models.Manager):\n    pass\n\n\nclass BackupLog"
    source = MODELS.format(
        method="restore_method", related=", related_name='restores'", more=legacy
    )
    write(tmp_path, "database_management/__init__.py", "")
    write(tmp_path, "database_management/models.py", source.replace("class BackupLog", manager, 1))
    write(tmp_path, "system_backups/__init__.py", "")
    write(tmp_path, "system_backups/models.py",
          MODELS.format(method="trigger_type", related="", more=""))  # fmt: skip
    return tmp_path


def of_import(printed: dict[str, Any], file: str = "a.py") -> tuple[str, str]:
    """What happens to a file's import of the model, and why."""
    found = [one for one in printed["references"] if one["file"] == file]
    one = next(one for one in found if one["kind"] == "import")
    return one["action"], one["advice"]


STAYS = {
    "a foreign key": ("x = models.ForeignKey(RestoreLog, models.CASCADE)", "a foreign key points"),
    "a proxy": ("class Proxy(RestoreLog):\n    pass", "a class inherits from it"),
    "a manager's method": ("RestoreLog.objects.failed_since(1)", "its manager has failed_since()"),
    "a list of choices": ("x = RestoreLog.METHODS", "only the legacy model has METHODS"),
    "an inline": (
        ADMIN + "class Inline(admin.TabularInline):\n    model = RestoreLog",
        "an admin inline shows it",
    ),
    "fields put together": (
        "class Form(forms.ModelForm):\n    class Meta:\n        model = RestoreLog\n"
        "        fields = [*OTHERS, 'name']",
        "a list of fields is put together in line 5",
    ),
    "a field of the legacy model alone": (
        "class S(Serializer):\n    class Meta:\n        model = RestoreLog\n"
        "        fields = ['name', 'ticket']",
        "the consolidated model has no ticket",
    ),
    "a backup of the legacy app": (
        "from database_management.models import BackupLog\n"
        "backup = BackupLog.objects.get()\n"
        "RestoreLog.objects.create(source_backup=backup)",
        "a backup of the legacy app is given to it in line 4",
    ),
}


@pytest.mark.parametrize("name", STAYS)
def test_it_stays_because_of(name: str, tree: Path, searched: Searched):
    source, why = STAYS[name]
    write(tree, "a.py", IMPORT + source + "\n")
    action, advice = of_import(searched(tree))
    assert action == "by_hand"
    assert why in advice


def test_a_reason_in_one_file_holds_for_the_import_that_it_comes_by(tree: Path, searched: Searched):
    write(tree, "compat.py", IMPORT)
    write(tree, "a.py", "from compat import RestoreLog\nx = models.OneToOneField(RestoreLog)\n")
    write(tree, "b.py", "from compat import RestoreLog\nRestoreLog.objects.all()\n")
    printed = searched(tree)
    assert of_import(printed, "compat.py")[0] == "by_hand"
    assert of_import(printed, "b.py")[0] == "by_hand"


def test_a_reverse_name_of_a_foreign_key_to_it_keeps_it(tree: Path, searched: Searched):
    key = "x = models.ForeignKey('database_management.RestoreLog', related_name='reviews')\n"
    write(tree, "z.py", key)
    write(tree, "a.py", IMPORT + "RestoreLog.objects.exclude(reviews__verdict='fine')\n")
    write(tree, "b.py", IMPORT + "for one in RestoreLog.objects.all():\n    one.reviews.all()\n")
    write(tree, "c.py", IMPORT + "RestoreLog.objects.exclude(name='x')\n")
    printed = searched(tree)
    for file, line in (("a.py", 2), ("b.py", 3)):
        action, advice = of_import(printed, file)
        assert action == "by_hand"
        assert f"reviews in line {line} comes from a foreign key" in advice
    assert of_import(printed, "c.py")[0] == "patch"


def test_an_import_that_would_be_a_circle_stays(tree: Path, searched: Searched):
    write(tree, "helpers.py", IMPORT)
    path = tree / "system_backups" / "models.py"
    path.write_text("import helpers\n" + path.read_text())
    assert "a circle" in of_import(searched(tree), "helpers.py")[1]


def test_an_import_within_a_function_makes_no_circle(tree: Path, searched: Searched):
    write(tree, "helpers.py", f"def f():\n    {IMPORT}    return RestoreLog\n")
    path = tree / "system_backups" / "models.py"
    path.write_text("import helpers\n" + path.read_text())
    assert of_import(searched(tree), "helpers.py")[0] == "patch"


def test_an_admin_moves_if_the_consolidated_model_has_none(tree: Path, searched: Searched):
    source = (
        f"{ADMIN}{IMPORT}\n\n@admin.register(RestoreLog)\nclass A(admin.ModelAdmin):\n"
        "    list_display = ('name', 'restore_method')\n    ordering = ['-restore_method']\n"
        "    list_filter = (('restore_method', admin.AllValuesFieldListFilter),)\n"
    )
    write(tree, "a.py", source)
    out = tree / "out.patch"
    searched(tree, "--patch", str(out))
    added = [line[1:] for line in out.read_text().splitlines() if line.startswith("+    ")]
    assert "    list_display = ('name', 'trigger_type')" in added
    assert "    ordering = ['-trigger_type']" in added
    assert "    list_filter = (('trigger_type', admin.AllValuesFieldListFilter),)" in added
    write(
        tree,
        "b.py",
        f"{ADMIN}import system_backups.models as m\nadmin.site.register(m.RestoreLog)\n",
    )
    assert "so is the consolidated model" in of_import(searched(tree))[1]


def test_what_a_new_restore_needs_is_told(tree: Path, searched: Searched):
    path = tree / "system_backups" / "models.py"
    path.write_text(path.read_text() + "    restore_type = models.CharField(default='full')\n")
    write(tree, "a.py", IMPORT + "RestoreLog.objects.create(restore_method='manual', **more)\n"
          "RestoreLog(restore_type='database', source_backup=backup)\n")  # fmt: skip
    found = {(one["line"], one["kind"]): one["advice"] for one in searched(tree)["references"]
             if one["file"] == "a.py" and one["action"] == "by_hand"}  # fmt: skip
    assert found.keys() == {(2, "creation"), (3, "relation")}
    assert "system_backups.BackupLog" in found[3, "relation"]


def test_a_declared_field_keeps_its_name(tree: Path, searched: Searched):
    write(
        tree,
        "a.py",
        IMPORT + "class S(Serializer):\n    restore_method = CharField()\n\n"
        "    class Meta:\n        model = RestoreLog\n        fields = ['restore_method']\n",
    )
    printed = searched(tree)
    found = {one["line"]: one["action"] for one in printed["references"] if one["file"] == "a.py"}
    assert found == {1: "patch", 3: "by_hand", 6: "patch", 7: "by_hand"}


def test_without_a_consolidated_model_nothing_is_patched(tree: Path, searched: Searched):
    write(tree, "a.py", IMPORT)
    (tree / "system_backups" / "models.py").unlink()
    assert "no system_backups.RestoreLog" in of_import(searched(tree))[1]


def test_a_model_whose_source_is_elsewhere_is_found_by_its_name(tmp_path: Path, searched: Searched):
    write(tmp_path, "a.py", "from product.database_management.models import RestoreLog\n")
    printed = searched(tmp_path)
    assert of_import(printed)[0] == "by_hand"
    assert printed["models"] == []
