"""Fields of the legacy model in its queries, in new rows, and at rows."""

from collections.abc import Iterator

import libcst as cst

from infrastructure.references.collected import CollectedUses
from infrastructure.references.host_models import default_of
from infrastructure.references.labels import (
    NEW_FIELD,
    OLD_FIELD,
    RELATION,
    lookup_field,
    renamed,
)
from infrastructure.references.meanings import (
    OTHER_METHODS,
    QUERIES,
    ROWS,
    Meaning,
    Sort,
    dotted_name_of,
    last_name_of,
)
from infrastructure.references.nodes import argument, children, last_name, string_value, strings_in
from infrastructure.references.source_file import SourceFile
from infrastructure.references.uses import UseKind

NEW_ROW = "__init__"
WRITES = frozenset(
    {NEW_ROW, "create", "acreate", "get_or_create", "aget_or_create", "update_or_create",
     "aupdate_or_create"}
)  # fmt: skip
BY_KEYWORD = WRITES | {"filter", "exclude", "get", "aget", "update", "aupdate"}
BY_STRING = frozenset(
    {"values", "values_list", "order_by", "only", "defer", "distinct", "earliest", "latest",
     "aearliest", "alatest", "dates", "datetimes", "bulk_update", "abulk_update", "in_bulk",
     "select_related", "prefetch_related"}
)  # fmt: skip
CONDITIONS = frozenset({"Q", "When", "FilteredRelation"})
EXPRESSIONS = frozenset(
    {"F", "Count", "Sum", "Avg", "Min", "Max", "StdDev", "Variance", "Lower", "Upper", "Coalesce",
     "Cast", "Concat", "Length", "Trunc", "TruncDate", "TruncDay", "TruncMonth", "TruncYear",
     "StringAgg", "ArrayAgg", "Prefetch"}
)  # fmt: skip
"""Expressions whose text arguments are names of fields."""
KNOWN = OTHER_METHODS | QUERIES | ROWS | BY_KEYWORD | BY_STRING | {"save"}
NOT_LOOKUPS = frozenset({"defaults", "create_defaults", "using", "force_insert"})
LISTS_OF_FIELDS = frozenset({"update_fields", "fields", "field_name", "unique_fields"})
DISPLAY = f"get_{OLD_FIELD}_display"


def look_at_call(found: CollectedUses, file: SourceFile, call: cst.Call) -> None:
    """Note the fields that a call names, if it is one of the legacy model or its rows."""
    asked = _asked(found, file, call)
    if asked is None:
        return
    method, meaning, node = asked
    if not found.resolver.is_certain(file, node):
        return
    if method in WRITES:
        _new_row(found, file, call, method, meaning)
    for arg in call.args:
        name = arg.keyword.value if arg.keyword is not None else ""
        if not name and method in BY_STRING:
            for text in strings_in(arg.value):
                _field(found, file, text, string_value(text) or "", meaning)
        if name in LISTS_OF_FIELDS:
            for text in strings_in(arg.value):
                _field(found, file, text, string_value(text) or "", meaning)
        elif name in ("defaults", "create_defaults"):
            for key in _keys(arg.value):
                _field(found, file, key, string_value(key) or "", meaning)
        elif name and method in BY_KEYWORD and name not in NOT_LOOKUPS:
            _field(found, file, arg, name, meaning)
            if lookup_field(name) in (RELATION, f"{RELATION}_id") and "__" not in name:
                _given(found, file, arg, name, meaning)
        _nested(found, file, arg.value, meaning)
    if (
        method not in KNOWN
        and meaning.origin is not None
        and meaning.model is not None
        and meaning.model.has_own_manager()
    ):
        meaning.origin.keep(f"its manager has {method}(), which the consolidated one may not have")


def look_at_row(found: CollectedUses, file: SourceFile, node: cst.CSTNode) -> None:
    """Note the changed field where it is read from a row, or set."""
    match node:
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if name in (OLD_FIELD, DISPLAY):
            row = found.resolver.legacy(file, value, Sort.ROW)
            if row is None or not found.resolver.is_certain(file, value):
                return
            if name == OLD_FIELD:
                found.add(file, node, name, UseKind.FIELD, row, new=NEW_FIELD)
            elif _has_choices(found, row):
                found.add(file, node, name, UseKind.FIELD, row, new=f"get_{NEW_FIELD}_display")
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            row = found.resolver.legacy(file, value, Sort.ROW)
            if row is not None and row.origin is not None:
                row.origin.further.append((file, node, name))
        case cst.Subscript(
            value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]
        ) if string_value(key) == OLD_FIELD:
            row = found.resolver.legacy(file, value, Sort.ROW)
            if row is not None and found.resolver.is_certain(file, value):
                found.add(file, key, OLD_FIELD, UseKind.FIELD, row, new=NEW_FIELD)


def _asked(
    found: CollectedUses, file: SourceFile, call: cst.Call
) -> tuple[str, Meaning, cst.BaseExpression] | None:
    """The method that is called of the legacy model, its manager or a row, and which node it is."""
    resolver = found.resolver
    if meaning := resolver.legacy(file, call.func, Sort.MODEL):
        return NEW_ROW, meaning, call.func
    if meaning := resolver.legacy(file, call.func, Sort.METHOD):
        return meaning.name, meaning, call.func
    shortcut = last_name_of(dotted_name_of(resolver.of(file, call.func)))
    if shortcut in ("get_object_or_404", "aget_object_or_404", "get_list_or_404") and call.args:
        for sort in (Sort.MODEL, Sort.QUERY):
            if meaning := resolver.legacy(file, call.args[0].value, sort):
                return "get", meaning, call.args[0].value
    if isinstance(call.func, cst.Attribute) and call.func.attr.value in (
        "save", "asave", "refresh_from_db", "arefresh_from_db",
    ) and (meaning := resolver.legacy(file, call.func.value, Sort.ROW)):  # fmt: skip
        return "save", meaning, call.func.value
    return None


def _field(
    found: CollectedUses, file: SourceFile, node: cst.CSTNode, lookup: str, meaning: Meaning
) -> None:
    """Note a lookup, if what it begins with changes."""
    name = lookup_field(lookup)
    allowed = found.allowed(meaning.model)
    if name == OLD_FIELD:
        found.add(file, node, lookup, UseKind.FIELD, meaning, new=renamed(lookup))
    elif name == RELATION and lookup.count("__"):
        _through_backup(found, file, node, lookup, meaning)
    elif (
        allowed is not None
        and meaning.model is not None
        and name in meaning.model.columns
        and name not in allowed
    ):
        todo = f"the consolidated model has no {name}: leave it out, or add the column to it"
        found.add(file, node, lookup, UseKind.FIELD, meaning, todo=todo)
    elif meaning.origin is not None and allowed is not None and name not in allowed:
        meaning.origin.further.append((file, node, name))


def _through_backup(
    found: CollectedUses, file: SourceFile, node: cst.CSTNode, lookup: str, meaning: Meaning
) -> None:
    """A lookup through the backup: the consolidated model's backups have other columns."""
    name = lookup.lstrip("-+").split("__")[1]
    after = found.project.consolidated_for(meaning.model) if meaning.model is not None else None
    backups = found.project.backup_for(after) if after is not None else None
    before = found.project.backup_for(meaning.model) if meaning.model is not None else None
    if backups is None or before is None:
        return
    if name in before.columns and name not in backups.columns:
        todo = f"system_backups.BackupLog has no {name}: ask for another of its columns"
        found.add(file, node, lookup, UseKind.RELATION, meaning, todo=todo)


def _given(
    found: CollectedUses, file: SourceFile, arg: cst.Arg, name: str, meaning: Meaning
) -> None:
    todo = found.why_given(file, arg.value, meaning.origin)
    if todo:
        found.add(file, arg, name, UseKind.RELATION, meaning, todo=todo)


def _new_row(
    found: CollectedUses, file: SourceFile, call: cst.Call, method: str, meaning: Meaning
) -> None:
    """What a new row of the consolidated model needs that one of the legacy model did not."""
    after = found.project.consolidated_for(meaning.model) if meaning.model is not None else None
    for arg in call.args:
        if arg.star == "**":
            todo = f"what it is given by ** must say {NEW_FIELD} instead of {OLD_FIELD}"
            found.add(file, arg, file.code(arg.value), UseKind.CREATION, meaning, todo=todo)
    if after is None or argument(call, "restore_type") is not None or not call.args:
        return
    default = default_of(after.fields.get("restore_type"))
    if "restore_type" in after.fields and default != "database":
        says = f"it would say {default!r}" if default else "it has no default"
        name = call.func.attr if isinstance(call.func, cst.Attribute) else call
        todo = f'give it restore_type="database", as the migration does: without, {says}'
        found.add(file, name, last_name(call.func), UseKind.CREATION, meaning, todo=todo)


def _nested(found: CollectedUses, file: SourceFile, node: cst.CSTNode, meaning: Meaning) -> None:
    """Fields in the conditions and expressions that are given to a query."""
    if isinstance(node, cst.Lambda):
        return
    if isinstance(node, cst.Call):
        if any(one.model is not None for one in found.resolver.of(file, node.func)):
            return  # A query of its own, which is looked at by itself.
        name = last_name(node.func)
        if name == "OuterRef":
            return
        for arg in node.args:
            if name in CONDITIONS and arg.keyword is not None and arg.keyword.value != "then":
                _field(found, file, arg, arg.keyword.value, meaning)
            if name in EXPRESSIONS and arg.keyword is None and (text := string_value(arg.value)):
                _field(found, file, arg.value, text, meaning)
    for child in children(node):
        _nested(found, file, child, meaning)


def _keys(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """The keys of a dict literal, and the keywords' values are not looked at."""
    if isinstance(node, cst.Dict):
        yield from (one.key for one in node.elements if isinstance(one, cst.DictElement))


def _has_choices(found: CollectedUses, row: Meaning) -> bool:
    after = found.project.consolidated_for(row.model) if row.model is not None else None
    field = after.fields.get(NEW_FIELD) if after is not None else None
    return field is not None and argument(field, "choices") is not None
