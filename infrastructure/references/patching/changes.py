"""All changes of one file, made in one walk over its tree. What is not changed keeps its form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from infrastructure.references.patching.imports import ImportChange, without_names
from infrastructure.references.source_file import SourceFile

NewClass = Callable[[cst.ClassDef], cst.ClassDef]


@dataclass(eq=False)
class FileChanges:
    """What changes in a file, by the nodes of its tree."""

    file: SourceFile
    imports: dict[cst.CSTNode, ImportChange] = field(default_factory=dict)
    renames: dict[cst.CSTNode, str] = field(default_factory=dict)
    classes: dict[cst.CSTNode, NewClass] = field(default_factory=dict)
    import_line: str = ""
    """An import that the file needs besides."""

    def import_change(self, statement: cst.CSTNode) -> ImportChange:
        return self.imports.setdefault(statement, ImportChange())

    def code(self) -> str:
        """The file's new text."""
        changed = self.file.module.visit(_Changing(self))
        return changed.code


class _Changing(cst.CSTTransformer):
    def __init__(self, changes: FileChanges) -> None:
        super().__init__()
        self._imports: Mapping[cst.CSTNode, ImportChange] = changes.imports
        self._renames = changes.renames
        self._classes = changes.classes
        self._import_line = changes.import_line
        self._alone: set[cst.CSTNode] = set()

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        if len(node.body) == 1:
            self._alone.add(node.body[0])

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        statement = original_node.body[0]
        change = self._imports.get(statement)
        if change is None or statement not in self._alone:
            return updated_node
        if not isinstance(statement, cst.ImportFrom):
            return updated_node
        kept = without_names(statement, change.removed)
        first, *more = change.added
        if kept is None:
            lines = [updated_node.with_changes(body=[first])]
        else:
            lines = [updated_node.with_changes(body=[kept]), _line_like(updated_node, first)]
        return cst.FlattenSentinel([*lines, *(_line_like(updated_node, one) for one in more)])

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.BaseSmallStatement | cst.FlattenSentinel[cst.BaseSmallStatement]:
        change = self._imports.get(original_node)
        if change is None or original_node in self._alone:
            return updated_node
        kept = without_names(original_node, change.removed)
        added: list[cst.BaseSmallStatement] = [*change.added]
        return cst.FlattenSentinel([*([kept] if kept is not None else []), *added])

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import:
        change = self._imports.get(original_node)
        if change is None:
            return updated_node
        return updated_node.with_changes(
            names=[change.renamed.get(alias, alias) for alias in original_node.names]
        )

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        new = self._renames.get(original_node)
        return updated_node.with_changes(keyword=cst.Name(new)) if new else updated_node

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        new = self._renames.get(original_node)
        return updated_node.with_changes(attr=cst.Name(new)) if new else updated_node

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        new = self._renames.get(original_node)
        if new is None:
            return updated_node
        quote = original_node.quote
        return updated_node.with_changes(value=f"{original_node.prefix}{quote}{new}{quote}")

    def leave_ConcatenatedString(
        self, original_node: cst.ConcatenatedString, updated_node: cst.ConcatenatedString
    ) -> cst.BaseExpression:
        new = self._renames.get(original_node)
        return cst.SimpleString(f'"{new}"') if new else updated_node

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        change = self._classes.get(original_node)
        return change(updated_node) if change is not None else updated_node

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        if not self._import_line:
            return updated_node
        body = list(updated_node.body)
        place = 0
        for number, line in enumerate(body):
            if isinstance(line, cst.ClassDef | cst.FunctionDef):
                break
            if _is_import(line) or (number == 0 and _is_docstring(line)):
                place = number + 1
        added = cst.parse_statement(self._import_line).with_changes(leading_lines=_gap(body, place))
        return updated_node.with_changes(body=[*body[:place], added, *body[place:]])


def _line_like(line: cst.SimpleStatementLine, statement: cst.ImportFrom) -> cst.SimpleStatementLine:
    """A further line, with the note for linters that the line before has."""
    comment = line.trailing_whitespace.comment
    if comment is not None and "noqa" in comment.value:
        return cst.SimpleStatementLine([statement], trailing_whitespace=line.trailing_whitespace)
    return cst.SimpleStatementLine([statement])


def _gap(body: Sequence[cst.CSTNode], place: int) -> list[cst.EmptyLine]:
    """The empty line before an import of a neighbour, unless one stands there already."""
    before = body[place - 1] if place else None
    match before:
        case cst.SimpleStatementLine(body=[cst.ImportFrom(relative=[_, *_])]):
            return []
    return [cst.EmptyLine(indent=False)] if before is not None else []


def _is_import(line: cst.CSTNode) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and isinstance(
        line.body[0], cst.Import | cst.ImportFrom
    )


def _is_docstring(line: cst.CSTNode) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Expr)
