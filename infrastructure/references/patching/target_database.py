"""The column that the consolidated model lacks, with the index that the legacy model has on it."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from infrastructure.references.host_models import HostModel
from infrastructure.references.labels import ADDED_FIELD
from infrastructure.references.nodes import argument, assigned, inner_class, last_name, string_value

INDEX = "system_backups_target_db_idx"
"""The name, the length and the default are those of the migration that adds the column."""


@dataclass(frozen=True)
class NewColumn:
    """The source of the field, and of its index if there is to be one."""

    field: str
    index: str = ""


def new_column(legacy: HostModel, consolidated: HostModel) -> NewColumn | None:
    """The column, with an index if the legacy model has one on it; None if it cannot be written."""
    prefix = _prefix(consolidated)
    if prefix is None:
        return None
    field = f'{ADDED_FIELD} = {prefix}CharField(max_length=100, blank=True, default="")'
    old = legacy.fields.get(ADDED_FIELD)
    alone = _true(old, "db_index") or _true(old, "unique")
    if not alone and not any(names[:1] == [ADDED_FIELD] for names in _indexed(legacy)):
        return NewColumn(field)
    return NewColumn(field, f'{prefix}Index(fields=["{ADDED_FIELD}"], name="{INDEX}")')


def with_column(node: cst.ClassDef, column: NewColumn) -> cst.ClassDef:
    """The model's class with the column after its last field."""
    body: list[cst.CSTNode] = list(node.body.body)
    place = max(
        (number for number, line in enumerate(body, start=1) if _is_field(line)), default=len(body)
    )
    body.insert(place, cst.parse_statement(column.field))
    if column.index:
        body = list(_with_index(body, column.index))
    return node.with_changes(body=node.body.with_changes(body=body))


def _with_index(body: list[cst.CSTNode], index: str) -> Iterator[cst.CSTNode]:
    added = cst.parse_expression(index)
    has_meta = False
    for line in body:
        if isinstance(line, cst.ClassDef) and line.name.value == "Meta":
            has_meta = True
            yield _with_listed(line, added)
        else:
            yield line
    if not has_meta:
        yield cst.parse_statement(f"\nclass Meta:\n    indexes = [{index}]\n")


def _with_listed(meta: cst.ClassDef, index: cst.BaseExpression) -> cst.ClassDef:
    found = assigned(meta).get("indexes")
    if isinstance(found, cst.List | cst.Tuple):
        replaced = meta.deep_replace(found, _appended(found, index))
        return replaced if isinstance(replaced, cst.ClassDef) else meta
    code = cst.Module([]).code_for_node(index)
    line = cst.parse_statement(f"indexes = [{code}]")
    return meta.with_changes(body=meta.body.with_changes(body=[*meta.body.body, line]))


def _appended(found: cst.List | cst.Tuple, added: cst.BaseExpression) -> cst.List | cst.Tuple:
    """The list with one more element, laid out as those before it."""
    elements = list(found.elements)
    if not elements:
        return found.with_changes(elements=[cst.Element(added)])
    last = elements[-1]
    between = elements[-2].comma if len(elements) > 1 else _first_comma(found)
    ends = last.comma if len(elements) > 1 or isinstance(found, cst.List) else _multiline(last)
    return found.with_changes(
        elements=[*elements[:-1], last.with_changes(comma=between), cst.Element(added, comma=ends)]
    )


def _first_comma(found: cst.List | cst.Tuple) -> cst.Comma:
    """The comma between two elements, in a list that had one."""
    opening = found.lbracket if isinstance(found, cst.List) else next(iter(found.lpar), None)
    space = opening.whitespace_after if opening is not None else None
    if isinstance(space, cst.ParenthesizedWhitespace):
        return cst.Comma(whitespace_after=space)
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _multiline(last: cst.BaseElement) -> cst.Comma | cst.MaybeSentinel:
    """The comma of a tuple's only element, unless it was there only because a tuple needs it."""
    comma = last.comma
    if isinstance(comma, cst.Comma) and isinstance(
        comma.whitespace_after, cst.ParenthesizedWhitespace
    ):
        return comma
    return cst.MaybeSentinel.DEFAULT


def _prefix(model: HostModel) -> str | None:
    """How the file names the module of fields: `models.`; None if it imports them one by one."""
    for call in model.fields.values():
        if isinstance(call.func, cst.Attribute) and isinstance(call.func.value, cst.Name):
            return f"{call.func.value.value}."
    return None


def _indexed(model: HostModel) -> Iterator[list[str]]:
    """The fields of each index of a model."""
    meta = inner_class(model.node, "Meta") if model.node is not None else None
    indexes = assigned(meta).get("indexes") if meta is not None else None
    if not isinstance(indexes, cst.List | cst.Tuple):
        return
    for one in indexes.elements:
        given = argument(one.value, "fields") if isinstance(one.value, cst.Call) else None
        if given is not None and isinstance(given.value, cst.List | cst.Tuple):
            yield [string_value(name.value) or "" for name in given.value.elements]


def _true(call: cst.Call | None, name: str) -> bool:
    given = argument(call, name) if call is not None else None
    return given is not None and last_name(given.value) == "True"


def _is_field(line: cst.CSTNode) -> bool:
    if not isinstance(line, cst.SimpleStatementLine):
        return False
    match line.body[0]:
        case cst.Assign(value=cst.Call() as call) | cst.AnnAssign(value=cst.Call() as call):
            name = last_name(call)
            return name.endswith(("Field", "ForeignKey"))
    return False
