"""A migration for the host, written from what the log and the host's catalogue say."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.consolidation.consolidation import Consolidation
from domain.consolidation.values import Scope
from infrastructure.documents.signed import write_whole
from infrastructure.event_store.log import Log
from infrastructure.hosts.columns import survey
from infrastructure.hosts.connecting import Session, parse_source
from infrastructure.hosts.declarations import applied_migrations, declared_columns, has_index
from infrastructure.hosts.identity import fingerprint
from infrastructure.hosts.importing.guards import required_tables
from infrastructure.hosts.readers import open_host
from infrastructure.hosts.readers.careful import CarefulReader
from infrastructure.hosts.schema import TableSchema
from infrastructure.hosts.tables import HOST_TABLES, LEGACY_RESTORES
from infrastructure.output_files import Output, begins_with, refuse_overwriting
from infrastructure.recording.consolidation import load_consolidation
from projections.engine.state import projections_state
from projections.host_migration.answers import Answers
from projections.host_migration.errors import (
    BadAnswer,
    MovedAlready,
    NoDjangoMigrations,
    NoEarlierMigration,
    NotCutOver,
    NothingMovedYet,
)
from projections.host_migration.plan import HostSchema, Plan, make_plan
from projections.host_migration.rehearsal import Rehearsal, copy_of_the_host, rehearse
from projections.host_migration.writing import WrittenMigration, read_plan, write_migration

APPS = ("system_backups", "database_management")
"""The host's apps, whose last migrations the new one depends on. The first one gets it."""
RECORD = "restorelog_moved_row"


@dataclass(frozen=True)
class HostMigration:
    """A migration that was written, and the files with it."""

    name: str
    module: Path
    page: Path
    plan: Plan
    depends_on: list[tuple[str, str]]
    rows: Mapping[str, int]
    """Rows in each of the host's tables now."""
    quarantined: int
    """Legacy restores that no table here can hold. They are moved like all others."""
    rehearsal: Rehearsal | None
    """What was found on a copy, if it was tried on one."""

    def as_dict(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "name": self.name,
            "file": str(self.module),
            "page": str(self.page),
            "step": plan.step,
            "batches": plan.batches or None,
            "depends_on": [f"{app}.{name}" for app, name in self.depends_on],
            "adds_target_database": plan.adds_target,
            "adds_index": plan.indexed,
            "tables": [
                {
                    "legacy": table.legacy,
                    "consolidated": table.consolidated,
                    "rows": self.rows[table.legacy],
                    "columns": {
                        column.name: {
                            "filled": column.filled,
                            "sources": list(column.sources),
                            "value": column.value,
                        }
                        for column in table.columns
                    },
                    "left_out": list(table.left_out),
                }
                for table in plan.tables
            ],
            "quarantined": self.quarantined,
            "reverse_check": self.rehearsal.as_dict() if self.rehearsal else None,
        }


def write_host_migration(
    source_url: str,
    out: Path,
    *,
    answers: Answers,
    top_up: bool = False,
    depends_on: Collection[str] = (),
    reverse_check: str | None = None,
    batches: int = 0,
) -> HostMigration:
    """Write a migration for the host at `source_url` into the folder `out`. The host is only read.

    With `top_up`, a further migration for what was written since; the folder must have the first.
    `depends_on` names migrations of the host, `APP.NAME`, instead of the last applied ones.
    `reverse_check` is the URL of a copy of the host on which it is tried, forward and backward, or
    empty for a copy that is made, on SQLite only. With `batches`, a transaction moves so many rows.

    Raises the errors of `projections.host_migration.errors`, `HostError` and `AnotherHost`.
    """
    with host_after_cut_over(source_url) as (consolidation, reader, identity):
        source = reader.session.source
        found = required_tables(reader, HOST_TABLES, source.where)
        rows = {table.name: reader.extent(table.name).rows for table in HOST_TABLES}
        dependencies, step = migrations_before(reader.session, depends_on)
        if top_up:
            plan = _next_plan(reader, out, step, batches)
        else:
            plan = _first_plan(reader, consolidation, answers, step, found, batches)
        written = write_migration(plan, dependencies, host_vendor=source.vendor)
        module, page = out / f"{written.name}.py", out / f"{written.name}.md"
        write_files(written, "Moves the legacy restores", module, page, source_url)
        rehearsal = None
        if reverse_check is not None:
            with copy_of_the_host(reader.session, reverse_check, identity) as copy:
                rehearsal = rehearse(module, copy)
    return HostMigration(
        written.name, module, page, plan, dependencies, rows, _quarantined(), rehearsal
    )


@contextmanager
def host_after_cut_over(url: str) -> Iterator[tuple[Consolidation, CarefulReader, str]]:
    """What the log says of the consolidation, a reader of the host, and its fingerprint.

    Raises `NotCutOver`, `AnotherHost` and `HostError`.
    """
    consolidation = load_consolidation(Log())
    if consolidation.scope is not Scope.ALL:
        raise NotCutOver(consolidation.state)
    with open_host(parse_source(url)) as reader:
        identity = fingerprint(reader)
        consolidation.refuse_another_host(identity)
        yield consolidation, reader, identity


def _first_plan(
    reader: CarefulReader,
    consolidation: Consolidation,
    answers: Answers,
    step: int,
    found: Mapping[str, TableSchema],
    batches: int,
) -> Plan:
    if reader.table(RECORD) is not None:
        raise MovedAlready
    host = HostSchema(
        found,
        {name: declared_columns(reader.session, name) for name in found},
        survey(found, HOST_TABLES, consolidation.columns, {}).choices,
        has_index(reader.session, LEGACY_RESTORES.name, "target_database"),
    )
    return make_plan(host, answers, step, batches=batches)


def _next_plan(reader: CarefulReader, folder: Path, step: int, batches: int) -> Plan:
    if reader.table(RECORD) is None:
        raise NothingMovedYet
    earlier = read_plan(folder)
    if earlier is None:
        raise NoEarlierMigration(folder)
    return earlier[1].next(step, batches=batches)


def migrations_before(
    session: Session, named: Collection[str], also: Collection[str] = ()
) -> tuple[list[tuple[str, str]], int]:
    """The migrations on which a new one depends, and its number.

    They are the last applied ones of both apps and of those in `also`, or those that are named.
    Raises `NoDjangoMigrations` and `BadAnswer`.
    """
    applied = applied_migrations(session)
    chosen = dict(_spelled(one) for one in named)
    dependencies = []
    for app in dict.fromkeys((*APPS, *also)):
        names = [name for of, name in applied if of == app]
        if app not in chosen and not names:
            raise NoDjangoMigrations(app)
        # Of two with the same number, the one that was applied later.
        last = chosen.get(app) or sorted(names, key=_number)[-1]
        dependencies.append((app, last))
    dependencies += [(app, name) for app, name in chosen.items() if app not in (*APPS, *also)]
    return dependencies, _number(dependencies[0][1]) + 1


def _spelled(text: str) -> tuple[str, str]:
    app, dot, name = text.partition(".")
    if not dot or not app or not name:
        raise BadAnswer(text, "it should look like APP.MIGRATION")
    return app, name


def _number(name: str) -> int:
    """The number with which a migration's name begins; 0 if there is none."""
    digits = re.match(r"[0-9]+", name)
    return int(digits[0]) if digits else 0


def write_files(
    written: WrittenMigration, begins: str, module: Path, page: Path, source: str
) -> None:
    """Write both files, over earlier ones whose titles begin so, and over no others."""
    outputs = [
        Output("out", module, "migration of this service", begins_with(f'"""{begins}'.encode())),
        Output("out", page, "page of such a migration", begins_with(f"# {begins}".encode())),
    ]
    refuse_overwriting(outputs, source=source)
    write_whole(page, written.page.encode())
    write_whole(module, written.module.encode())


def _quarantined() -> int:
    label = LEGACY_RESTORES.label
    return sum(one["quarantined"] for one in projections_state() if one["label"] == label)
