"""One Python file of the product, parsed."""

import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider, Scope, ScopeProvider

from infrastructure.references.errors import UnreadableSource
from infrastructure.references.nodes import children

Bound = tuple[str, cst.BaseExpression]
"""How a name gets its value: it `is` the value of an expression, or takes `each` of its values."""


@dataclass(frozen=True, eq=False)
class SourceFile:
    """A parsed file. Nodes are told apart by identity, so a finding leads to its change."""

    path: str
    text: str
    encoding: str
    wrapper: MetadataWrapper

    @property
    def module(self) -> cst.Module:
        return self.wrapper.module

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.path.split("/")[:-1]

    @property
    def nodes(self) -> Iterator[cst.CSTNode]:
        """Every node but the module itself."""
        return iter(self.parents)

    @cached_property
    def parents(self) -> dict[cst.CSTNode, cst.CSTNode]:
        """The node around each node. LibCST's own list has all layout, and takes longer."""
        found: dict[cst.CSTNode, cst.CSTNode] = {}
        waiting: list[cst.CSTNode] = [self.module]
        while waiting:
            node = waiting.pop()
            for child in children(node):
                found[child] = node
                waiting.append(child)
        return found

    @cached_property
    def scopes(self) -> Mapping[cst.CSTNode, Scope | None]:
        return self.wrapper.resolve(ScopeProvider)

    @cached_property
    def _positions(self) -> Mapping[cst.CSTNode, CodeRange]:
        return self.wrapper.resolve(PositionProvider)

    def place(self, node: cst.CSTNode) -> tuple[int, int]:
        """Line and column, both from 1."""
        start = self._positions[node].start
        return start.line, start.column + 1

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around this one, from the inside."""
        while (above := self.parents.get(node)) is not None:
            yield above
            node = above

    def code(self, node: cst.CSTNode) -> str:
        """The source of this node."""
        return self.module.code_for_node(node)

    @cached_property
    def stars(self) -> list[cst.ImportFrom]:
        return [
            node
            for node in self.nodes
            if isinstance(node, cst.ImportFrom) and isinstance(node.names, cst.ImportStar)
        ]

    @cached_property
    def values(self) -> dict[cst.CSTNode, Bound]:
        """What each name is bound to, by the node that binds it."""
        bound: dict[cst.CSTNode, Bound] = {}
        for node in self.nodes:
            match node:
                case cst.Assign(targets=targets, value=value):
                    bound.update({one.target: ("is", value) for one in targets})
                case cst.AnnAssign(target=target, value=cst.BaseExpression() as value):
                    bound[target] = ("is", value)
                case cst.NamedExpr(target=target, value=value):
                    bound[target] = ("is", value)
                case cst.For(target=target, iter=value) | cst.CompFor(target=target, iter=value):
                    bound[target] = ("each", value)
        return bound


def parsed_file(path: str, data: bytes) -> SourceFile:
    """Parse a file; `UnreadableSource` says why it cannot be."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except SyntaxError as error:
        raise UnreadableSource(f"its encoding: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise UnreadableSource(f"it is not valid {error.encoding}") from error
    try:
        # Fresh from the parser, the tree has no node twice, so it need not be copied.
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    except cst.ParserSyntaxError as error:
        raise UnreadableSource(f"syntax error in line {error.editor_line}") from error
    except RecursionError as error:
        raise UnreadableSource("it is nested too deeply") from error
    return SourceFile(path, text, encoding, wrapper)
