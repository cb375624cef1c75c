"""Texts that name the legacy model, and unproven uses of what changes with it."""

import re

import libcst as cst

from infrastructure.references.collected import CollectedUses
from infrastructure.references.host_models import RELATIONS
from infrastructure.references.labels import (
    CONSOLIDATED,
    CONSOLIDATED_APP,
    LEGACY_APP,
    NEW_FIELD,
    OLD_FIELD,
    RESTORE,
)
from infrastructure.references.meanings import Meaning, Sort
from infrastructure.references.model_uses import SCHEMA_TODO
from infrastructure.references.nodes import (
    assigned,
    dotted_name,
    inner_class,
    last_name,
    members,
    string_value,
    strings_in,
)
from infrastructure.references.query_uses import DISPLAY
from infrastructure.references.source_file import SourceFile
from infrastructure.references.uses import UseKind

WORD = RESTORE.lower()
LABEL = re.compile(rf"{LEGACY_APP}\.{RESTORE}", re.IGNORECASE)
DOTTED = re.compile(rf"[A-Za-z_][\w.]*\.{RESTORE}(?:\.\w+)*")
PERMISSION = re.compile(rf"{LEGACY_APP}\.(?:add|change|delete|view)_{WORD}")
CODENAME = re.compile(rf"(?:add|change|delete|view)_{WORD}")
TABLE = re.compile(rf"{LEGACY_APP}_{WORD}\w*", re.IGNORECASE)
FIELD = re.compile(rf"(?<![A-Za-z0-9_]){OLD_FIELD}(?![A-Za-z0-9]|_[A-Za-z0-9])")
IF_IT_IS = f"if this is a restore of the consolidated model now, it is {NEW_FIELD}"


def about_text(text: str) -> tuple[str, UseKind, str] | None:
    """What a text has to do with the legacy model: what it names, what that is, what to do."""
    if LABEL.fullmatch(text):
        return text, UseKind.LABEL, f"{CONSOLIDATED}, unless it is meant to name both tables"
    if match := PERMISSION.search(text):
        todo = (
            f"ask for the permission of {CONSOLIDATED_APP}, once those who have this one have been "
            "given that one"
        )
        return match[0], UseKind.PERMISSION, todo
    if match := TABLE.search(text):
        todo = (
            f"{match[0].lower().replace(LEGACY_APP, CONSOLIDATED_APP)}: check the columns of a "
            "statement, and that a link leads to a restore by its new id"
        )
        return match[0], UseKind.NAME, todo
    if match := LABEL.search(text):
        return match[0], UseKind.LABEL, f"{CONSOLIDATED}, unless it is meant to name both tables"
    if match := FIELD.search(text):
        return match[0], UseKind.FIELD, IF_IT_IS
    return None


def look_at_string(
    found: CollectedUses, file: SourceFile, node: cst.SimpleString | cst.ConcatenatedString
) -> None:
    """Note a literal that names the legacy model, its table, a permission or the old field."""
    text = string_value(node)
    if text is None or node in found.claimed or _is_prose(file, node):
        return
    call = _call_around(file, node)
    if LABEL.fullmatch(text) and call is not None and last_name(call.func) in RELATIONS:
        found.note_inbound(file, call)
        found.add(file, node, text, UseKind.FOREIGN_KEY, todo=SCHEMA_TODO)
    elif told := about_text(text):
        found.add(file, node, told[0], told[1], todo=told[2])
    elif DOTTED.fullmatch(text):
        _dotted(found, file, node, text)
    elif text.lower() == WORD:
        _model_name(found, file, node, text, call)
    elif CODENAME.fullmatch(text) and _is_beside_app(file, node):
        found.add(file, node, text, UseKind.PERMISSION, todo=SCHEMA_TODO)


def look_at_made_text(found: CollectedUses, file: SourceFile, node: cst.FormattedString) -> None:
    """Note a text that is put together at run time and may name the legacy model."""
    parts = [one.value for one in node.parts if isinstance(one, cst.FormattedStringText)]
    told = next(filter(None, map(about_text, parts)), None)
    if told is not None:
        found.add(file, node, told[0], told[1], todo=told[2])
    elif any(WORD in part.lower() for part in parts):
        todo = "it is put together when the program runs: see whether it names the legacy model"
        found.add(file, node, file.code(node), UseKind.NAME, todo=todo)


def look_at_field(found: CollectedUses, file: SourceFile, node: cst.CSTNode) -> None:
    """Note the old field where nothing proves of which model it is."""
    match node:
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if name in (OLD_FIELD, DISPLAY):
            if not _is_of_another(found, file, value):
                found.add(file, node, dotted_name(node) or name, UseKind.FIELD, todo=IF_IT_IS)
        case cst.Arg(keyword=cst.Name(value=name)) if name.split("__")[0] == OLD_FIELD:
            call = file.parents[node]
            if isinstance(call, cst.Call) and not _is_of_another(found, file, call.func):
                found.add(file, node, name, UseKind.FIELD, todo=IF_IT_IS)


def _dotted(found: CollectedUses, file: SourceFile, node: cst.CSTNode, text: str) -> None:
    """A dotted path, as settings and mocks have it."""
    module, _, _ = text.partition(f".{RESTORE}")
    place = found.project.layout.module(module, file.path)
    if place is None:
        if LEGACY_APP in module.split("."):
            found.add(file, node, text, UseKind.DOTTED, todo=_instead(module))
        return
    meanings = found.resolver.member(place, RESTORE)
    meaning = next((one for one in meanings if one.is_legacy(Sort.MODEL)), None)
    if meaning is None:
        return
    if meaning.origin is not None and not file.is_migration and place == meaning.origin.file.path:
        note = f"it follows the import in {place}"
        found.add(file, node, text, UseKind.DOTTED, meaning, note=note)
    else:
        found.add(file, node, text, UseKind.DOTTED, todo=_instead(module))


def _instead(module: str) -> str:
    return f"{module.replace(LEGACY_APP, CONSOLIDATED_APP)}.{RESTORE}"


def _model_name(
    found: CollectedUses, file: SourceFile, node: cst.CSTNode, text: str, call: cst.Call | None
) -> None:
    """`restorelog` or `RestoreLog` alone: the legacy model, if its app is named beside it."""
    package = found.project.layout.package_of(file.path)
    in_app = any(model.package == package for model in found.project.legacy)
    if call is not None and last_name(call.func) in RELATIONS and in_app:
        found.add(file, node, text, UseKind.FOREIGN_KEY, todo=SCHEMA_TODO)
    elif _is_beside_app(file, node):
        found.add(file, node, text, UseKind.CONTENT_TYPE, todo=SCHEMA_TODO)
    elif file.is_migration and in_app:
        found.add(file, node, text, UseKind.LABEL)


def _is_beside_app(file: SourceFile, node: cst.CSTNode) -> bool:
    """Whether the app's label stands in the same call, tuple, list or dict."""
    for above in file.ancestors(node):
        if isinstance(above, cst.Call | cst.Tuple | cst.List | cst.Dict):
            texts = [string_value(text) for text in strings_in(above)]
            if LEGACY_APP in texts:
                return True
        if isinstance(above, cst.BaseStatement | cst.BaseSmallStatement):
            return False
    return False


def _call_around(file: SourceFile, node: cst.CSTNode) -> cst.Call | None:
    above = file.parents[node]
    call = file.parents[above] if isinstance(above, cst.Arg) else None
    return call if isinstance(call, cst.Call) else None


def _is_prose(file: SourceFile, node: cst.CSTNode) -> bool:
    """Whether it is a text that nothing reads: a docstring."""
    return isinstance(file.parents[node], cst.Expr)


def _is_of_another(found: CollectedUses, file: SourceFile, value: cst.CSTNode) -> bool:
    """Whether it is known to belong to another class, or to the legacy model's own."""
    if isinstance(value, cst.Name) and value.value in ("self", "cls"):
        around = next((a for a in file.ancestors(value) if isinstance(a, cst.ClassDef)), None)
        return around is not None and (
            found.project.model_of(around) is not None or OLD_FIELD in _own_names(file, around)
        )
    meanings = found.resolver.of(file, value)
    return bool(meanings) and all(_is_another(found, one) for one in meanings)


def _is_another(found: CollectedUses, meaning: Meaning) -> bool:
    if meaning.sort is Sort.OTHER:
        file, node = found.resolver.classes[meaning.name]
        meta = inner_class(node, "Meta")
        given = assigned(meta).get("model") if meta is not None else None
        return given is None or found.resolver.legacy(file, given, Sort.MODEL) is None
    if meaning.sort is Sort.EXTERNAL:
        return True
    return meaning.model is not None and not meaning.model.is_legacy


def _own_names(file: SourceFile, node: cst.ClassDef) -> set[str]:
    """The attributes that a class gives itself."""
    return {
        found.attr.value
        for found in file.values
        if isinstance(found, cst.Attribute)
        and dotted_name(found.value) == "self"
        and node in file.ancestors(found)
    } | members(node)
