"""The search: the tree, its models, every file that can use them, what can be changed, the list."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

from infrastructure.references.class_uses import look_at_class
from infrastructure.references.collected import CollectedUses
from infrastructure.references.folder import FIXTURES, PYTHON, read_folder
from infrastructure.references.labels import OLD_FIELD, RESTORE
from infrastructure.references.loading import files_loaded_with
from infrastructure.references.meanings import Meaning, Origin, Sort
from infrastructure.references.model_uses import (
    look_at_annotation,
    look_at_expression,
    look_at_get_model,
    look_at_import,
)
from infrastructure.references.patching.deprecation import is_deprecated
from infrastructure.references.patching.diff import can_be_named
from infrastructure.references.project import Project
from infrastructure.references.query_uses import look_at_call, look_at_row
from infrastructure.references.report import OWN_EXPORT, ReferenceReport, reference
from infrastructure.references.resolver import Resolver
from infrastructure.references.reverse_uses import ReverseNames, look_at_reverse, reverse_names
from infrastructure.references.source_file import SourceFile
from infrastructure.references.string_uses import (
    look_at_field,
    look_at_made_text,
    look_at_string,
)
from infrastructure.references.text_uses import uses_in_fixture, uses_in_template
from infrastructure.references.uses import Use, UseKind

Tick = Callable[[int, int | None], None]


@dataclass(frozen=True)
class SourceSearch:
    """A finished search: the report for people, and what a patch is made from."""

    project: Project
    found: CollectedUses

    @property
    def report(self) -> ReferenceReport:
        folder = self.project.folder
        references = sorted(
            map(reference, self.found.uses), key=lambda one: (one.file, one.line, one.column)
        )
        return ReferenceReport(
            references,
            len(folder.files),
            folder.left_out,
            dict(sorted(folder.unread.items())),
            [model.path for model in self.project.legacy],
        )


def search(root: Path, tick: Tick) -> SourceSearch:
    """Search a tree; `NoSourceTree` if there is none. Nothing of it is imported or run."""
    project = Project(read_folder(root))
    project.find_models(tick)
    found = CollectedUses(project, Resolver(project))
    names = reverse_names(project.legacy)
    words = {RESTORE, OLD_FIELD, *names.attributes, *names.lookups}
    waiting = project.folder.python
    while words and waiting:
        pattern = re.compile("|".join(map(re.escape, sorted(words))).encode(), re.IGNORECASE)
        chosen = [path for path in waiting if _can_use(project, path, pattern)]
        waiting = [path for path in waiting if path not in chosen]
        words = set()
        for count, path in enumerate(chosen, start=1):
            if (file := project.file(path)) is not None:
                _look_at(found, file, names)
                words |= _further_names(found, file)
            tick(count, len(chosen))
    _look_at_texts(found, names)
    _note_definitions(found)
    _settle(found)
    return SourceSearch(project, found)


def _can_use(project: Project, path: str, pattern: re.Pattern[bytes]) -> bool:
    """Whether a file must be parsed: none uses a name without having it, or `import *`."""
    data = project.bytes_of(path)
    if pattern.search(data) is not None:
        return True
    return bool(project.legacy) and re.search(rb"import\s*\*", data) is not None


def _look_at(found: CollectedUses, file: SourceFile, names: ReverseNames) -> None:
    """Note every use in a file. What is proven comes first, and claims its nodes."""
    nodes = list(file.nodes)
    for node in nodes:
        if isinstance(node, cst.ImportFrom):
            look_at_import(found, file, node)
        elif isinstance(node, cst.ClassDef):
            look_at_class(found, file, node)
        elif isinstance(node, cst.Call):
            look_at_get_model(found, file, node)
    for node in nodes:
        if isinstance(node, cst.Name | cst.Attribute):
            look_at_expression(found, file, node)
    for node in nodes:
        if isinstance(node, cst.Call):
            look_at_call(found, file, node)
    for node in nodes:
        look_at_row(found, file, node)
        look_at_field(found, file, node)
        look_at_reverse(found, file, node, names)
    for node in nodes:
        if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
            if not isinstance(file.parents[node], cst.ConcatenatedString):
                look_at_annotation(found, file, node)
                look_at_string(found, file, node)
        elif isinstance(node, cst.FormattedString):
            look_at_made_text(found, file, node)


def _further_names(found: CollectedUses, file: SourceFile) -> set[str]:
    """Other names by which other files can get the legacy model from this one."""
    scope = file.scopes.get(file.module)
    if scope is None:
        return set()
    names = {one.name for one in scope.assignments if "." not in one.name}
    return {
        name
        for name in names - {RESTORE}
        if any(
            one.is_legacy(Sort.MODEL) or one.is_legacy(Sort.QUERY)
            for one in found.resolver.named(file, scope, name)
        )
    }


def _look_at_texts(found: CollectedUses, names: ReverseNames) -> None:
    folder = found.project.folder
    for path in folder.files:
        if path.endswith(PYTHON):
            continue
        data = found.project.bytes_of(path)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            folder.unread[path] = "it is not valid UTF-8"
            continue
        if path.endswith(FIXTURES):
            found.uses += uses_in_fixture(path, text)
        else:
            found.uses += uses_in_template(path, text, names.attributes)


def _note_definitions(found: CollectedUses) -> None:
    for model in found.project.legacy:
        file = found.project.file(model.path)
        if file is None or model.node is None:
            continue
        line, column = file.place(model.node.name)
        note = (
            ""
            if is_deprecated(model)
            else "it warns when a row is made or loaded, and when its manager is asked for"
        )
        found.uses.append(Use(file.path, line, column, RESTORE, UseKind.DEFINITION, note=note))


def _settle(found: CollectedUses) -> None:
    """Decide which imports stay as they are, whatever uses them."""
    _note_modules(found)
    _note_inbound_names(found)
    loaded: dict[str, set[str]] = {}
    for origin in found.resolver.origins.values():
        after = found.project.consolidated_for(origin.model)
        if not can_be_named(origin.file.path):
            origin.keep("the name of its file cannot stand in a patch")
        if origin.file.is_migration:
            origin.keep("it is a migration, which is history")
        elif _is_own_export(origin):
            origin.why_not = OWN_EXPORT
        elif after is None:
            origin.keep(
                "there is no system_backups.RestoreLog in this tree, or more than one beside it"
            )
        elif site := next(iter(sorted(origin.sites & found.consolidated_sites)), None):
            origin.why_not = f"it is registered at {site}, and so is the consolidated model"
        elif _at_load(origin) and origin.file.path in _loaded_with(found, after.path, loaded):
            origin.keep("the consolidated model's own module imports this file: that is a circle")


def _note_modules(found: CollectedUses) -> None:
    """Note the imports of a module from which the model is then taken."""
    for origin in found.resolver.origins.values():
        if origin.names_module and origin.is_used and isinstance(origin.node, cst.ImportAlias):
            alias = origin.node
            symbol = alias.evaluated_alias or alias.evaluated_name
            meaning = Meaning(Sort.MODULE, origin=origin)
            found.add(origin.file, alias, symbol, UseKind.IMPORT, meaning)


def _note_inbound_names(found: CollectedUses) -> None:
    """Note reverse names that a foreign key gives to the legacy model only."""
    for origin in found.resolver.origins.values():
        for file, node, name in origin.further:
            if name in found.inbound:
                line, _ = file.place(node)
                origin.keep(f"{name} in line {line} comes from a foreign key to the legacy model")
                meaning = Meaning(Sort.QUERY, origin=origin)
                todo = "it changes together with the foreign key that it comes from"
                found.add(file, node, name, UseKind.REVERSE, meaning, todo=todo)


def _loaded_with(found: CollectedUses, path: str, known: dict[str, set[str]]) -> set[str]:
    if path not in known:
        known[path] = set(files_loaded_with(found.project, path))
    return known[path]


def _is_own_export(origin: Origin) -> bool:
    """Whether it is how the legacy app itself hands out its model."""
    package = origin.model.package
    inside = origin.file.path.removeprefix(f"{package}/")
    if inside == origin.file.path and package != ".":
        return False
    return inside == "__init__.py" or inside.split("/")[0] in ("models", "models.py")


def _at_load(origin: Origin) -> bool:
    """Whether it is imported when the file is loaded, not when a function runs."""
    scopes = origin.file.scopes
    if not isinstance(origin.statement, cst.Import | cst.ImportFrom):
        return False
    return scopes.get(origin.statement) is scopes.get(origin.file.module)
