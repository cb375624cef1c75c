"""The second migration for the host: of what refers to the rows that the first one moved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.hosts.connecting import Session
from infrastructure.hosts.declarations import applied_migrations
from projections.host_migration.answers import Where
from projections.host_migration.errors import NoEarlierMigration
from projections.host_migration.pointers.errors import NothingToRepoint, RowsNotMoved
from projections.host_migration.pointers.finding import Pointers, find_pointers
from projections.host_migration.pointers.writing import TITLE, write_pointers_migration
from projections.host_migration.rehearsal import Rehearsal, copy_of_the_host, rehearse
from projections.host_migration.writing import read_plan
from projections.services.host_migration import (
    RECORD,
    host_after_cut_over,
    migrations_before,
    write_files,
)


@dataclass(frozen=True)
class PointersMigration:
    """A migration that was written, and the files with it.

    `without_app` are tables with a foreign key of which no app is known: a new database may get
    them after this migration.
    """

    name: str
    module: Path
    page: Path
    step: int
    depends_on: list[tuple[str, str]]
    pointers: Pointers
    without_app: list[str]
    rehearsal: Rehearsal | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "file": str(self.module),
            "page": str(self.page),
            "step": self.step,
            "depends_on": [f"{app}.{name}" for app, name in self.depends_on],
            **self.pointers.names,
            "without_app": self.without_app,
            "reverse_check": self.rehearsal.as_dict() if self.rehearsal else None,
        }


def write_pointers(
    source_url: str,
    out: Path,
    *,
    left_out: Collection[Where] = (),
    object_ids: Mapping[Where, str] | None = None,
    depends_on: Collection[str] = (),
    reverse_check: str | None = None,
) -> PointersMigration:
    """Write a migration of what refers to moved rows of the host at `source_url`, into the folder
    with the migration that moved them. The host is only read.

    `left_out` are columns that go on referring to legacy rows. `object_ids` has, by the column of a
    content type, the column with the id that goes with it. `depends_on` and `reverse_check` are as
    for the first migration.

    Raises the errors of `projections.host_migration`, `HostError` and `AnotherHost`.
    """
    with host_after_cut_over(source_url) as (_, reader, identity):
        if reader.table(RECORD) is None:
            raise RowsNotMoved
        earlier = read_plan(out)
        if earlier is None:
            raise NoEarlierMigration(out)
        plan = earlier[1]
        pointers = find_pointers(reader, plan, left_out=left_out, object_ids=object_ids)
        if not pointers.tables:
            raise NothingToRepoint
        apps, without = _apps_of(reader.session, [table for _, table, _ in pointers.foreign_keys])
        dependencies, step = migrations_before(reader.session, depends_on, apps)
        written = write_pointers_migration(pointers, plan, step, dependencies)
        module, page = out / f"{written.name}.py", out / f"{written.name}.md"
        write_files(written, TITLE, module, page, source_url)
        rehearsal = None
        if reverse_check is not None:
            with copy_of_the_host(reader.session, reverse_check, identity) as copy:
                rehearsal = rehearse(module, copy, pointers.tables)
    return PointersMigration(
        written.name, module, page, step, dependencies, pointers, without, rehearsal
    )


def _apps_of(session: Session, tables: Collection[str]) -> tuple[list[str], list[str]]:
    """The apps whose labels these tables' names begin with, and the tables that have none."""
    applied = {app for app, _ in applied_migrations(session)}
    apps, without = [], []
    for table in dict.fromkeys(tables):
        named = [app for app in applied if table.startswith(f"{app}_")]
        if named:
            apps.append(max(named, key=len))
        else:
            without.append(table)
    return list(dict.fromkeys(apps)), without
