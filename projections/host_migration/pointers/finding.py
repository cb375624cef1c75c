"""What in a host refers to the rows that were moved, as far as its catalogue can tell."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from infrastructure.hosts.declarations import ForeignKeyTo, foreign_keys_to
from infrastructure.hosts.readers.careful import CarefulReader
from infrastructure.hosts.schema import TableSchema
from infrastructure.hosts.tables import (
    CONSOLIDATED_BACKUPS,
    CONSOLIDATED_RESTORES,
    LEGACY_BACKUPS,
    LEGACY_RESTORES,
    HostTable,
)
from projections.host_migration.answers import Where
from projections.host_migration.errors import BadAnswer
from projections.host_migration.plan import MovedTable, Plan
from projections.host_migration.pointers.errors import PointersUnclear

CONTENT_TYPES: Final = "django_content_type"
PERMISSIONS: Final = "auth_permission"
OBJECT_IDS: Final = ("object_id", "object_pk", "object_key")
"""How columns are called that name a row of any model, beside one that names its content type."""
TABLES: Final = {
    "restore": (LEGACY_RESTORES, CONSOLIDATED_RESTORES),
    "backup": (LEGACY_BACKUPS, CONSOLIDATED_BACKUPS),
}


@dataclass(frozen=True)
class Pointers:
    """What is re-pointed, and what is left, by table and column.

    `foreign_keys` have the kind of row that they refer to; `generic` the columns of the content
    type and of the id, and whether the id is text; `grants` the columns of who has a permission,
    and of the permission.
    """

    foreign_keys: tuple[tuple[str, str, str], ...] = ()
    generic: tuple[tuple[str, str, str, bool], ...] = ()
    grants: tuple[tuple[str, str, str], ...] = ()
    left: tuple[str, ...] = ()

    @property
    def names(self) -> dict[str, list[str]]:
        """For each form in which something refers to a row: the columns, as `TABLE.column`."""
        return {
            "foreign_keys": [f"{table}.{column}" for _, table, column in self.foreign_keys],
            "generic": [f"{table}.{column}" for table, _, column, _ in self.generic],
            "permissions": [f"{table}.{column}" for table, _, column in self.grants],
            "left": list(self.left),
        }

    @property
    def tables(self) -> list[str]:
        """The tables that are changed."""
        named = [table for _, table, _ in self.foreign_keys]
        named += [table for table, *_ in self.generic]
        named += [table for table, *_ in self.grants]
        return list(dict.fromkeys(named))


def label_of(table: HostTable) -> tuple[str, str]:
    """The app and the name of a table's model, as Django stores them."""
    app, _, model = table.label.partition(".")
    return app, model.lower()


def find_pointers(
    reader: CarefulReader,
    plan: Plan,
    *,
    left_out: Collection[Where] = (),
    object_ids: Mapping[Where, str] | None = None,
) -> Pointers:
    """What refers to the legacy rows that this plan moves.

    `left_out` are columns that go on referring to legacy rows; `object_ids` names the column with
    the id that goes with one that holds a content type. Raises `PointersUnclear` if something is
    neither understood nor left out, and `BadAnswer` for an answer to no question.
    """
    found = _Search(reader, plan, frozenset(left_out), dict(object_ids or {}))
    found.search()
    return Pointers(
        tuple(found.foreign_keys), tuple(found.generic), tuple(found.grants), tuple(found.left)
    )


@dataclass
class _Search:
    reader: CarefulReader
    plan: Plan
    left_out: frozenset[Where]
    object_ids: dict[Where, str]
    foreign_keys: list[tuple[str, str, str]] = field(default_factory=list)
    generic: list[tuple[str, str, str, bool]] = field(default_factory=list)
    grants: list[tuple[str, str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unclear: dict[str, str] = field(default_factory=dict)
    asked: set[Where] = field(default_factory=set)

    def search(self) -> None:
        for table in self.plan.tables:
            for key in foreign_keys_to(self.reader.session, table.legacy):
                if key.table not in self._own:
                    self._foreign_key(table, key)
        if self.reader.table(CONTENT_TYPES) is not None:
            for key in foreign_keys_to(self.reader.session, CONTENT_TYPES):
                if key.table not in (*self._own, PERMISSIONS):
                    self._content_type(key)
        if self.reader.table(PERMISSIONS) is not None:
            for key in foreign_keys_to(self.reader.session, PERMISSIONS):
                self._permission(key)
        for where in (*self.left_out, *self.object_ids):
            if where not in self.asked:
                raise BadAnswer(".".join(where), "nothing there refers to legacy rows")
        if self.unclear:
            raise PointersUnclear(self.unclear)

    @property
    def _own(self) -> set[str]:
        return {name for table in self.plan.tables for name in (table.legacy, table.consolidated)}

    def _foreign_key(self, table: MovedTable, key: ForeignKeyTo) -> None:
        if self._is_left(key.table, key.column):
            return
        why = self._why_not(table, key)
        if why:
            self.unclear[key.name] = why
        elif (table.kind, key.table, key.column) not in self.foreign_keys:
            self.foreign_keys.append((table.kind, key.table, key.column))

    def _why_not(self, table: MovedTable, key: ForeignKeyTo) -> str:
        """Why a foreign key cannot refer to the consolidated table; empty if it can."""
        if key.columns > 1:
            return "it is a foreign key of several columns"
        if key.other != "id":
            return f"it refers to {table.legacy}.{key.other}, not to the id"
        if key.is_key:
            return "it is the primary key of its own table"
        if key.table.startswith(f"{table.legacy}_"):
            return f"its rows belong to {table.legacy} itself and are not moved"
        ids = [self._schema(name).column("id") for name in (table.legacy, table.consolidated)]
        declared = [one.declared if one else "" for one in ids]
        if declared[0] != declared[1]:
            return f"the ids are {declared[1]} there, and {declared[0]} here"
        return ""

    def _content_type(self, key: ForeignKeyTo) -> None:
        if self._is_left(key.table, key.column):
            return
        schema = self._schema(key.table)
        named = self.object_ids.get((key.table, key.column))
        self.asked.add((key.table, key.column))
        columns = [named] if named else list(_candidates(schema, key.column))
        column = schema.column(columns[0]) if len(columns) == 1 else None
        if named and (column is None or column.family not in ("int", "text")):
            raise BadAnswer(f"{key.name}={named}", "there is no such column of numbers or text")
        names_permission = any(one.table == PERMISSIONS for one in schema.references.values())
        if column is not None and not names_permission:
            self.generic.append((key.table, key.column, column.name, column.family == "text"))
        elif self._has_rows(key):
            self.unclear[key.name] = (
                "its rows have a permission, too"
                if names_permission
                else "it is not known which column has the id of the row"
            )

    def _permission(self, key: ForeignKeyTo) -> None:
        """A table of users or groups and their permissions; others are left as they are."""
        if self._is_left(key.table, key.column):
            return
        schema = self._schema(key.table)
        others = [name for name in schema.names if name not in ("id", key.column)]
        if len(others) == 1 and schema.has("id") and others[0] in schema.references:
            self.grants.append((key.table, others[0], key.column))
        else:
            self.left.append(key.name)

    def _is_left(self, table: str, column: str) -> bool:
        where = (table, column)
        if where not in self.left_out:
            return False
        self.asked.add(where)
        if ".".join(where) not in self.left:
            self.left.append(".".join(where))
        return True

    def _has_rows(self, key: ForeignKeyTo) -> bool:
        """Whether a row there has the content type of a legacy model."""
        models = {label_of(TABLES[table.kind][0]) for table in self.plan.tables}
        listed = self.reader.plain_rows(CONTENT_TYPES, ("id", "app_label", "model"))
        types = {str(number) for number, *model in listed if tuple(model) in models}
        rows = self.reader.plain_rows(key.table, (key.column,))
        return any(str(number) in types for (number,) in rows)

    def _schema(self, table: str) -> TableSchema:
        found = self.reader.table(table)
        return found if found is not None else TableSchema(table, ())


def _candidates(schema: TableSchema, type_column: str) -> Iterator[str]:
    """The columns that may hold the id that goes with a content type, by their names."""
    base = type_column.removesuffix("_id")
    names: tuple[str, ...] = ()
    if base == "content_type":
        names = OBJECT_IDS
    elif base.endswith("_type"):
        prefix = base.removesuffix("_content_type").removesuffix("_type")
        names = (*(f"{prefix}_{name}" for name in OBJECT_IDS), f"{prefix}_id")
    for name in names:
        column = schema.column(name)
        if column is None or column.family not in ("int", "text"):
            continue
        if name not in schema.references:
            yield name
