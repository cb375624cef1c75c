"""Where the legacy model itself is named: imports, admin, foreign keys, queries, annotations."""

import re

import libcst as cst

from infrastructure.references.class_uses import look_at_admin
from infrastructure.references.collected import CollectedUses
from infrastructure.references.host_models import RELATIONS
from infrastructure.references.labels import CONSOLIDATED, LEGACY, RESTORE
from infrastructure.references.meanings import (
    Meaning,
    Meanings,
    Sort,
    first_legacy,
)
from infrastructure.references.nodes import argument, dotted_name, last_name, string_value
from infrastructure.references.registrations import admin_class, admin_site, registering
from infrastructure.references.source_file import SourceFile
from infrastructure.references.uses import UseKind

SCHEMA_TODO = (
    f"point it at {CONSOLIDATED} together with the second migration of the host, which changes "
    "what it holds to the new ids; not before"
)
IDENTIFIERS = re.compile(r"[A-Za-z_][\w.]*")


def look_at_import(found: CollectedUses, file: SourceFile, node: cst.ImportFrom) -> None:
    """Note an import of the legacy model, by name or with everything else."""
    if isinstance(node.names, cst.ImportStar):
        meaning = _legacy(found.resolver.starred(file, node, RESTORE))
        if meaning is not None:
            found.add(file, node, RESTORE, UseKind.STAR, meaning, note=_follows(file, meaning))
        return
    for alias in node.names:
        meaning = _legacy(found.resolver.imported(file, node, alias))
        if meaning is not None:
            symbol = alias.evaluated_alias or alias.evaluated_name
            found.add(file, alias, symbol, UseKind.IMPORT, meaning, note=_follows(file, meaning))


def look_at_expression(
    found: CollectedUses, file: SourceFile, node: cst.Name | cst.Attribute
) -> None:
    """Note the legacy model where an expression names it."""
    if isinstance(node, cst.Name) and _binds(file, node):
        return
    meanings = found.resolver.of(file, node)
    _only_for_the_model(file, node, meanings)
    meaning = _legacy(meanings)
    if meaning is None:
        call = registering(found, file, node)
        if call is not None and any(_is_consolidated(one) for one in meanings):
            found.consolidated_sites.add(admin_site(found, file, call))
        return
    if not found.resolver.is_certain(file, node):
        for one in meanings:
            _keep(one, "this name can mean something else, too")
    _in_context(found, file, node, meaning)


def look_at_get_model(found: CollectedUses, file: SourceFile, call: cst.Call) -> None:
    """Note a call of `get_model` that asks for the legacy model by its label."""
    if last_name(call.func) != "get_model":
        return
    meaning = found.resolver.legacy(file, call, Sort.MODEL)
    if meaning is None:
        return
    found.claimed.update(arg.value for arg in call.args)
    found.add(file, call, LEGACY, UseKind.GET_MODEL, meaning)


def look_at_annotation(
    found: CollectedUses, file: SourceFile, node: cst.SimpleString | cst.ConcatenatedString
) -> None:
    """Note the legacy model in an annotation that is written as text."""
    if not any(isinstance(one, cst.Annotation) for one in file.ancestors(node)):
        return
    scope = file.scopes.get(node)
    text = string_value(node)
    if scope is None or text is None:
        return
    for word in IDENTIFIERS.findall(text):
        meaning = _legacy(found.resolver.named(file, scope, word.split(".")[0]))
        if meaning is not None and "." not in word:
            found.add(file, node, word, UseKind.ANNOTATION, meaning)


def _in_context(
    found: CollectedUses, file: SourceFile, node: cst.Name | cst.Attribute, meaning: Meaning
) -> None:
    symbol = dotted_name(node) or file.code(node)
    parent = file.parents[node]
    if isinstance(parent, cst.Attribute):
        _attribute(found, file, node, parent, symbol, meaning)
    elif isinstance(parent, cst.Call) and parent.func is node:
        found.add(file, node, symbol, UseKind.CREATION, meaning)
    elif isinstance(parent, cst.Arg) and isinstance(file.parents[parent], cst.ClassDef):
        _keep(meaning, "a class inherits from it")
        todo = "let it inherit from the consolidated model"
        found.add(file, node, symbol, UseKind.SUBCLASS, meaning, todo=todo)
    elif (call := registering(found, file, node)) is not None:
        _registration(found, file, node, call, symbol, meaning)
    elif isinstance(parent, cst.Arg) and isinstance(given := file.parents[parent], cst.Call):
        _argument(found, file, node, parent, given, symbol, meaning)
    elif any(isinstance(one, cst.Annotation) for one in file.ancestors(node)):
        found.add(file, node, symbol, UseKind.ANNOTATION, meaning)
    else:
        found.add(file, node, symbol, UseKind.USE, meaning)


def _attribute(
    found: CollectedUses, file: SourceFile, node: cst.CSTNode, parent: cst.Attribute,
    symbol: str, meaning: Meaning,
) -> None:  # fmt: skip
    name, model = parent.attr.value, meaning.model
    if model is not None and name in model.managers:
        found.add(file, node, f"{symbol}.{name}", UseKind.QUERY, meaning)
    else:
        found.add(file, node, f"{symbol}.{name}", UseKind.USE, meaning)
    after = found.project.consolidated_for(model) if model is not None else None
    if model is None or after is None or name in after.members:
        return
    if name in model.members or name in model.managers:
        _keep(meaning, f"only the legacy model has {name}, used in line {file.place(node)[0]}")


def _argument(
    found: CollectedUses, file: SourceFile, node: cst.CSTNode, arg: cst.Arg, call: cst.Call,
    symbol: str, meaning: Meaning,
) -> None:  # fmt: skip
    called = last_name(call.func)
    if called in RELATIONS:
        _keep(meaning, "a foreign key points at it")
        found.note_inbound(file, call)
        found.add(file, node, symbol, UseKind.FOREIGN_KEY, meaning, todo=SCHEMA_TODO)
    elif called in ("get_for_model", "get_for_models"):
        _keep(meaning, "its content type is asked for, by which rows elsewhere point at it")
        found.add(file, node, symbol, UseKind.CONTENT_TYPE, meaning, todo=SCHEMA_TODO)
    elif arg.keyword is not None and arg.keyword.value == "sender":
        note = "the signal now comes from the consolidated model, for restores of every kind"
        found.add(file, node, symbol, UseKind.SIGNAL, meaning, note=note)
    elif called.endswith("_factory"):
        _keep(meaning, f"{called}() makes a form of its fields")
        found.add(file, node, symbol, UseKind.FORM, meaning)
    else:
        found.add(file, node, symbol, UseKind.USE, meaning)


def _registration(
    found: CollectedUses, file: SourceFile, node: cst.CSTNode, call: cst.Call, symbol: str,
    meaning: Meaning,
) -> None:  # fmt: skip
    if meaning.origin is not None:
        meaning.origin.sites.add(admin_site(found, file, call))
    admin = admin_class(found, file, call)
    note = (
        "the legacy rows then have no admin page; to keep one, register the legacy model with an "
        "admin that is read-only"
    )
    found.add(file, node, symbol, UseKind.ADMIN, meaning, note=note)
    if admin is not None:
        look_at_admin(found, file, admin, meaning)
    elif argument(call, "admin_class", 1) is not None:
        _keep(meaning, "its admin class is in another file")


def _only_for_the_model(
    file: SourceFile, node: cst.Name | cst.Attribute, meanings: Meanings
) -> None:
    """A module's import can be changed if nothing but the model is taken from it."""
    parent = file.parents[node]
    for one in meanings:
        if one.sort is not Sort.MODULE or one.origin is None or not one.origin.names_module:
            continue
        taken = parent.attr.value if isinstance(parent, cst.Attribute) else ""
        if isinstance(one.origin.statement, cst.Import) and taken and _is_plain(one.origin.node):
            one.origin.keep("it is used by its dotted name; import the model by name instead")
        elif one.name != one.origin.model.path:
            one.origin.keep(
                "it imports a package, not the module; import the model by name instead"
            )
        elif taken != RESTORE:
            one.origin.keep(f"the module is also used for {taken or 'something else'}")


def _is_plain(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.ImportAlias) and node.asname is None


def _binds(file: SourceFile, node: cst.Name) -> bool:
    """Whether this is where a name gets its value, and not a use of it."""
    parent = file.parents[node]
    match parent:
        case cst.ClassDef(name=name) | cst.FunctionDef(name=name) | cst.Param(name=name):
            return name is node
        case cst.AssignTarget() | cst.ImportAlias() | cst.AsName() | cst.NameItem():
            return True
        case cst.For(target=target) | cst.CompFor(target=target) | cst.AnnAssign(target=target):
            return target is node
        case cst.NamedExpr(target=target):
            return target is node
        case cst.Arg(keyword=keyword):
            return keyword is node
        case cst.Attribute(attr=attr):
            return attr is node
    return False


def _legacy(meanings: Meanings) -> Meaning | None:
    return first_legacy(meanings, Sort.MODEL)


def _is_consolidated(meaning: Meaning) -> bool:
    model = meaning.model
    return meaning.sort is Sort.MODEL and model is not None and model.is_consolidated


def _keep(meaning: Meaning, why: str) -> None:
    if meaning.origin is not None:
        meaning.origin.keep(why)


def _follows(file: SourceFile, meaning: Meaning) -> str:
    origin = meaning.origin
    if origin is None or origin.file is file:
        return ""
    return f"it follows {origin.file.path}, line {origin.file.place(origin.node)[0]}"
