"""The migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

from projections.host_migration.pointers.parts.models import PointElsewhere
from projections.host_migration.pointers.parts.rows import Repointing
from projections.host_migration.pointers.parts.values import DEPENDENCIES

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import StateApps

# --- The text from here on is the same in every migration. ---


def _repoint(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have everything refer to the copies. What cannot be translated stops it first."""
    host = Repointing(schema_editor)
    host.lock()
    if not host.has_legacy_tables():
        return
    done = host.has_counts()  # MySQL: an earlier run was killed after it had changed the rows
    if not done:
        host.refuse_what_has_no_copy()
    host.make_record()
    host.note_keys()
    host.drop_keys("was_name")
    if not done:
        with host.alone():
            host.change_rows()
    host.add_keys("now_name", "now_declared")
    host.tell()


def _point_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put back what was re-pointed, and have what refers to a copy since refer to its original."""
    host = Repointing(schema_editor)
    host.lock()
    if not host.has_record():
        return
    if host.has_counts():
        host.refuse_what_changed()
        host.drop_keys("now_name")
        with host.alone():
            host.change_rows_back()
    host.add_keys("was_name", "was_declared")
    host.forget()


class Migration(migrations.Migration):
    dependencies = DEPENDENCIES
    operations = [migrations.RunPython(_repoint, _point_back), PointElsewhere()]
