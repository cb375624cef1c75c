"""The text of a migration of what refers to legacy rows, and of the page that goes with it."""

import pprint
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from infrastructure.sql_files import sql_in
from projections.host_migration.joining import joined
from projections.host_migration.plan import Plan
from projections.host_migration.pointers.finding import TABLES, Pointers, label_of
from projections.host_migration.writing import WrittenMigration, sql_literal

HERE: Final = Path(__file__).parent
TITLE: Final = "Has what refers to legacy restores refer to their copies, and can take it back."
PARTS: Final = (
    "pointers", "host", "record", "statements", "sqlite", "keys", "refusals", "rows", "models",
    "migration",
)  # fmt: skip
"""The parts of a migration, in order."""
sql = sql_in(HERE / "sql")


def write_pointers_migration(
    pointers: Pointers, plan: Plan, step: int, dependencies: Sequence[tuple[str, str]]
) -> WrittenMigration:
    """The migration of these pointers to the rows that the plan moves, after these ones."""
    stem = f"{step:04d}_restorelog_pointers"
    head = (HERE / "texts" / "head.txt").read_text(encoding="utf-8")
    imports, shared = joined(HERE / "parts", PARTS)
    constants = _constants(pointers, plan, step, dependencies)
    module = head.format(title=TITLE, stem=stem, imports=imports) + constants + shared
    return WrittenMigration(stem, module, _page(pointers, plan, stem, dependencies))


def _constants(
    pointers: Pointers, plan: Plan, step: int, dependencies: Sequence[tuple[str, str]]
) -> str:
    kinds = [table.kind for table in plan.tables]
    values: dict[str, Any] = {
        "DEPENDENCIES": list(dependencies),
        "STEP": step,
        "TABLES": {table.kind: (table.legacy, table.consolidated) for table in plan.tables},
        "MODELS": {kind: tuple(label_of(table) for table in TABLES[kind]) for kind in kinds},
        "FOREIGN_KEYS": list(pointers.foreign_keys),
        "GENERIC": list(pointers.generic),
        "GRANTS": list(pointers.grants),
    }
    lines = [
        f"{name} = {pprint.pformat(value, sort_dicts=False)}" for name, value in values.items()
    ]
    statements = sorted(path.stem for path in (HERE / "sql").glob("*.sql"))
    found = {name: sql_literal(sql(name).strip()) for name in statements}
    lines += ["SQL = {", *(f'    "{name}": {text},' for name, text in found.items()), "}"]
    return "\n".join([*lines, "", ""])


def _page(
    pointers: Pointers, plan: Plan, stem: str, dependencies: Sequence[tuple[str, str]]
) -> str:
    text = (HERE / "texts" / "readme.md").read_text(encoding="utf-8")
    return text.format(
        title=TITLE,
        stem=stem,
        before=next(name for app, name in dependencies if app == "system_backups"),
        found="\n".join(_found(pointers)),
        models=_models(pointers, plan),
    )


def _found(pointers: Pointers) -> list[str]:
    """What is re-pointed, as a list."""
    names = pointers.names
    lines = [f"- the foreign key `{name}`" for name in names["foreign_keys"]]
    lines += [f"- rows that refer to a row of any model: `{name}`" for name in names["generic"]]
    lines += [f"- permissions: `{name}`" for name in names["permissions"]]
    if pointers.left:
        listed = ", ".join(f"`{name}`" for name in pointers.left)
        lines += ["", f"These go on referring to legacy rows: {listed}."]
    return lines


def _models(pointers: Pointers, plan: Plan) -> str:
    """The model change that goes with the foreign keys."""
    if not pointers.foreign_keys:
        return "The models need no change."
    lines = [
        "Then change the models: each of these foreign keys gets another `to`. Django's "
        "`makemigrations` finds no difference afterwards.",
        "",
        "| table and column | `to` |",
        "|---|---|",
    ]
    for kind, table, column in pointers.foreign_keys:
        to = TABLES[kind][1].label
        lines.append(f"| `{table}.{column}` | `{to}` |")
    return "\n".join(lines)
