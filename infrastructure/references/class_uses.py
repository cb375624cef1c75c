"""Classes that are made for the legacy model: serializers, forms, filters, admin classes, views.

Their options name fields. The options are changed only if each name is known to fit the
consolidated model: a wrong one stops the product when the class is loaded.
"""

from collections.abc import Iterator

import libcst as cst

from infrastructure.references.collected import CollectedUses
from infrastructure.references.labels import (
    NEW_FIELD,
    OLD_FIELD,
    RELATION,
    lookup_field,
    renamed,
)
from infrastructure.references.meanings import Meaning, Sort
from infrastructure.references.nodes import (
    assigned,
    inner_class,
    last_name,
    members,
    statements,
    string_value,
    strings_in,
)
from infrastructure.references.source_file import SourceFile
from infrastructure.references.uses import UseKind

META_LISTS = ("fields", "exclude", "read_only_fields", "localized_fields")
META_KEYS = (
    "extra_kwargs", "widgets", "labels", "help_texts", "error_messages", "field_classes",
)  # fmt: skip
ADMIN_LISTS = (
    "list_display", "list_display_links", "list_filter", "list_editable", "search_fields",
    "readonly_fields", "fields", "exclude", "ordering", "sortable_by", "raw_id_fields",
    "date_hierarchy", "fieldsets", "radio_fields", "list_select_related",
)  # fmt: skip
VIEW_LISTS = (
    "filterset_fields", "search_fields", "ordering_fields", "ordering", "fields", "filter_fields",
)  # fmt: skip
ALWAYS = frozenset({"__all__", "__str__", "pk", "id", "url", "action_checkbox"})
COMPANIONS = (
    f"validate_{OLD_FIELD}", f"clean_{OLD_FIELD}", f"get_{OLD_FIELD}", f"filter_{OLD_FIELD}",
    f"formfield_for_{OLD_FIELD}", OLD_FIELD,
)  # fmt: skip
"""What a class may have for the field, by its name."""
SORTS = (
    ("Serializer", UseKind.SERIALIZER),
    ("Form", UseKind.FORM),
    ("FilterSet", UseKind.FILTER),
    ("Filter", UseKind.FILTER),
    ("Factory", UseKind.FACTORY),
)
API_NOTE = (
    f"its clients get {NEW_FIELD} instead of {OLD_FIELD}; to keep the old name beside it, declare "
    f'{OLD_FIELD} = serializers.CharField(source="{NEW_FIELD}")'
)


def look_at_class(found: CollectedUses, file: SourceFile, node: cst.ClassDef) -> None:
    """Note what a class says of the legacy model by its `Meta`, or by its own options."""
    if node.name.value == "Meta":
        return  # looked at with the class that it is in
    meta = inner_class(node, "Meta")
    if meta is not None and (given := assigned(meta).get("model")) is not None:
        if meaning := found.resolver.legacy(file, given, Sort.MODEL):
            _of_meta(found, file, node, meta, given, meaning)
        return
    own = assigned(node)
    for name in ("model", "queryset"):
        if (given := own.get(name)) is None:
            continue
        meaning = _model_or_query(found, file, given)
        if meaning is None:
            continue
        if any(last_name(base.value).endswith("Inline") for base in node.bases):
            _of_inline(found, file, node, given, meaning)
        else:
            _of_view(found, file, node, given, meaning)


def look_at_admin(
    found: CollectedUses, file: SourceFile, node: cst.ClassDef, meaning: Meaning
) -> None:
    """Note the options of an admin class that the legacy model is registered with."""
    own = assigned(node)
    declared = members(node)
    for name in ADMIN_LISTS:
        if name in own:
            _names(found, file, own[name], meaning, declared, UseKind.ADMIN)
    if "inlines" in own and file.code(own["inlines"]).strip("()[] ,"):
        _keep(meaning, "its admin has inlines, which are for the legacy model")
    if RELATION in file.code(own.get("autocomplete_fields", cst.Name("none"))):
        _keep(meaning, "its admin completes the backup, for which the other admin must be set up")
    _declared(found, file, node, meaning)


def _of_meta(
    found: CollectedUses, file: SourceFile, node: cst.ClassDef, meta: cst.ClassDef,
    given: cst.BaseExpression, meaning: Meaning,
) -> None:  # fmt: skip
    kind = _sort_of(node)
    note = API_NOTE if kind is UseKind.SERIALIZER else ""
    found.add(file, given, file.code(given), kind, meaning, note=note)
    options = assigned(meta)
    declared = _fields_declared(node)
    for name in META_LISTS:
        if name in options:
            _names(found, file, options[name], meaning, declared, kind)
    for name in META_KEYS:
        if isinstance(options.get(name), cst.Dict):
            _names(found, file, options[name], meaning, declared, kind)
    _declared(found, file, node, meaning)


def _of_inline(
    found: CollectedUses, file: SourceFile, node: cst.ClassDef, given: cst.BaseExpression,
    meaning: Meaning,
) -> None:  # fmt: skip
    _keep(meaning, "an admin inline shows it beside the legacy app's backups")
    todo = (
        "keep it read-only (max_num = 0, can_delete = False) until the legacy model goes; the "
        "admin of system_backups.BackupLog can have one for the consolidated model"
    )
    found.add(file, given, file.code(given), UseKind.INLINE, meaning, todo=todo)


def _of_view(
    found: CollectedUses, file: SourceFile, node: cst.ClassDef, given: cst.BaseExpression,
    meaning: Meaning,
) -> None:  # fmt: skip
    found.add(file, given, file.code(given), UseKind.VIEW, meaning)
    own = assigned(node)
    for name in VIEW_LISTS:
        for text in _texts(own[name]) if name in own else ():
            value = string_value(text) or ""
            if lookup_field(value) == OLD_FIELD:
                todo = f"{renamed(value)}, and tell the clients: it is the name of a parameter"
                found.add(file, text, value, UseKind.FILTER, meaning, todo=todo)


def _names(
    found: CollectedUses, file: SourceFile, value: cst.BaseExpression, meaning: Meaning,
    declared: set[str], kind: UseKind,
) -> None:  # fmt: skip
    """Note the old field in a list of names, and whether all of them fit the consolidated model."""
    if not _is_literal(value):
        _keep(meaning, f"a list of fields is put together in line {file.place(value)[0]}")
        return
    allowed = found.allowed(meaning.model)
    for text in _texts(value):
        name = string_value(text) or ""
        field = lookup_field(name)
        if name in declared or name in ALWAYS:
            if field == OLD_FIELD:
                todo = "see the declaration of this name in the class"
                found.add(file, text, name, kind, meaning, todo=todo)
        elif field == OLD_FIELD:
            found.add(file, text, name, kind, meaning, new=renamed(name))
        elif allowed is not None and field not in allowed | _further(found, meaning):
            _keep(
                meaning, f"the consolidated model has no {field}, which {_where(file, text)} names"
            )
        elif field == RELATION and kind is UseKind.SERIALIZER:
            todo = "its value is now the id of a system_backups.BackupLog: tell the clients"
            found.add(file, text, name, UseKind.RELATION, meaning, todo=todo)


def _further(found: CollectedUses, meaning: Meaning) -> set[str]:
    """Properties and methods of the consolidated model, which admin and serializers may show."""
    after = found.project.consolidated_for(meaning.model) if meaning.model is not None else None
    return after.members if after is not None else set()


def _declared(found: CollectedUses, file: SourceFile, node: cst.ClassDef, meaning: Meaning) -> None:
    """Note what the class itself has for the old field: a declared field, a method."""
    for statement in statements(node.body):
        match statement:
            case cst.FunctionDef(name=cst.Name(value=name) as place) if name in COMPANIONS:
                todo = f"if it is for the field, call it {name.replace(OLD_FIELD, NEW_FIELD)}"
                found.add(file, place, name, UseKind.FIELD, meaning, todo=todo)
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value=name) as place)], value=value
            ) if name == OLD_FIELD:
                todo = (
                    f"rename it to {NEW_FIELD}, or keep the old name and read the new field: "
                    f'source="{NEW_FIELD}" in a serializer, field_name="{NEW_FIELD}" in a filter'
                )
                found.add(file, place, name, UseKind.FIELD, meaning, todo=todo)
                found.claimed.update(strings_in(value))


def _fields_declared(node: cst.ClassDef) -> set[str]:
    return set(assigned(node))


def _sort_of(node: cst.ClassDef) -> UseKind:
    for base in node.bases:
        for end, kind in SORTS:
            if last_name(base.value).endswith(end):
                return kind
    return UseKind.USE


def _model_or_query(
    found: CollectedUses, file: SourceFile, given: cst.BaseExpression
) -> Meaning | None:
    return found.resolver.legacy(file, given, Sort.MODEL) or found.resolver.legacy(
        file, given, Sort.QUERY
    )


def _is_literal(value: cst.BaseExpression) -> bool:
    """Whether every name in it can be read: no list of another class is added."""
    match value:
        case (
            cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Set(elements=elements)
        ):
            return not any(isinstance(one, cst.StarredElement) for one in elements)
        case cst.Dict(elements=elements):
            return all(isinstance(one, cst.DictElement) for one in elements)
        case cst.BinaryOperation(left=left, right=right):
            return _is_literal(left) and _is_literal(right)
        case cst.Name(value=name):
            return name in ("None", "True", "False")
    return string_value(value) is not None


def _texts(value: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """The literals that stand where a name of a field is expected."""
    match value:
        case (
            cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Set(elements=elements)
        ):
            for one in elements:
                if isinstance(one.value, cst.Tuple | cst.List):
                    yield from _of_pair(one.value)
                else:
                    yield from _texts(one.value)
        case cst.Dict(elements=elements):
            yield from (
                one.key
                for one in elements
                if isinstance(one, cst.DictElement) and string_value(one.key) is not None
            )
        case cst.BinaryOperation(left=left, right=right):
            yield from _texts(left)
            yield from _texts(right)
        case cst.SimpleString() | cst.ConcatenatedString():
            if string_value(value) is not None:
                yield value


def _of_pair(pair: cst.Tuple | cst.List) -> Iterator[cst.BaseExpression]:
    """The fields of `(title, {"fields": …})`, of `(field, filter)` and of fields in one line."""
    parts = [one.value for one in pair.elements]
    options = parts[1] if len(parts) == 2 else None
    if isinstance(options, cst.Dict):
        for one in options.elements:
            if isinstance(one, cst.DictElement) and string_value(one.key) == "fields":
                yield from _texts(one.value)
        return
    for part in parts:
        yield from _texts(part)


def _where(file: SourceFile, node: cst.CSTNode) -> str:
    return f"line {file.place(node)[0]}"


def _keep(meaning: Meaning, why: str) -> None:
    if meaning.origin is not None:
        meaning.origin.keep(why)
