"""The consolidation plan, executed on a real project with real commands: a method for each of its
steps and for each line of its acceptance criteria, named as there."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.client.postgresql import dump
from tests.client.registered import registered
from tests.host_migration.imports import differences, imported, retired
from tests.host_migration.patching import done_by_hand, patched
from tests.host_migration.product import Product
from tests.host_migration.stage import (
    CONSOLIDATED,
    LEGACY,
    LEGACY_BACKUPS,
    Stage,
    columns,
)
from tests.host_migration.state import applied, changes, state_of
from tests.host_migration.test_forward import due, plain
from tests.host_migration.test_top_up import assert_copied
from tests.support import here, postgres, raw

LEGACY_ROWS = f"SELECT count(*), min(id), max(id) FROM {LEGACY}"
FIELDS = {
    "name", "source_backup_id", "restore_type", "trigger_type", "status", "target_database",
    "started_at", "completed_at", "duration_seconds", "message", "is_overwrite", "created_by_id",
    "created_at", "updated_at",
}  # fmt: skip
"""The fields of the plan's comparison, and the one that it adds."""
NEW_RESTORE = """
from django.apps import apps
from django.utils import timezone
Restore = apps.get_model("system_backups", "RestoreLog")
of = Restore.objects.get(pk=copy)
restore = Restore.objects.create(
    name="by new code", source_backup=of.source_backup, restore_type="database",
    target_database="orders_test", status="in_progress", started_at=timezone.now(),
)
restore.status, restore.completed_at = "completed", timezone.now()
restore.save()
"""
USE_OF_THE_OLD_MODEL = """
import warnings
from django.apps import apps
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    apps.get_model("database_management", "RestoreLog").objects.count()
print(*{warning.category.__name__ for warning in told})
"""
ALL_MODULES = """
import importlib, pathlib
for file in sorted(pathlib.Path(".").rglob("*.py")):
    parts = file.with_suffix("").parts
    if file.name != "manage.py":
        importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
"""


@dataclass
class PlanExecution:
    """One execution, on a host that the service has imported and was cut over for."""

    stage: Stage
    folder: Path
    before: dict[str, Any] = field(default_factory=dict)
    scratch: str = ""
    told: Any = None

    @property
    def product(self) -> Product:
        return self.stage.product

    # Risk 1: Data Loss.

    def create_full_database_backup_before_migration(self) -> None:
        """A backup of the host, registered, and restored once by `run_restore`."""
        if self.stage.host.startswith("sqlite"):
            backup, target = self.folder / "host.backup", self.folder / "rehearsal.sqlite3"
            path = self.stage.host.removeprefix("sqlite:///")
            with closing(sqlite3.connect(path)) as of, closing(sqlite3.connect(backup)) as to:
                of.backup(to)
            known, where = registered(backup), str(target)
            self.scratch = f"sqlite:///{target}"
        else:
            name = urlsplit(self.stage.host).path[1:]
            backup, where = dump(name, self.folder / "host.dump", "custom"), f"{name}_rehearsal"
            known = registered(backup, f"--database={name}", "--count-rows")
            self.scratch = urlsplit(self.stage.host)._replace(path=f"/{where}").geturl()
        done = here.run(
            "run_restore", "--name=host, rehearsal", f"--backup={known}", f"--target={where}",
            "--json",
        )  # fmt: skip
        assert (done.json["status"], done.json["recorded"]) == ("completed", True)

    def test_migration_in_development_first(self) -> None:
        """Forward and backward on the restored backup."""
        assert raw.rows(self.scratch, LEGACY_ROWS) == raw.rows(self.stage.host, LEGACY_ROWS)
        told = self.stage.write(f"--reverse-check={self.scratch}").json["reverse_check"]
        assert (told["equal"], told["differences"]) == (True, [])
        rehearsal = Product(self.product.name, self.product.folder, self.scratch)
        restored = state_of(self.scratch)
        rehearsal.migrate()
        rehearsal.back()
        assert changes(restored, state_of(self.scratch)) == {}

    # Step 1: Enhance Target Model. Step 2: Create Data Migration.

    def create_migration_file(self) -> None:
        self.before = self.stage.state()
        self.told = self.stage.write().json
        assert Path(self.told["file"]).exists()
        assert self.stage.state() == self.before

    def copy_all_records_from_database_management_to_system_backups(self) -> None:
        self.product.migrate()
        assert applied(self.stage.host)[-1] == self.told["name"]

    def map_restore_method_to_trigger_type(self) -> None:
        pairs = raw.rows(
            self.stage.host,
            f"SELECT l.restore_method, t.trigger_type FROM {LEGACY} AS l"
            " JOIN restorelog_moved_row AS m ON m.kind = 'restore' AND m.legacy_id = l.id"
            f" JOIN {CONSOLIDATED} AS t ON t.id = m.consolidated_id",
        )
        assert len(pairs) == self.stage.value(f"SELECT count(*) FROM {LEGACY}")
        assert [method for method, _ in pairs] == [trigger for _, trigger in pairs]

    def verify_data_integrity(self) -> None:
        assert_copied(self.stage)
        assert imported(self.stage) == 0
        assert differences(self.stage) == []

    def test_rollback_procedure(self) -> None:
        self.product.back()
        assert changes(self.before, self.stage.state()) == {}
        assert imported(self.stage) == 0
        self.product.migrate()
        assert imported(self.stage) == 0

    # Step 3: Update All References.

    def find_all_imports_and_update_them(self) -> None:
        found = self.references()
        assert found["counts"]["patch"] > 0
        patched(self.product, self.folder / "references.patch")
        done_by_hand(self.product)

    def references(self) -> Any:
        source = f"--source={self.product.folder}"
        return here.run("host_references", source, "--json", check=False).json

    # Acceptance Criteria.

    def target_model_has_all_necessary_fields(self) -> None:
        assert columns(self.stage.host, CONSOLIDATED) >= FIELDS
        assert "No changes" in self.product.manage("makemigrations", "--check").stdout

    def all_data_migrated_successfully_0_data_loss(self) -> None:
        """Every restore, also those that old code wrote meanwhile, with every value."""
        self.stage.old_code_writes(1)
        self.stage.top_up()
        imported(self.stage)
        assert differences(self.stage) == []
        found = {key: plain(row) for key, row in self.product.restores().items()}
        assert found == due(self.stage)
        legacy = self.stage.value(f"SELECT count(*) FROM {LEGACY}")
        assert len(self.stage.moved()) == legacy
        assert imported(self.stage) == 0

    def all_references_updated(self) -> None:
        """A second patch would be empty; what is left is listed with what to do."""
        left = self.references()
        assert left["counts"]["patch"] == 0
        by_hand = [one for one in left["references"] if one["action"] == "by_hand"]
        assert all(one["advice"] for one in by_hand)

    def all_tests_passing(self) -> None:
        assert "OK" in self.product.manage("test", "--verbosity=1").stderr

    def django_check_0_errors(self) -> None:
        assert "no issues" in self.product.manage("check").stdout
        self.product.manage("shell", "-v0", "-c", ALL_MODULES)

    def restore_functionality_works(self) -> None:
        """New code records a restore from a moved backup, and the service hears of it once."""
        key = (
            f"SELECT min(l.id) FROM {LEGACY} AS l JOIN {LEGACY_BACKUPS} AS b"
            " ON b.id = l.source_backup_id"
        )
        copy = self.stage.moved()[self.stage.value(key)]
        self.product.manage("shell", "-v0", "-c", f"copy = {copy}\n{NEW_RESTORE}")
        assert imported(self.stage) == 1
        assert differences(self.stage) == []
        shown = raw.rows(
            self.stage.service,
            "SELECT status, target_database, restore_type FROM system_backups_restorelog"
            " WHERE name = 'by new code'",
        )
        assert shown == [("completed", "orders_test", "database")]

    def documentation_updated(self) -> None:
        """The page beside the migration: every column, and the way back."""
        page = Path(self.told["page"]).read_text()
        for name in FIELDS:
            assert f"| `{name}` |" in page
        assert "| `trigger_type` | `restore_method` |" in page
        assert f"manage.py migrate system_backups {self.product.last}" in page

    def old_model_marked_as_deprecated_not_deleted_yet(self) -> None:
        """It warns of its use; its table is there, with all rows, until after the retirement."""
        told = self.product.manage("shell", "-v0", "-c", USE_OF_THE_OLD_MODEL).stdout
        assert told.split() == ["DeprecationWarning"]
        assert self.stage.value(f"SELECT count(*) FROM {LEGACY}") == len(self.stage.moved())
        retired(self.stage, f"--certificate={self.folder / 'retired.json'}")
        self.stage.drop_legacy_tables()
        assert imported(self.stage) == 0
        assert differences(self.stage) == []

    def clean_up(self) -> None:
        if not self.scratch.startswith("sqlite"):
            postgres.drop_database(self.scratch)
