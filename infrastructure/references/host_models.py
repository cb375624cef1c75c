"""The product's models of restores and backups, as their classes say it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

import libcst as cst

from infrastructure.references.labels import BACKUP, CONSOLIDATED_APP, LEGACY_APP, RESTORE
from infrastructure.references.layout import TreeLayout
from infrastructure.references.nodes import (
    argument,
    assigned,
    inner_class,
    last_name,
    members,
    statements,
    string_value,
)
from infrastructure.references.source_file import SourceFile

DJANGOS = frozenset(
    {"objects", "_default_manager", "_base_manager", "_meta", "DoesNotExist", "pk",
     "MultipleObjectsReturned", "from_db", "refresh_from_db", "save", "delete", "full_clean",
     "clean", "__name__", "__module__", "__doc__", "__qualname__"}
)  # fmt: skip
"""What every model has."""
RELATIONS = frozenset({"ForeignKey", "OneToOneField", "ManyToManyField", "TreeForeignKey"})


@dataclass(frozen=True, eq=False)
class HostModel:
    """A model of the product. `node` is None if its source is not in the tree."""

    app: str
    name: str
    path: str = ""
    package: str = ""
    module: str = ""
    """The dotted name of the module to import it from."""
    node: cst.ClassDef | None = None
    bases: tuple[cst.ClassDef, ...] = field(default=(), repr=False)

    @property
    def is_legacy(self) -> bool:
        return (self.app, self.name) == (LEGACY_APP, RESTORE)

    @property
    def is_consolidated(self) -> bool:
        return (self.app, self.name) == (CONSOLIDATED_APP, RESTORE)

    @cached_property
    def fields(self) -> dict[str, cst.Call]:
        """Its fields in order, by name, each with the call that makes it."""
        found: dict[str, cst.Call] = {}
        for node in self._classes:
            for name, value in assigned(node).items():
                kind = last_name(value) if isinstance(value, cst.Call) else ""
                if isinstance(value, cst.Call) and (kind.endswith("Field") or kind in RELATIONS):
                    found[name] = value
        return found

    @cached_property
    def columns(self) -> set[str]:
        """What lookups may begin with: fields, `…_id` of relations, and the key."""
        ids = {f"{name}_id" for name, call in self.fields.items() if last_name(call) in RELATIONS}
        return {*self.fields, *ids, "id", "pk"}

    @cached_property
    def members(self) -> set[str]:
        """Every name that the class has by the source."""
        own = {name for node in self._classes for name in members(node)}
        choices = {f"get_{name}_display" for name in self.fields}
        return own | choices | self.columns | DJANGOS

    @cached_property
    def managers(self) -> set[str]:
        own = {
            name
            for node in self._classes
            for name, value in assigned(node).items()
            if name not in self.fields and "manager" in _code(value).lower()
        }
        return own | {"objects", "_default_manager", "_base_manager"}

    def has_own_manager(self) -> bool:
        """Whether `objects` is a manager of the product's, with methods that are not known."""
        return any("objects" in assigned(node) for node in self._classes)

    @property
    def is_known(self) -> bool:
        return self.node is not None

    @property
    def _classes(self) -> Iterator[cst.ClassDef]:
        yield from self.bases
        if self.node is not None:
            yield self.node


def default_of(call: cst.Call | None) -> str | None:
    """A field's default, if it is a text."""
    found = argument(call, "default") if call is not None else None
    return string_value(found.value) if found is not None else None


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def models_of(file: SourceFile, layout: TreeLayout, app: "AppName") -> Iterator[HostModel]:
    """The models of restores and backups that this file defines."""
    inside = str(PurePosixPath(file.path).relative_to(app.package)).split("/")
    for statement in statements(file.module):
        if not isinstance(statement, cst.ClassDef) or statement.name.value not in (RESTORE, BACKUP):
            continue
        meta = inner_class(statement, "Meta")
        options = assigned(meta) if meta is not None else {}
        named = string_value(options.get("app_label"))
        is_model = any(last_name(base.value).endswith("Model") for base in statement.bases)
        if not is_model and inside[0] not in ("models.py", "models") and named is None:
            continue
        if last_name(options.get("abstract")) == "True":
            continue
        yield HostModel(
            named or app.label,
            statement.name.value,
            file.path,
            app.package,
            _module(app, inside),
            statement,
            tuple(_local_bases(file, statement)),
        )


def _module(app: "AppName", inside: list[str]) -> str:
    """From where the model is imported: `models` itself, if that is a package, has it."""
    if inside[0] in ("models.py", "models"):
        return f"{app.dotted}.models"
    return ".".join([app.dotted, *inside[:-1], inside[-1].removesuffix(".py")])


def _local_bases(file: SourceFile, node: cst.ClassDef) -> Iterator[cst.ClassDef]:
    """The base classes that are in the same file, the most distant first."""
    here = {one.name.value: one for one in statements(file.module) if isinstance(one, cst.ClassDef)}
    for base in node.bases:
        found = here.get(last_name(base.value))
        if found is not None and found is not node:
            yield from _local_bases(file, found)
            yield found


@dataclass(frozen=True)
class AppName:
    """A Django app: the folder of its package, its dotted name and its label."""

    package: str
    dotted: str
    label: str


def app_of(configs: SourceFile | None, package: str, inferred: str) -> AppName:
    """The app in this folder. Its `apps.py` may give it another label than the folder's name."""
    folder = PurePosixPath(package).name
    for node in statements(configs.module) if configs is not None else ():
        if isinstance(node, cst.ClassDef):
            values = assigned(node)
            name = string_value(values.get("name"))
            if name is not None and (name.split(".")[-1] == folder or package == "."):
                return AppName(
                    package, name, string_value(values.get("label")) or name.split(".")[-1]
                )
            if name is None and "label" in values:
                label = string_value(values["label"])
                if label is not None:
                    return AppName(package, inferred, label)
    return AppName(package, inferred, inferred.split(".")[-1])
