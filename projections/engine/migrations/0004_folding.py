from typing import Any

from django.db import migrations

from projections.engine.sql import sql

FUNCTION = """
CREATE OR REPLACE FUNCTION restorelog_folded(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower(replace(replace($1, '\u03a3', '\u03c3'), '\u0130', 'i'){collation}) $$
"""


def make(apps: Any, schema_editor: Any) -> None:
    """PostgreSQL's function for text in lower case: see `projections.folding`."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql("postgresql", "folding"))
        found = cursor.fetchone()
        collation = f' COLLATE pg_catalog."{found[0]}"' if found else ""
        cursor.execute(FUNCTION.format(collation=collation))


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS restorelog_folded(text) CASCADE")


class Migration(migrations.Migration):
    """Lists are searched in any case, alike on both databases."""

    dependencies = [("engine", "0003_scopes_are_registered")]

    operations = [migrations.RunPython(make, drop)]
