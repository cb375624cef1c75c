"""Finds what an expression of the product means.

Names are resolved as Python does: by scope, through imports, relative ones too, through what other
modules of the tree export, and through `import *`. So another class of the same name is another.
"""

import re
from collections.abc import Iterable, Iterator

import libcst as cst
from libcst.metadata import Assignment, BaseAssignment, Scope

from infrastructure.references.host_models import HostModel
from infrastructure.references.labels import LEGACY_APP, RESTORE
from infrastructure.references.layout import is_inside
from infrastructure.references.meanings import (
    NOTHING_KNOWN,
    OTHER_METHODS,
    QUERIES,
    ROWS,
    UNKNOWN,
    Meaning,
    Meanings,
    Origin,
    Sort,
    dotted_name_of,
    first_legacy,
    last_name_of,
)
from infrastructure.references.nodes import argument, dotted_name, last_name, string_value
from infrastructure.references.project import Project
from infrastructure.references.source_file import SourceFile

DJANGO_APPS = ("django.apps.apps", "django.apps.registry.apps")
ELSEWHERE = re.compile(rf"(?:^|\.){LEGACY_APP}(?:\.models(?:\.\w+)*)?\.{RESTORE}$")
"""The legacy model's dotted name, if its source is not in the tree."""
DEEPEST = 60
"""How many steps a name is followed."""


class Resolver:
    """Resolves the expressions of a project's files."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.origins: dict[cst.CSTNode, Origin] = {}
        self.classes: dict[str, tuple[SourceFile, cst.ClassDef]] = {}
        """The product's classes that are no models, by the names of their meanings."""
        self._known: dict[cst.CSTNode, Meanings] = {}
        self._asked: set[object] = set()

    def of(self, file: SourceFile, node: cst.CSTNode) -> Meanings:
        """Everything that an expression can mean; empty for None."""
        if node in self._known:
            return self._known[node]
        if node in self._asked or len(self._asked) > DEEPEST:
            return NOTHING_KNOWN
        self._asked.add(node)
        try:
            found = frozenset(self._of(file, node))
        finally:
            self._asked.discard(node)
        self._known[node] = found
        return found

    def legacy(self, file: SourceFile, node: cst.CSTNode, sort: Sort) -> Meaning | None:
        """The meaning as the legacy model, or as a query or row of it; None if it has none."""
        return first_legacy(self.of(file, node), sort)

    def named(self, file: SourceFile, scope: Scope, name: str) -> Meanings:
        """What a name means in a scope, such as in an annotation that is written as text."""
        bound = scope[name]
        return self._bound(file, bound) if bound else self._global(file, name)

    def is_certain(self, file: SourceFile, node: cst.CSTNode) -> bool:
        """Whether it can mean one thing only."""
        return len({(one.sort, one.model, one.origin) for one in self.of(file, node)}) == 1

    def imported(
        self, file: SourceFile, statement: cst.ImportFrom, alias: cst.ImportAlias
    ) -> Meanings:
        """What a name that is imported from a module means."""
        name = dotted_name(alias.name)
        place = self.project.layout.imported(statement, file.path)
        if place is None:
            dots = "." * len(statement.relative)
            return frozenset(
                self._external(
                    file, f"{dots}{dotted_name(statement.module)}.{name}", statement, alias
                )
            )
        found = self.member(place, name)
        return frozenset(self._from_here(file, found, place, statement, alias))

    def starred(self, file: SourceFile, statement: cst.ImportFrom, name: str) -> Meanings:
        """What `import *` makes of this name."""
        place = self.project.layout.imported(statement, file.path)
        if place is None or name.startswith("_"):
            return NOTHING_KNOWN
        found = self.member(place, name)
        return frozenset(self._from_here(file, found, place, statement, statement))

    def member(self, place: str, name: str) -> Meanings:
        """What a module of the tree has by this name."""
        asked = (place, name)
        if asked in self._asked or len(self._asked) > DEEPEST:
            return NOTHING_KNOWN
        self._asked.add(asked)
        try:
            file = self.project.file(place)
            found = self._global(file, name) if file is not None else NOTHING_KNOWN
        finally:
            self._asked.discard(asked)
        if found:
            return found
        below = self.project.layout.submodule(place, name)
        return frozenset({Meaning(Sort.MODULE, below)}) if below is not None else NOTHING_KNOWN

    def _global(self, file: SourceFile, name: str) -> Meanings:
        scope = file.scopes.get(file.module)
        found = self._bound(file, scope.assignments[name]) if scope is not None else NOTHING_KNOWN
        for star in file.stars if not found else ():
            found |= self.starred(file, star, name)
        return found

    def _of(self, file: SourceFile, node: cst.CSTNode) -> Iterable[Meaning]:
        match node:
            case cst.Name(value="None"):
                return NOTHING_KNOWN
            case cst.Name(value=name):
                scope = file.scopes.get(node)
                return self.named(file, scope, name) if scope is not None else UNKNOWN
            case cst.Attribute(value=value, attr=attr):
                return [
                    found
                    for base in self.of(file, value)
                    for found in self._attribute(file, base, attr.value, node)
                ]
            case cst.Call():
                return self._called(file, node)
            case cst.Subscript(value=value):
                return self._element_or_slice(file, node, self.of(file, value))
            case cst.Await(expression=inner) | cst.NamedExpr(value=inner):
                return self.of(file, inner)
            case cst.IfExp(body=one, orelse=other) | cst.BooleanOperation(left=one, right=other):
                return self.of(file, one) | self.of(file, other)
            case _:
                return UNKNOWN

    def _bound(self, file: SourceFile, assignments: Iterable[BaseAssignment]) -> Meanings:
        found: set[Meaning] = set()
        for one in assignments:
            if isinstance(one, Assignment):
                found |= self._assigned(file, one.name, one.node)
        return frozenset(found)

    def _assigned(self, file: SourceFile, name: str, node: cst.CSTNode) -> Meanings:
        match node:
            case cst.ImportFrom(names=[*aliases]):
                for alias in aliases:
                    if name == (alias.evaluated_alias or alias.evaluated_name):
                        return self.imported(file, node, alias)
            case cst.Import(names=aliases):
                for alias in aliases:
                    if name in (alias.evaluated_alias, *_prefixes(alias)):
                        return frozenset(self._import(file, node, alias, name))
            case cst.ClassDef():
                model = self.project.model_of(node)
                if model is not None:
                    return frozenset({Meaning(Sort.MODEL, model=model)})
                name = f"{file.path}:{file.place(node)[0]}"
                self.classes[name] = (file, node)
                return frozenset({Meaning(Sort.OTHER, name)})
            case cst.Name():
                if node in file.values:
                    how, value = file.values[node]
                    found = self.of(file, value)
                    return found if how == "is" else frozenset(_rows(found))
        return UNKNOWN

    def _import(
        self, file: SourceFile, statement: cst.Import, alias: cst.ImportAlias, name: str
    ) -> Iterator[Meaning]:
        dotted = dotted_name(alias.name) if alias.asname is not None else name
        place = self.project.layout.module(dotted, file.path)
        if place is None:
            yield from self._external(file, dotted, statement, alias)
        else:
            whole = self.project.layout.module(dotted_name(alias.name), file.path)
            model = self.project.legacy_model_at(whole) if whole is not None else None
            if alias.asname is None and model is not None:
                origin = self._origin(file, alias, statement, model)
                origin.names_module = True
                yield Meaning(Sort.MODULE, place, origin=origin)
            else:
                found = [Meaning(Sort.MODULE, place)]
                yield from self._from_here(file, found, "", statement, alias)

    def _external(
        self, file: SourceFile, dotted: str, statement: cst.CSTNode, node: cst.CSTNode
    ) -> Iterator[Meaning]:
        """A name of a module that is not in the tree."""
        if ELSEWHERE.search(dotted) and not self.project.legacy:
            model = self.project.legacy_elsewhere
            origin = self._origin(file, node, statement, model)
            if not isinstance(node, cst.ImportAlias):
                origin.keep("it is used by its dotted name; import the model by name instead")
            yield Meaning(Sort.MODEL, model=model, origin=origin)
        else:
            yield Meaning(Sort.EXTERNAL, dotted)

    def _from_here(
        self, file: SourceFile, found: Iterable[Meaning], place: str,
        statement: cst.CSTNode, node: cst.CSTNode,
    ) -> Iterator[Meaning]:  # fmt: skip
        """The meanings of an import. The import that leaves the legacy app's package is their
        origin: what it says is what a change would say otherwise."""
        for one in found:
            model = one.model
            if one.sort is Sort.MODULE:
                model = self.project.legacy_model_at(one.name)
                if model is not None and one.origin is None:
                    origin = self._origin(file, node, statement, model)
                    origin.names_module = True
                    yield Meaning(Sort.MODULE, one.name, origin=origin)
                else:
                    yield one
            elif (
                model is not None
                and model.is_legacy
                and (is_inside(place, model.package) or one.origin is None)
            ):
                origin = self._origin(file, node, statement, model)
                yield Meaning(one.sort, one.name, model, origin)
            else:
                yield one

    def _origin(
        self, file: SourceFile, node: cst.CSTNode, statement: cst.CSTNode, model: HostModel
    ) -> Origin:
        if node not in self.origins:
            self.origins[node] = Origin(file, node, statement, model)
        return self.origins[node]

    def _attribute(
        self, file: SourceFile, base: Meaning, name: str, node: cst.CSTNode
    ) -> Iterator[Meaning]:
        match base.sort:
            case Sort.MODULE:
                for one in self.member(base.name, name):
                    if one.sort is Sort.EXTERNAL or (
                        one.origin is not None and base.origin is None
                    ):
                        yield one
                    else:
                        yield Meaning(one.sort, one.name, one.model, base.origin)
            case Sort.EXTERNAL:
                yield from self._external(file, f"{base.name}.{name}", node, node)
            case Sort.MODEL if base.model is not None and name in base.model.managers:
                yield Meaning(Sort.QUERY, name, base.model, base.origin)
            case Sort.QUERY:
                yield Meaning(Sort.METHOD, name, base.model, base.origin)
            case _:
                yield Meaning(Sort.UNKNOWN)

    def _called(self, file: SourceFile, call: cst.Call) -> Iterable[Meaning]:
        if last_name(call.func) == "get_model" and (model := self.get_model(file, call)):
            if not model.is_legacy:
                return [Meaning(Sort.MODEL, model=model)]
            origin = self._origin(file, call, call, model)
            if dotted_name_of(self.of(file, call.func)) not in {
                f"{a}.get_model" for a in DJANGO_APPS
            }:
                origin.keep("it asks a registry that is not Django's own, such as a migration's")
            return [Meaning(Sort.MODEL, model=model, origin=origin)]
        found: list[Meaning] = []
        for one in self.of(file, call.func):
            match one.sort:
                case Sort.MODEL:
                    found.append(Meaning(Sort.ROW, model=one.model, origin=one.origin))
                case Sort.METHOD if one.name in ROWS:
                    found.append(Meaning(Sort.ROW, model=one.model, origin=one.origin))
                case Sort.METHOD if one.name in QUERIES or one.name not in OTHER_METHODS:
                    found.append(Meaning(Sort.QUERY, model=one.model, origin=one.origin))
                case Sort.EXTERNAL if last_name_of(one.name) in (
                    "get_object_or_404", "aget_object_or_404",
                ) and call.args:  # fmt: skip
                    found += [
                        Meaning(Sort.ROW, model=m.model, origin=m.origin)
                        for m in self.of(file, call.args[0].value)
                        if m.sort in (Sort.MODEL, Sort.QUERY)
                    ]
                case Sort.OTHER:
                    found.append(one)
                case _:
                    found.append(Meaning(Sort.UNKNOWN))
        return found

    def get_model(self, file: SourceFile, call: cst.Call) -> HostModel | None:
        """The model that a call of `get_model` names, by one label or by two words."""
        first, second = argument(call, "app_label", 0), argument(call, "model_name", 1)
        words = string_value(first.value) if first is not None else None
        if words is None:
            return None
        if second is not None:
            name = string_value(second.value)
            return self.project.by_label(words, name, file.path) if name is not None else None
        app, _, name = words.partition(".")
        return self.project.by_label(app, name, file.path)

    def _element_or_slice(
        self, file: SourceFile, node: cst.Subscript, found: Meanings
    ) -> Iterable[Meaning]:
        sliced = any(isinstance(one.slice, cst.Slice) for one in node.slice)
        return found if sliced else _rows(found)


def _rows(found: Meanings) -> Iterator[Meaning]:
    """What the elements of a query are."""
    for one in found:
        if one.sort is Sort.QUERY:
            yield Meaning(Sort.ROW, model=one.model, origin=one.origin)
        else:
            yield Meaning(Sort.UNKNOWN)


def _prefixes(alias: cst.ImportAlias) -> list[str]:
    """The names by which `import a.b.c` can be used: `a`, `a.b`, `a.b.c`."""
    if alias.asname is not None:
        return []
    parts = dotted_name(alias.name).split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
