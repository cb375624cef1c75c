"""A host as its own developers run it: a real Django project, and its `manage.py`."""

import json
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from tests.support import forked
from tests.support.forked import ROOT, Done

PROJECTS = ROOT / "tests" / "sample_host" / "projects"
VARIANTS = {"plan": "standard", "origin": "origin"}
"""Each project, and the variant of the sample host whose tables it has."""
APPS = {"plan": "admin_modules/", "origin": ""}
"""Where in a project its apps are."""
ANSWERS = {
    "plan": [],
    "origin": [
        "--copy=system_backups_backuplog.trigger_type=backup_method",
        "--copy=system_backups_backuplog.compression_type=compression",
        "--value=system_backups_backuplog.storage_location=local",
        "--value=system_backups_backuplog.is_compressed=true",
        "--leave-out=database_management_backuplog.database_name",
        "--leave-out=database_management_backuplog.retention_days",
    ],
}
"""What an operator has to say about each."""
FIELD = '    target_database = models.CharField(max_length=100, blank=True, default="")\n'
INDEX = (
    '            models.Index(fields=["target_database"], name="system_backups_target_db_idx"),\n'
)
AFTER_FIELD = "    trigger_type = models.CharField"
AFTER_INDEX = '            models.Index(fields=["-started_at"], name="sb_restore_started_idx"),\n'
ALL_RESTORES = """
import json
from django.apps import apps
rows = apps.get_model("system_backups", "RestoreLog").objects.order_by("pk").values()
print(json.dumps(list(rows), default=str))
"""


class Product(NamedTuple):
    """A copy of a project, and the database that it is on."""

    name: str
    folder: Path
    url: str

    @classmethod
    def copied(cls, name: str, folder: Path, url: str) -> "Product":
        shutil.copytree(PROJECTS / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return cls(name, folder, url)

    @property
    def app(self) -> Path:
        """The folder of the app `system_backups`."""
        return self.folder / f"{APPS[self.name]}system_backups"

    @property
    def migrations(self) -> Path:
        return self.app / "migrations"

    @property
    def last(self) -> str:
        """The last migration of the host's own."""
        names = sorted(path.stem for path in self.migrations.glob("0*.py"))
        return [name for name in names if "restorelog" not in name][-1]

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        return {**kept, "HOST_DATABASE_URL": self.url}

    def manage(self, *arguments: str, check: bool = True, timeout: float = 600) -> Done:
        """Run its `manage.py`; with `check`, the exit code must be 0."""
        command = ["manage.py", *arguments]
        done = forked.run(command, env=self.environment, cwd=self.folder, timeout=timeout)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def migrate(self, target: str = "", check: bool = True, timeout: float = 600) -> Done:
        names = ["system_backups", target] if target else []
        return self.manage("migrate", *names, "--verbosity=0", check=check, timeout=timeout)

    def back(self, check: bool = True) -> Done:
        """To the last migration of its own."""
        return self.migrate(self.last, check=check)

    def patch_model(self, *, indexed: bool) -> None:
        """Add the column to the model as the page about the migration says."""
        path = self.app / "models.py"
        before, found, after = path.read_text().rpartition(AFTER_FIELD)  # of the last model
        assert found
        text = before + FIELD + found + after
        if indexed:
            before, found, after = text.rpartition(AFTER_INDEX)
            assert found
            text = before + found + INDEX + after
        path.write_text(text)

    def restores(self) -> dict[int, dict[str, Any]]:
        """What its ORM says of every restore in the consolidated table, by id."""
        told = json.loads(self.manage("shell", "-v0", "-c", ALL_RESTORES).stdout)
        return {row["id"]: row for row in told}
