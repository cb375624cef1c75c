"""The patch of a search: every change that is safe, file by file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import libcst as cst

from infrastructure.references.host_models import HostModel
from infrastructure.references.labels import ADDED_FIELD, CONSOLIDATED_APP, LEGACY_APP
from infrastructure.references.meanings import Origin
from infrastructure.references.nodes import argument, string_value, strings_in
from infrastructure.references.patching.changes import FileChanges
from infrastructure.references.patching.deprecation import (
    MODULE,
    SOURCE,
    deprecated,
    import_line,
    is_deprecated,
)
from infrastructure.references.patching.diff import file_diff
from infrastructure.references.patching.host_test import host_test, host_test_path
from infrastructure.references.patching.imports import change_import
from infrastructure.references.patching.target_database import new_column, with_column
from infrastructure.references.report import ReferenceAction, outcome_of
from infrastructure.references.search import SourceSearch
from infrastructure.references.source_file import SourceFile

ChangesOf = Callable[[SourceFile], FileChanges]


@dataclass(frozen=True)
class SourcePatch:
    """A patch, and what it does besides the references: path → what is new there."""

    data: bytes
    files: list[str]
    also: dict[str, str] = field(default_factory=dict)


def source_patch(search: SourceSearch) -> SourcePatch:
    """The patch of everything that is safe to change. It is empty if nothing is."""
    also: dict[str, str] = {}
    changes: dict[str, FileChanges] = {}
    new_files: dict[str, str] = {}

    def of(file: SourceFile) -> FileChanges:
        return changes.setdefault(file.path, FileChanges(file))

    for origin in search.found.resolver.origins.values():
        after = search.project.consolidated_for(origin.model)
        if origin.is_used and not origin.why_not and after is not None:
            _change_origin(of(origin.file), origin, after)
    for use in search.found.uses:
        if use.rename is not None and outcome_of(use)[0] is ReferenceAction.PATCH:
            of(use.rename.file).renames[use.rename.node] = use.rename.new
    for legacy in search.project.legacy:
        _mark(search, legacy, of, new_files, also)
        after = search.project.consolidated_for(legacy)
        if after is not None:
            _add_column(search, legacy, after, of, new_files, also)
    diffs: dict[str, bytes] = {}
    for path, change in sorted(changes.items()):
        old = search.project.bytes_of(path)
        new = change.code().encode(change.file.encoding)
        if new != old:
            diffs[path] = file_diff(path, old, new)
    for path, text in sorted(new_files.items()):
        diffs[path] = file_diff(path, None, text.encode())
    return SourcePatch(b"".join(diffs[path] for path in sorted(diffs)), sorted(diffs), also)


def _change_origin(change: FileChanges, origin: Origin, after: HostModel) -> None:
    if isinstance(origin.statement, cst.Import | cst.ImportFrom):
        change_import(change.import_change(origin.statement), origin, after)
    elif isinstance(origin.node, cst.Call):
        given = argument(origin.node, "app_label", 0)
        text = string_value(given.value) if given is not None else None
        if given is not None and text is not None:
            new = text.replace(LEGACY_APP, CONSOLIDATED_APP, 1)
            change.renames.update(dict.fromkeys(strings_in(given.value), new))


def _mark(
    search: SourceSearch, legacy: HostModel, of: ChangesOf, new_files: dict[str, str],
    also: dict[str, str],
) -> None:  # fmt: skip
    """Have the legacy model warn on use."""
    file = search.project.file(legacy.path)
    if file is None or legacy.node is None or is_deprecated(legacy):
        return
    change = of(file)
    change.classes[legacy.node] = deprecated
    change.import_line = import_line(legacy)
    path = _beside(legacy, f"{MODULE}.py")
    new_files[path] = SOURCE
    also[path] = "new: lets the legacy model warn when it is used, not when it is loaded"


def _add_column(
    search: SourceSearch, legacy: HostModel, after: HostModel, of: ChangesOf,
    new_files: dict[str, str], also: dict[str, str],
) -> None:  # fmt: skip
    """Give the consolidated model the column that it lacks, and the product a test of it."""
    file = search.project.file(after.path)
    if file is None or after.node is None or ADDED_FIELD in after.fields:
        return
    column = new_column(legacy, after)
    if column is None:
        also[after.path] = "by hand: add target_database to the consolidated model"
        return
    of(file).classes[after.node] = partial(with_column, column=column)
    index = " with the index that the legacy model has on it" if column.index else ""
    also[after.path] = f"target_database is added to the consolidated model{index}"
    path = host_test_path(search.project, after)
    if path not in search.project.folder.files:
        new_files[path] = host_test(search.project, after)
        also[path] = "new: a test of target_database"


def _beside(model: HostModel, name: str) -> str:
    return name if model.package == "." else f"{model.package}/{name}"
