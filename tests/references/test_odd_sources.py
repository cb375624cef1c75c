"""Trees that are not tidy: everything that can be read is, and what cannot is named."""

import os
from pathlib import Path

import pytest

from tests.references.conftest import Searched
from tests.references.product import listed

MODELS = """\
from django.db import models


class BackupLog(models.Model):
    name = models.CharField(max_length=9)


class RestoreLog(models.Model):
    name = models.CharField(max_length=9)
    source_backup = models.ForeignKey(BackupLog, models.CASCADE{related})
    {method} = models.CharField(max_length=20)
{more}"""
IMPORT = "from database_management.models import RestoreLog\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two apps with the models, and nothing that uses them."""
    for app, method in (
        ("database_management", "restore_method"),
        ("system_backups", "trigger_type"),
    ):
        write(tmp_path, f"{app}/__init__.py", "")
        write(tmp_path, f"{app}/models.py", MODELS.format(method=method, related="", more=""))
    return tmp_path


def write(tree: Path, name: str, text: str | bytes) -> Path:
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_with_a_syntax_error_is_named_and_the_search_goes_on(tree: Path, searched: Searched):
    write(tree, "a.py", "from database_management.models import RestoreLog\ndef (:\n")
    write(tree, "b.py", IMPORT)
    printed = searched(tree)
    assert (printed["exit"], printed["complete"]) == (1, False)
    assert printed["unread"] == [{"file": "a.py", "reason": "syntax error in line 2"}]
    assert listed(printed, "b.py") == {(1, "RestoreLog"): "patch"}


def test_other_encodings_are_read_and_kept(tree: Path, searched: Searched, tmp_path: Path):
    source = "# -*- coding: latin-1 -*-\n# M\xfcnchen\n" + IMPORT
    write(tree, "a.py", source.encode("latin-1"))
    write(tree, "b.py", b"\xef\xbb\xbf" + IMPORT.encode())
    write(tree, "c.py", b"# \xff\n" + IMPORT.encode())
    printed = searched(tree, "--patch", str(tmp_path / "out.patch"))
    assert listed(printed, "a.py") == {(3, "RestoreLog"): "patch"}
    assert listed(printed, "b.py") == {(1, "RestoreLog"): "patch"}
    assert [one["file"] for one in printed["unread"]] == ["c.py"]
    assert b"\n # M\xfcnchen\n" in (tmp_path / "out.patch").read_bytes()


def test_links_that_leave_the_tree_or_loop_are_left_out_and_said(
    tree: Path, searched: Searched, tmp_path_factory: pytest.TempPathFactory
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write(elsewhere, "far.py", IMPORT)
    (tree / "out").symlink_to(elsewhere)
    (tree / "loop").symlink_to(tree)
    (tree / "far.py").symlink_to(elsewhere / "far.py")
    (tree / "gone.py").symlink_to(tree / "nothing.py")
    printed = searched(tree)
    assert {one["file"] for one in printed["left_out"]} == {"out", "loop", "far.py", "gone.py"}
    assert printed["references"][0]["file"] == "database_management/models.py"
    assert printed["exit"] == 0


def test_environments_and_repositories_are_left_out_and_said(tree: Path, searched: Searched):
    write(tree, "venv/pyvenv.cfg", "")
    for folder in ("venv/lib", ".git", "node_modules/x", "__pycache__"):
        write(tree, f"{folder}/used.py", IMPORT)
    printed = searched(tree)
    assert {one["file"]: one["reason"] for one in printed["left_out"]} == {
        "venv": "a virtual environment",
        ".git": "the repository itself",
        "node_modules": "packages of others",
    }
    assert {one["file"] for one in printed["references"]} == {"database_management/models.py"}


def test_a_file_that_is_too_large_is_named(tree: Path, searched: Searched):
    write(tree, "big.py", IMPORT + "#" * (5 * 2**20))
    printed = searched(tree)
    assert printed["exit"] == 1
    assert printed["unread"][0]["file"] == "big.py"


def test_a_file_that_is_no_file_is_left_out(tree: Path, searched: Searched):
    os.mkfifo(tree / "pipe.py")
    assert [one["file"] for one in searched(tree)["left_out"]] == ["pipe.py"]


def test_an_app_may_have_another_label_than_its_folder(tree: Path, searched: Searched):
    for app, folder in (("database_management", "dumps"), ("system_backups", "safety")):
        os.rename(tree / app, tree / folder)
        config = (
            f"from django.apps import AppConfig\n\n\nclass C(AppConfig):\n    name = '{folder}'\n"
        )
        write(tree, f"{folder}/apps.py", config + f"    label = '{app}'\n")
    write(tree, "a.py", "from dumps.models import RestoreLog\n")
    write(tree, "b.py", "from safety.models import RestoreLog\n")
    printed = searched(tree, "--patch", str(tree / "out.patch"))
    assert listed(printed, "a.py") == {(1, "RestoreLog"): "patch"}
    assert listed(printed, "b.py") == {}
    assert b"+from safety.models import RestoreLog\n" in (tree / "out.patch").read_bytes()


def test_a_name_is_followed_through_what_other_files_export(tree: Path, searched: Searched):
    write(tree, "database_management/__init__.py", "from .models import *\n")
    write(tree, "compat.py", "from database_management import RestoreLog as Old\n")
    write(tree, "everything.py", "from compat import *\n")
    write(tree, "used.py", "import everything\n\nprint(everything.Old.objects.count())\n")
    printed = searched(tree)
    assert listed(printed, "database_management/__init__.py") == {(1, "RestoreLog"): "stays"}
    assert listed(printed, "compat.py") == {(1, "Old"): "patch"}
    assert listed(printed, "used.py") == {(3, "everything.Old.objects"): "patch"}


def test_relative_imports_are_resolved(tree: Path, searched: Searched):
    write(tree, "database_management/jobs/__init__.py", "")
    write(tree, "database_management/jobs/a.py", "from ..models import RestoreLog\n")
    write(tree, "system_backups/b.py", "from .models import RestoreLog\n")
    write(tree, "database_management/c.py", "from . import models\nmodels.RestoreLog.objects\n")
    printed = searched(tree)
    assert listed(printed, "database_management/jobs/a.py") == {(1, "RestoreLog"): "patch"}
    assert listed(printed, "system_backups/b.py") == {}
    assert listed(printed, "database_management/c.py") == {
        (1, "models"): "patch",
        (2, "models.RestoreLog.objects"): "patch",
    }


def test_a_name_that_is_given_anew_is_another(tree: Path, searched: Searched):
    write(tree, "a.py", IMPORT + "\n\ndef f(RestoreLog):\n    return RestoreLog.objects.all()\n")
    write(tree, "b.py", "class RestoreLog:\n    pass\n\n\nprint(RestoreLog)\n")
    printed = searched(tree)
    assert listed(printed, "a.py") == {(1, "RestoreLog"): "patch"}
    assert listed(printed, "b.py") == {}


def test_syntax_newer_than_the_service_is_read(tree: Path, searched: Searched):
    write(
        tree,
        "a.py",
        IMPORT + "type Rows = list[RestoreLog]\n\n\ndef f[T](x: T) -> T:\n    return x\n",
    )
    printed = searched(tree)
    assert printed["exit"] == 0
    assert (1, "RestoreLog") in listed(printed, "a.py")


def test_reverse_names_are_by_hand(tree: Path, searched: Searched):
    write(
        tree,
        "a.py",
        "from database_management.models import BackupLog\n"
        "from system_backups.models import BackupLog as New\n\n"
        "BackupLog.objects.filter(restorelog__name='x')\n"
        "New.objects.filter(restorelog__name='x')\n\n\n"
        "def f(backup):\n    return backup.restorelog_set.all()\n",
    )
    assert listed(searched(tree), "a.py") == {
        (4, "restorelog__name"): "by_hand",
        (9, "backup.restorelog_set"): "by_hand",
    }


def test_content_types_and_permissions_are_by_hand(tree: Path, searched: Searched):
    write(
        tree,
        "a.py",
        "from django.contrib.contenttypes.models import ContentType\n\n"
        "ContentType.objects.get(app_label='database_management', model='restorelog')\n"
        "allowed = user.has_perm('database_management.view_restorelog')\n"
        "other = ContentType.objects.get(app_label='system_backups', model='restorelog')\n",
    )
    assert listed(searched(tree), "a.py") == {
        (3, "restorelog"): "by_hand",
        (4, "database_management.view_restorelog"): "by_hand",
    }


def test_fixtures_are_read(tree: Path, searched: Searched):
    row = '[{"model": "database_management.restorelog",\n  "fields": {"restore_method": "manual"}}]'
    write(tree, "fixtures/rows.json", row)
    assert listed(searched(tree), "fixtures/rows.json") == {
        (1, "database_management.restorelog"): "by_hand",
        (2, "restore_method"): "by_hand",
    }


def test_nothing_in_the_tree_is_run(tree: Path, searched: Searched):
    mark = tree / "mark"
    write(tree, "a.py", f"open({str(mark)!r}, 'w')\n" + IMPORT)
    write(tree, "system_backups/models.py", f"open({str(mark)!r}, 'w')\n"
          + MODELS.format(method="trigger_type", related="", more=""))  # fmt: skip
    searched(tree)
    assert not mark.exists()


def test_models_may_be_a_package_with_a_base_class(tree: Path, searched: Searched):
    name = "    name = models.CharField(max_length=9)\n"
    base = f"class Logged(models.Model):\n{name}\n    class Meta:\n        abstract = True\n\n\n"
    for app in ("database_management", "system_backups"):
        source = (tree / app / "models.py").read_text()
        (tree / app / "models.py").unlink()
        source = source.replace("class BackupLog", f"{base}class BackupLog", 1)
        source = source.replace(f"RestoreLog(models.Model):\n{name}", "RestoreLog(Logged):\n")
        write(tree, f"{app}/models/logs.py", source)
        write(tree, f"{app}/models/__init__.py", "from .logs import BackupLog, RestoreLog\n")
    write(tree, "a.py", IMPORT + "RestoreLog.objects.filter(name='x', restore_method='manual')\n")
    write(tree, "b.py", "from database_management.models.logs import RestoreLog\n")
    out = tree / "out.patch"
    printed = searched(tree, "--patch", str(out))
    assert set(listed(printed, "a.py").values()) == {"patch"}
    assert listed(printed, "database_management/models/__init__.py") == {(1, "RestoreLog"): "stays"}
    patch = out.read_text()
    assert patch.count("+from system_backups.models import RestoreLog\n") == 2
    assert "+from ..deprecated_model import warns_on_use\n" in patch
    assert "+++ b/database_management/deprecated_model.py\n" in patch


def test_either_of_two_models_is_by_hand(tree: Path, searched: Searched):
    write(
        tree,
        "a.py",
        "try:\n    from system_backups.models import RestoreLog\nexcept ImportError:\n    "
        + IMPORT
        + "\nprint(RestoreLog)\n",
    )
    assert set(listed(searched(tree), "a.py").values()) == {"by_hand"}


def test_a_module_that_is_imported_for_something_else_is_not_listed(tree: Path, searched: Searched):
    write(tree, "a.py", "from database_management import models\nmodels.BackupLog.objects.get()\n")
    write(tree, "b.py", "import database_management.models as m\nm.RestoreLog.objects.get()\n")
    write(tree, "c.py", "import database_management.models\n"
          "database_management.models.RestoreLog.objects.get()\n")  # fmt: skip
    out = tree / "out.patch"
    printed = searched(tree, "--patch", str(out))
    assert listed(printed, "a.py") == {}
    assert set(listed(printed, "b.py").values()) == {"patch"}
    assert set(listed(printed, "c.py").values()) == {"by_hand"}
    assert "+import system_backups.models as m\n" in out.read_text()


def test_a_star_import_that_is_used_gets_an_import_after_it(tree: Path, searched: Searched):
    write(tree, "a.py", "from database_management.models import *\n\nRestoreLog.objects.get()\n")
    out = tree / "out.patch"
    printed = searched(tree, "--patch", str(out))
    assert set(listed(printed, "a.py").values()) == {"patch"}
    expected = (
        " from database_management.models import *\n+from system_backups.models import RestoreLog\n"
    )
    assert expected in out.read_text()


def test_a_template_that_cannot_be_read_is_named(tree: Path, searched: Searched):
    write(tree, "templates/a.html", b"\xff{{ restore.restore_method }}")
    write(tree, "templates/b.html", "{{ a }} {% for r in backup.restorelog_set.all %}")
    printed = searched(tree)
    assert [one["file"] for one in printed["unread"]] == ["templates/a.html"]
    assert listed(printed, "templates/b.html") == {(1, "backup.restorelog_set.all"): "by_hand"}


def test_a_mock_names_the_model_where_it_is_used(tree: Path, searched: Searched):
    write(tree, "views.py", IMPORT)
    write(tree, "test_a.py", "patch('views.RestoreLog.objects')\n"
          "patch('database_management.models.RestoreLog.objects')\n")  # fmt: skip
    assert listed(searched(tree), "test_a.py") == {
        (1, "views.RestoreLog.objects"): "patch",
        (2, "database_management.models.RestoreLog.objects"): "by_hand",
    }


def test_text_that_nothing_reads_is_not_listed(tree: Path, searched: Searched):
    write(tree, "a.py", '"""See database_management.RestoreLog."""\n# RestoreLog.restore_method\n')
    assert listed(searched(tree), "a.py") == {}


def test_an_import_of_the_names_of_others_is_split_in_its_place(tree: Path, searched: Searched):
    write(
        tree,
        "a.py",
        "if True:\n    from database_management.models import RestoreLog as R, BackupLog; x = 1\n"
        "from database_management.models import (BackupLog,  # first\n"
        "    RestoreLog,  # second\n)\n",
    )
    out = tree / "out.patch"
    searched(tree, "--patch", str(out))
    added = [line[1:] for line in out.read_text().splitlines() if line[:1] in "+ "]
    assert (
        "    from database_management.models import BackupLog; "
        "from system_backups.models import RestoreLog as R; x = 1"
    ) in added
    assert "from database_management.models import (BackupLog,  # first" in added
    assert "from system_backups.models import RestoreLog" in added
