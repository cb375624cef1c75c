"""Small questions about nodes of a syntax tree."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache

import libcst as cst

LAYOUT = frozenset(
    {"header", "footer", "leading_lines", "lines_after_decorators", "lpar", "rpar", "lbracket",
     "rbracket", "lbrace", "rbrace", "comma", "semicolon", "trailing_whitespace", "equal", "colon",
     "dot", "operator", "indent", "first_line", "empty_lines"}
)  # fmt: skip
"""Fields of nodes that hold spaces, comments and punctuation, in which no name is."""


def dotted_name(node: cst.CSTNode | None) -> str:
    """`a.b.c` of names joined by dots; empty if it is anything else."""
    match node:
        case cst.Name(value=value):
            return value
        case cst.Attribute(value=value, attr=attr):
            before = dotted_name(value)
            return f"{before}.{attr.value}" if before else ""
    return ""


def last_name(node: cst.CSTNode | None) -> str:
    """`c` of `a.b.c` and of `a().c`; of a call, that of what is called."""
    match node:
        case cst.Name(value=value):
            return value
        case cst.Attribute(attr=attr):
            return attr.value
        case cst.Call(func=func):
            return last_name(func)
    return ""


def string_value(node: cst.CSTNode | None) -> str | None:
    """The text of a literal; None if it is none, or is made at run time."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def argument(call: cst.Call, name: str, place: int = -1) -> cst.Arg | None:
    """A call's argument of this name, or else at this place."""
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value == name:
            return arg
    if 0 <= place < len(call.args):
        arg = call.args[place]
        if arg.keyword is None and not arg.star:
            return arg
    return None


def statements(
    body: cst.BaseSuite | cst.Module,
) -> Iterator[cst.BaseSmallStatement | cst.BaseCompoundStatement]:
    """The statements of a block, in order, each by itself."""
    lines: Sequence[cst.CSTNode] = body.body
    for line in lines:
        if isinstance(line, cst.SimpleStatementLine):
            yield from line.body
        elif isinstance(line, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            yield line


def assigned(node: cst.ClassDef) -> dict[str, cst.BaseExpression]:
    """What a class assigns to names in its body."""
    found: dict[str, cst.BaseExpression] = {}
    for statement in statements(node.body):
        match statement:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
                found[name] = value
            case cst.AnnAssign(target=cst.Name(value=name), value=cst.BaseExpression() as value):
                found[name] = value
    return found


def members(node: cst.ClassDef) -> set[str]:
    """Every name that a class has by its own body."""
    defined = {
        statement.name.value
        for statement in statements(node.body)
        if isinstance(statement, cst.FunctionDef | cst.ClassDef)
    }
    return defined | assigned(node).keys()


def inner_class(node: cst.ClassDef, name: str) -> cst.ClassDef | None:
    """A class of this name in a class's body, such as its `Meta`."""
    for statement in statements(node.body):
        if isinstance(statement, cst.ClassDef) and statement.name.value == name:
            return statement
    return None


def strings_in(node: cst.CSTNode) -> Iterator[cst.SimpleString | cst.ConcatenatedString]:
    """The string literals of an expression, each whole, in order."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        yield node
        return
    for child in children(node):
        yield from strings_in(child)


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes in this node, but not its layout."""
    for name in _with_nodes(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, list | tuple):
            yield from (one for one in value if isinstance(one, cst.CSTNode))


@cache
def _with_nodes(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(
        one.name
        for one in fields(kind)
        if one.name not in LAYOUT and not one.name.startswith("whitespace")
    )
