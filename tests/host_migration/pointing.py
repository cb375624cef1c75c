"""An app in the product that refers to legacy rows in every way, and what is read of it."""

import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from tests.host_migration.stage import Stage
from tests.support import here, raw
from tests.support.service import Result

FOLLOWUPS = Path(__file__).parent / "followups"
LAST = "INSTALLED_APPS = [\n"
NAMED = {
    "approval": "SELECT id, restore_id FROM followups_approval",
    "incident": "SELECT id, restorelog_id FROM followups_incident_restores",
    "review": "SELECT id, restore_id FROM reports_restorereview",
    "part": "SELECT id, backup_id FROM followups_part",
}
"""Rows that refer by a foreign key, by their ids."""
GENERIC = {
    "remark": ("followups_remark", "content_type_id", "object_id"),
    "bookmark": ("followups_bookmark", "target_type_id", "target_id"),
    "log": ("django_admin_log", "content_type_id", "object_id"),
}


class Pointed(NamedTuple):
    """Which row each row refers to: by the id of the row, the model and the id there."""

    keys: dict[str, dict[int, int]]
    generic: dict[str, dict[int, tuple[str | None, str | None]]]
    granted: set[tuple[str, str, str]]
    """Who has which permission of which app's restores."""


def with_followups(stage: Stage) -> Stage:
    """The same host, whose product has the app, with rows."""
    folder = stage.product.folder
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(FOLLOWUPS, folder / "followups", ignore=ignored)
    settings = folder / "product" / "settings.py"
    text = settings.read_text()
    assert LAST in text
    settings.write_text(text.replace(LAST, f'{LAST}    "followups",\n'))
    stage.product.migrate()
    stage.product.manage("fill_followups")
    return stage


def pointed(stage: Stage) -> Pointed:
    """What refers to what now."""
    models = {
        key: f"{app}.{model}"
        for key, app, model in raw.rows(
            stage.host, "SELECT id, app_label, model FROM django_content_type"
        )
    }
    return Pointed(
        {name: dict(raw.rows(stage.host, query)) for name, query in NAMED.items()},
        {
            name: {
                key: (models.get(kind), None if target is None else str(target))
                for key, kind, target in raw.rows(
                    stage.host, f"SELECT id, {kind}, {target} FROM {table}"
                )
            }
            for name, (table, kind, target) in GENERIC.items()
        },
        granted(stage),
    )


def granted(stage: Stage) -> set[tuple[str, str, str]]:
    user = "users_user" if stage.product.name == "origin" else "auth_user"
    names = (
        "SELECT {who}, c.app_label, p.codename FROM {table} AS t"
        " JOIN {owner} AS o ON o.id = t.{key} JOIN auth_permission AS p ON p.id = t.permission_id"
        " JOIN django_content_type AS c ON c.id = p.content_type_id WHERE c.model = 'restorelog'"
    )
    of_groups = names.format(
        who="o.name", table="auth_group_permissions", owner="auth_group", key="group_id"
    )
    of_users = names.format(
        who="'user'", table=f"{user}_user_permissions", owner=user, key="user_id"
    )
    return {(str(a), str(b), str(c)) for a, b, c in raw.rows(stage.host, of_groups)} | {
        (str(a), str(b), str(c)) for a, b, c in raw.rows(stage.host, of_users)
    }


def forward(stage: Stage, *more: str) -> Any:
    """Write the migration of what refers to moved rows and apply it; what was written, as JSON."""
    told = write(stage, *more).json
    told["printed"] = stage.product.migrate().stdout
    return told


def write(stage: Stage, *more: str, check: bool = True) -> Result:
    return here.run(
        "host_migration", f"--out={stage.product.migrations}", "--pointers", *more, "--json",
        source=stage.host, check=check,
    )  # fmt: skip


def point_models_elsewhere(stage: Stage) -> None:
    """The change of the models that the page names: another `to` in each foreign key."""
    for path in stage.product.folder.rglob("models.py"):
        if path.parent.name not in ("followups", "reports"):
            continue
        text = path.read_text()
        path.write_text(re.sub(r'"database_management\.(\w+Log)"', r'"system_backups.\1"', text))
    tests = next(stage.product.folder.rglob("reports/tests.py"))
    text = tests.read_text()
    before, found, after = text.partition("    def test_a_review_goes_with_its_restore")
    assert found
    tests.write_text(before + found + after.replace("self.old", "self.new"))
