"""The patch is applied unmodified; the product loads, passes its checks and its own tests."""

from pathlib import Path

import pytest

from tests.references.conftest import search
from tests.references.product import Product, made
from tests.support import here

EVERY_MODULE = """
import pathlib, importlib, django
django.setup()
for file in sorted(pathlib.Path(".").rglob("*.py")):
    if file.name not in ("manage.py", "tests.py") and not file.name.startswith("test_"):
        parts = file.with_suffix("").parts
        importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
"""


@pytest.fixture(scope="module")
def patched(product: Product) -> Product:
    """The product with the patch applied by git; no test but the first, which ends as it began,
    changes it."""
    product.git("init", "--quiet")
    product.git("add", "--all")
    product.git("commit", "--quiet", "--message", "as it was")
    out = product.root.parent / "out.patch"
    assert search(product.root, "--patch", str(out))["exit"] == 0
    applied = product.git("apply", "--whitespace=error", str(out))
    assert (applied.returncode, applied.stderr) == (0, "")
    product.git("add", "--all")
    product.git("commit", "--quiet", "--message", "patched")
    return product


def by_hand(product: Product) -> None:
    """What the list says is to be done by hand."""
    app = "admin_modules." if product.variant == "standard" else ""
    product.replace(
        "reports/models.py", {"database_management.RestoreLog": "system_backups.RestoreLog"}
    )
    product.replace(
        "reports/views.py",
        {"restore.name}: {restore.restore_method": "restore.name}: {restore.trigger_type"},
    )
    product.replace(
        "reports/templates/reports/restore.html",
        {
            "restore.restore_method|": "restore.trigger_type|",
            "perms.database_management": "perms.system_backups",
            "database_management_restorelog": "system_backups_restorelog",
        },
    )
    product.replace(
        "reports/tests.py",
        {
            f"from {app}database_management.models import BackupLog as Dump, RestoreLog": (
                f"from {app}system_backups.models import BackupLog as Dump, RestoreLog"
            ),
            ', database_name="orders", **_times': ", **_times",
            'restore_method="recovery"': 'trigger_type="recovery", restore_type="database"',
        },
    )


def succeeded(product: Product, *words: str) -> str:
    done = product.manage(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_product_works_before_and_after(patched: Product):
    patched.git("checkout", "--quiet", "HEAD~1")
    assert "OK" in succeeded(patched, "test")
    patched.git("checkout", "--quiet", "-")
    assert "no issues" in succeeded(patched, "check")
    imported = patched.python("-W", "error::DeprecationWarning", "-c", EVERY_MODULE)
    assert (imported.returncode, imported.stderr) == (0, "")
    succeeded(patched, "makemigrations", "system_backups")
    assert "No changes" in succeeded(patched, "makemigrations", "--check", "--dry-run")
    by_hand(patched)
    succeeded(patched, "makemigrations")
    assert "no issues" in succeeded(patched, "check")
    ran = succeeded(patched, "test")
    assert "OK" in ran
    assert "Ran 7 tests" in ran  # four of its own, and three of the new column
    imported = patched.python("-W", "error::DeprecationWarning", "-c", EVERY_MODULE)
    assert (imported.returncode, imported.stderr) == (0, "")
    patched.git("reset", "--quiet", "--hard")
    patched.git("clean", "--quiet", "--force", "-d")


def test_a_second_search_finds_what_is_left_by_hand(patched: Product):
    out = patched.root.parent / "second.patch"
    printed = search(patched.root, "--patch", str(out))
    assert printed["counts"]["patch"] == 0
    assert out.read_bytes() == b""


def test_imports_change_and_keep_their_names(patched: Product):
    app = "admin_modules." if patched.variant == "standard" else ""
    texts = {name: patched.path(f"reports/{name}.py").read_text()
             for name in ("serializers", "forms", "views", "tasks", "signals")}  # fmt: skip
    new = f"from {app}system_backups.models import RestoreLog"
    assert f"{new} as DatabaseRestore  # noqa: I001\n" in texts["serializers"]
    assert (
        f"from {app}database_management.models import (\n    BackupLog,\n)\n{new}\n"
        in texts["forms"]
    )
    assert (
        f"    from {app}database_management.models import BackupLog\n    {new} as Restore\n"
        in (texts["views"])
    )
    assert f"if TYPE_CHECKING:\n    {new}\n" in texts["views"]
    module = f"from {app}system_backups import models as tables\n" if app else (
        "from system_backups import models as tables\n")  # fmt: skip
    assert module in texts["tasks"]
    assert "database_management" in texts["signals"]  # its module is used for backups, too


def test_the_field_is_renamed_where_it_is_proven(patched: Product):
    views = patched.path("reports/views.py").read_text()
    for changed in (
        'Restore = apps.get_model("system_backups", "RestoreLog")',
        'Q(trigger_type="manual") | Q(trigger_type__isnull=True)',
        'F("trigger_type")',
        '.order_by("-trigger_type", "name")',
        '.values("trigger_type")',
        'Count("trigger_type")',
        "{restore.restore_method}",  # of something that has no type
    ):
        assert changed in views
    tasks = patched.path("reports/tasks.py").read_text()
    assert "restore_method" not in tasks.replace("get_restore_method_display", "")
    fields = patched.path("reports/serializers.py").read_text()
    assert '            "trigger_type",  # who began it\n' in fields
    assert 'read_only_fields = ["trigger_type"]' in fields
    assert 'labels = {"trigger_type": "Begun"}' in patched.path("reports/forms.py").read_text()


def test_what_is_not_proven_stays(patched: Product):
    kept = patched.git("diff", "--name-only", "HEAD~1").stdout
    for file in ("shadows", "signals", "tests", "models", "migrations/0001_initial"):
        assert patched.name(f"reports/{file}.py") not in kept
    assert patched.name("database_management/admin.py") not in kept


def test_the_legacy_model_warns_when_it_is_used_and_not_when_it_is_loaded(patched: Product):
    code = f"""
import warnings
import django
warnings.simplefilter("error")
django.setup()
from {patched.dotted}models import RestoreLog
RestoreLog._meta.get_fields(), RestoreLog._default_manager
warnings.simplefilter("always")
for use in (lambda: RestoreLog(), lambda: RestoreLog.objects, lambda: RestoreLog.objects.none()):
    with warnings.catch_warnings(record=True) as told:
        use()
    print(len(told), told[0].category.__name__, told[0].message, told[0].filename)
"""
    done = patched.python("-c", code)
    assert done.stderr == ""
    one = "1 DeprecationWarning database_management.RestoreLog is deprecated: "
    assert done.stdout == f"{one}use system_backups.RestoreLog <string>\n" * 3


def test_the_column_comes_with_the_index_that_the_legacy_model_has(patched: Product):
    models = patched.path("system_backups/models.py").read_text()
    field = 'target_database = models.CharField(max_length=100, blank=True, default="")'
    assert f"    updated_at = models.DateTimeField(auto_now=True)\n    {field}\n" in models
    index = (
        'models.Index(fields=["target_database"], name="system_backups_target_db_idx"),\n        )'
    )
    assert (index in models) == (patched.variant == "origin")


def test_another_file_is_not_overwritten(product: Product):
    out = product.root / "notes.txt"
    out.write_text("mine")
    done = here.run(
        "host_references", "--source", str(product.root), "--patch", str(out), check=False
    )
    assert done.code == 2
    assert out.read_text() == "mine"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [b"", b"x = 1"])
@pytest.mark.parametrize("variant", ["standard", "origin"])
def test_line_ends_are_kept(variant: str, tmp_path: Path, end: bytes, last: bytes):
    product = made(tmp_path / "source", variant)
    file = product.path("reports/odd name.py")
    app = product.dotted.encode()
    source = b"".join(
        line + end
        for line in (
            b"from " + app + b"models import RestoreLog; y = 2",
            b"\tif y:".strip(),
            b"\tpass",
        )
    )
    file.write_bytes(source + last)
    out = Path(product.root.parent / "out.patch")
    search(product.root, "--patch", str(out))
    product.git("init", "--quiet")
    applied = product.git("apply", str(out))
    assert applied.returncode == 0, applied.stderr
    assert file.read_bytes() == source.replace(b"database_management", b"system_backups") + last
