"""The text of a migration, and of the page that goes with it."""

import ast
import pprint
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infrastructure.hosts.readers.base import sql as readers_sql
from projections.host_migration.columns import MovedColumn
from projections.host_migration.dialects import DIALECTS
from projections.host_migration.joining import shared_text
from projections.host_migration.plan import MovedTable, Plan
from projections.host_migration.statements import migration_statements

HERE: Final = Path(__file__).parent
TITLES: Final = {
    True: "Moves the legacy restores into the consolidated table, and can take it back.",
    False: "Moves the legacy restores that were written since, and can take it back.",
}
BEGINS: Final = tuple(f'"""{title}'.encode() for title in TITLES.values())
"""How the files begin that this package writes."""
INDEX: Final = "system_backups_target_db_idx"
PLAN: Final = "PLAN"
UNCHANGED: Final = {
    False: "Nothing was changed.",
    True: "Batches that were complete stay as they are, and nothing else was changed.",
}


@dataclass(frozen=True)
class WrittenMigration:
    """A migration's name, and the texts of its two files."""

    name: str
    module: str
    page: str


def write_migration(
    plan: Plan, dependencies: Sequence[tuple[str, str]], *, host_vendor: str
) -> WrittenMigration:
    """The migration with this plan, after these ones of the host."""
    stem = f"{plan.step:04d}_restorelog_{'consolidation' if plan.first else 'top_up'}"
    title = TITLES[plan.first]
    head = (HERE / "texts" / "head.txt").read_text(encoding="utf-8")
    imports, shared = shared_text(batches=bool(plan.batches))
    constants = _constants(plan, dependencies, host_vendor)
    module = head.format(title=title, stem=stem, imports=imports) + constants + shared
    return WrittenMigration(stem, module, _page(plan, stem, title, dependencies, host_vendor))


def read_plan(folder: Path) -> tuple[str, Plan] | None:
    """The name and the plan of the last migration in this folder that was written here."""
    for path in sorted(folder.glob("*_restorelog_*.py"), reverse=True):
        text = path.read_text(encoding="utf-8")
        if not text.encode().startswith(BEGINS):
            continue
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == PLAN:
                return path.stem, Plan.from_literal(ast.literal_eval(node.value))
    return None


def _constants(plan: Plan, dependencies: Sequence[tuple[str, str]], host_vendor: str) -> str:
    keys = [column.name for column in plan.restores.columns if column.filled == "backup"]
    values: dict[str, Any] = {
        "DEPENDENCIES": list(dependencies),
        "STEP": plan.step,
        "FIRST": plan.first,
        "ADDS_COLUMN": plan.adds_target,
        "INDEX": INDEX if plan.indexed else "",
        "TARGET": plan.target,
        "TABLES": {table.kind: (table.legacy, table.consolidated) for table in plan.tables},
        "BACKUP_COLUMN": keys[0] if keys else "",
        "COLUMNS": {table.kind: [c.name for c in table.columns] for table in plan.tables},
        "RECORD": _record(plan),
        **({"SIZE": plan.batches} if plan.batches else {}),
        "UNCHANGED": UNCHANGED[bool(plan.batches)],
        PLAN: plan.as_literal(),
    }
    lines = [
        f"{name} = {pprint.pformat(value, sort_dicts=False)}" for name, value in values.items()
    ]
    lines += ["# Which statements there are, by kind of database.", "SQL = {"]
    for dialect in DIALECTS:
        lines.append(f'    "{dialect.vendor}": {{')
        found = migration_statements(plan, dialect, host_vendor=host_vendor)
        found["inbound"] = _inbound(dialect.vendor)
        lines += [f'        "{name}": {sql_literal(text)},' for name, text in found.items()]
        lines.append("    },")
    return "\n".join([*lines, "}", "", ""])


def _record(plan: Plan) -> dict[str, str]:
    """The tables that the migration makes for its record, and the statement that makes each."""
    if plan.first:
        made = ("moved_row", "filled_row", "moved_counter")
        return {f"restorelog_{name}": f"create_{name}" for name in made}
    kinds = [table.kind for table in plan.tables]
    return {f"restorelog_before_{plan.step}_{kind}": f"{kind}.create_before" for kind in kinds}


def _inbound(vendor: str) -> str:
    """The foreign keys to a table, for Django's cursor, whose placeholder is always the same."""
    return readers_sql(f"{vendor}_inbound").strip().replace("?", "%s")


def sql_literal(text: str) -> str:
    """A literal that can be read; one that the text would end early is written as Python does."""
    if "\\" in text or '"""' in text or text.endswith('"'):
        return repr(text)
    return f'"""\n{text}\n"""'


def _page(
    plan: Plan,
    stem: str,
    title: str,
    dependencies: Sequence[tuple[str, str]],
    host_vendor: str,
) -> str:
    before = next((name for app, name in dependencies if app == "system_backups"), "zero")
    form = "batches" if plan.batches else "one_transaction"
    locks = _words(f"{form}_locks").format(
        stem=stem, nobody=f"nobody can {'read or write' if plan.adds_target else 'write to'}"
    )
    return _words("readme").format(
        title=title,
        stem=stem,
        vendor={"postgresql": "PostgreSQL", "sqlite": "SQLite", "mysql": "MySQL or MariaDB"}[
            host_vendor
        ],
        does="\n".join(f"{number}. {line}" for number, line in enumerate(_does(plan), 1)),
        transactions=_words(form).format(size=f"{plan.batches:,}").strip(),
        columns="\n\n".join(_columns(table) for table in plan.tables),
        model=_model(plan),
        before=before,
        target=plan.target,
        locks=locks.strip(),
    )


def _words(name: str) -> str:
    return (HERE / "texts" / f"{name}.md").read_text(encoding="utf-8")


def _does(plan: Plan) -> list[str]:
    """What the migration does, in order."""
    done = ["Makes three small tables for its record."] if plan.first else []
    if plan.adds_target:
        index = f", with the index `{INDEX}`" if plan.indexed else ""
        done.append(
            f"Adds `{plan.target}` to `{plan.restores.consolidated}`{index}. The column has a "
            "default in the database, so programs that do not know it yet can go on."
        )
    done.append(
        f"Writes to each row of `{plan.restores.consolidated}` whose `{plan.target}` is empty the "
        "name of its backup's database, if there is one."
    )
    what = "that were not moved yet" if not plan.first else ""
    if plan.backups is not None:
        done.append(
            f"Moves the rows of `{plan.backups.legacy}` {what} that restores refer to, to "
            f"`{plan.backups.consolidated}`.".replace("  ", " ")
        )
    done.append(
        f"Moves all rows of `{plan.restores.legacy}` {what}, to "
        f"`{plan.restores.consolidated}`.".replace("  ", " ").replace(" ,", ",")
    )
    if not plan.first:
        done.append(
            "Writes the changes that legacy rows had since they were moved to their copies. If a "
            "copy was changed too, it stops and names the rows."
        )
    done.append("Gives moved rows the next ids of the table's own counter.")
    return done


def _columns(table: MovedTable) -> str:
    lines = [
        f"`{table.consolidated}` from `{table.legacy}`:",
        "",
        "| column | is filled with |",
        "|---|---|",
        "| `id` | the next id of the table's counter |",
        *(f"| `{column.name}` | {_filled(column)} |" for column in table.columns),
    ]
    if table.left_out:
        listed = ", ".join(f"`{name}`" for name in table.left_out)
        lines += ["", f"These columns stay behind, as was confirmed: {listed}."]
    return "\n".join(lines)


def _filled(column: MovedColumn) -> str:
    """How a column is filled, in words."""
    sources = ", else ".join(f"`{name}`" for name in column.sources)
    match column.filled:
        case "backup":
            return f"the new id of the backup in {sources}; NULL if there is no such backup"
        case "target":
            derived = "the name of the backup's database"
            return f"{sources}; if that is empty, {derived}" if sources else derived
        case "empty":
            return "NULL"
        case "copied":
            return sources
    said = "as an import assumes it" if column.filled == "assumed" else "as was named"
    return f"`{column.value}`, {said}"


def _model(plan: Plan) -> str:
    if not plan.adds_target:
        return "The models need no change."
    lines = [
        "Then add the column to the model `RestoreLog` of `system_backups`, exactly so:",
        "",
        "```python",
        f'{plan.target} = models.CharField(max_length=100, blank=True, default="")',
        "```",
    ]
    if plan.indexed:
        index = f'models.Index(fields=["{plan.target}"], name="{INDEX}")'
        lines += ["", "and to the indexes in its `Meta`:", "", "```python", index, "```"]
    return "\n".join(lines)
