"""Registrations of models at admin sites."""

import libcst as cst

from infrastructure.references.collected import CollectedUses
from infrastructure.references.meanings import dotted_name_of
from infrastructure.references.nodes import argument, last_name
from infrastructure.references.source_file import SourceFile

DEFAULT_SITE = "the default admin site"


def registering(found: CollectedUses, file: SourceFile, node: cst.CSTNode) -> cst.Call | None:
    """The call of `register` that an expression is an argument of, alone or in a list."""
    for above in file.ancestors(node):
        if isinstance(above, cst.Call):
            return above if last_name(above.func) == "register" else None
        if not isinstance(above, cst.Arg | cst.Element | cst.List | cst.Tuple):
            return None
    return None


def admin_site(found: CollectedUses, file: SourceFile, call: cst.Call) -> str:
    """Which admin site a call of `register` is about."""
    if (given := argument(call, "site")) is not None:
        node: cst.CSTNode | None = given.value
    else:
        node = call.func.value if isinstance(call.func, cst.Attribute) else None
    called = dotted_name_of(found.resolver.of(file, call.func))
    if node is None or (called.startswith("django.contrib.admin") and given is None):
        return DEFAULT_SITE
    name = dotted_name_of(found.resolver.of(file, node))
    if name.startswith("django.contrib.admin"):
        return DEFAULT_SITE
    return name or last_name(node)


def admin_class(found: CollectedUses, file: SourceFile, call: cst.Call) -> cst.ClassDef | None:
    """The admin class that is registered: the one decorated, or the second argument's."""
    above = file.parents[call]
    if isinstance(above, cst.Decorator):
        decorated = file.parents[above]
        return decorated if isinstance(decorated, cst.ClassDef) else None
    given = argument(call, "admin_class", 1)
    scope = file.scopes.get(call)
    if given is None or scope is None or not isinstance(given.value, cst.Name):
        return None
    for one in scope[given.value.value]:
        node = getattr(one, "node", None)
        if isinstance(node, cst.ClassDef):
            return node
    return None
