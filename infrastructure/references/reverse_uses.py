"""Reverse names: how backups and users lead to their legacy restores."""

from dataclasses import dataclass

import libcst as cst

from infrastructure.references.collected import CollectedUses
from infrastructure.references.host_models import RELATIONS, HostModel
from infrastructure.references.labels import BACKUP, LEGACY_APP, RESTORE
from infrastructure.references.meanings import QUERIES, ROWS, Sort
from infrastructure.references.nodes import (
    argument,
    dotted_name,
    last_name,
    string_value,
    strings_in,
)
from infrastructure.references.query_uses import BY_KEYWORD, BY_STRING
from infrastructure.references.source_file import SourceFile
from infrastructure.references.uses import UseKind

TODO = (
    "from a legacy backup or a user it leads to the legacy restores: ask for those of the "
    "consolidated model instead"
)


@dataclass(frozen=True)
class ReverseNames:
    """The names by which rows of other models lead to legacy restores."""

    attributes: frozenset[str]
    lookups: frozenset[str]


def reverse_names(models: list[HostModel]) -> ReverseNames:
    """The reverse names of the legacy model's relations; Django's own where it gives none."""
    attributes, lookups = set(), set()
    for model in models:
        for call in model.fields.values():
            if last_name(call) not in RELATIONS:
                continue
            named = _text(call, "related_name")
            if named is not None and named.endswith("+"):
                continue
            asked = _text(call, "related_query_name") or named or RESTORE.lower()
            one = last_name(call) == "OneToOneField"
            attributes.add(named or (RESTORE.lower() if one else f"{RESTORE.lower()}_set"))
            lookups.add(asked)
    return ReverseNames(frozenset(attributes), frozenset(lookups))


def look_at_reverse(
    found: CollectedUses, file: SourceFile, node: cst.CSTNode, names: ReverseNames
) -> None:
    """Note a reverse name: of an object, or as a lookup of backups or users."""
    match node:
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if name in names.attributes:
            if _may_lead_there(found, file, value):
                found.add(file, node, dotted_name(node) or name, UseKind.REVERSE, todo=TODO)
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=method))) if (
            method in BY_KEYWORD | BY_STRING | QUERIES | ROWS
        ):
            if not _may_be_asked(found, file, value):
                return
            for arg in node.args:
                if arg.keyword is not None and method in BY_KEYWORD:
                    if arg.keyword.value.split("__")[0] in names.lookups:
                        found.add(file, arg, arg.keyword.value, UseKind.REVERSE, todo=TODO)
                elif arg.keyword is None or method in ("annotate", "aggregate", "alias"):
                    _strings(found, file, arg.value, names)


def _strings(
    found: CollectedUses, file: SourceFile, value: cst.CSTNode, names: ReverseNames
) -> None:
    for text in strings_in(value):
        lookup = string_value(text) or ""
        if lookup.lstrip("-+").split("__")[0] in names.lookups:
            found.add(file, text, lookup, UseKind.REVERSE, todo=TODO)


def _may_lead_there(found: CollectedUses, file: SourceFile, value: cst.CSTNode) -> bool:
    """Whether it can be a row of a backup or user, as far as is known."""
    for one in found.resolver.of(file, value):
        if one.sort is Sort.UNKNOWN:
            return not _is_self_of_a_class(found, file, value)
        if one.sort is Sort.ROW and one.model is not None and _is_legacy_backup(one.model):
            return True
    return False


def _may_be_asked(found: CollectedUses, file: SourceFile, value: cst.CSTNode) -> bool:
    """Whether it can be a query of the legacy app's backups, or of users."""
    return any(
        one.sort in (Sort.UNKNOWN, Sort.EXTERNAL)
        or (one.sort is Sort.QUERY and one.model is not None and _is_legacy_backup(one.model))
        for one in found.resolver.of(file, value)
    )


def _is_self_of_a_class(found: CollectedUses, file: SourceFile, value: cst.CSTNode) -> bool:
    """Whether it is `self` in a class that is not the legacy app's backup."""
    if not isinstance(value, cst.Name) or value.value not in ("self", "cls"):
        return False
    around = next((a for a in file.ancestors(value) if isinstance(a, cst.ClassDef)), None)
    model = found.project.model_of(around) if around is not None else None
    return model is None or not _is_legacy_backup(model)


def _is_legacy_backup(model: HostModel) -> bool:
    return (model.app, model.name) == (LEGACY_APP, BACKUP)


def _text(call: cst.Call, name: str) -> str | None:
    found = argument(call, name)
    return string_value(found.value) if found is not None else None
