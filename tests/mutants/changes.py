"""What can be changed in a module: one place at a time, by the module's syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
TYPES = {"Literal", "Callable", "Mapping", "Sequence", "dict", "list", "tuple"}
"""What a name for a type begins with."""
RULES = ("text", "integer")
"""What a field's rule becomes: the first of them that it is not."""
ORIGINS = ("OBSERVED", "DERIVED")
"""The same for where it comes from."""

Alternative = tuple[str, list[ast.AST]]
"""The change in words, and what stands at the place instead: nothing, if it is one of several."""


@dataclass(frozen=True)
class Mutant:
    """One module with one thing changed."""

    module: str
    number: int
    where: str
    """The outermost function or method around the place; empty at the module's level."""
    lines: range
    """Those of that function, its decorators too; empty at the module's level."""
    statement: range
    """The lines of the statement, without its body: where none is reached, nothing is changed."""
    change: str
    """`what stood there → what stands there now`, with a number if it occurs more often."""
    place: int = field(repr=False)
    choice: int = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.module} {self.where or '(module)'}: {self.change}"

    def code(self, original: str, file: str) -> CodeType:
        """The whole module, compiled, with the lines of the original."""
        return compile(self._tree(original), file, "exec", dont_inherit=True)

    def source(self, original: str) -> str:
        """The whole module as text."""
        return ast.unparse(self._tree(original))

    def _tree(self, original: str) -> ast.Module:
        tree = ast.parse(original)
        place = list(_places(tree))[self.place]
        place.put(_alternatives(place)[self.choice][1])
        return ast.fix_missing_locations(tree)


def mutants(module: str, source: str) -> list[Mutant]:
    """All of a module, in the order of the source; the same source gives the same ones."""
    found: list[Mutant] = []
    seen: dict[tuple[str, str], int] = {}
    for index, place in enumerate(_places(ast.parse(source))):
        for choice, (change, _) in enumerate(_alternatives(place)):
            key = place.where, change
            seen[key] = seen.get(key, 0) + 1
            words = change if seen[key] == 1 else f"{change} ({seen[key]})"
            here = place.where, place.lines, place.statement
            found.append(Mutant(module, len(found), *here, words, index, choice))
    return found


@dataclass
class _Place:
    """A node, and where it hangs."""

    node: ast.AST
    parent: ast.AST
    name: str
    index: int | None
    where: str
    lines: range
    statement: range
    in_table: bool

    def put(self, new: list[ast.AST]) -> None:
        if self.index is None:
            (only,) = new
            setattr(self.parent, self.name, ast.copy_location(only, self.node))
        else:
            there = getattr(self.parent, self.name)
            there[self.index : self.index + 1] = [ast.copy_location(n, self.node) for n in new]


def _places(tree: ast.Module) -> Iterator[_Place]:
    yield from _below(tree, "", "", range(0), range(0), in_table=False)


def _below(
    node: ast.AST, scope: str, where: str, lines: range, statement: range, *, in_table: bool
) -> Iterator[_Place]:
    for name, value in ast.iter_fields(node):
        if _says_nothing(node, name):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if not isinstance(child, ast.AST) or _is_docstring(child):
                continue
            here = scope, where, lines, _statement(child) or statement
            if isinstance(child, ast.ClassDef) and not where:
                here = f"{scope}{child.name}.", where, lines, range(0)
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not where:
                first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
                assert child.end_lineno is not None
                inside = range(first, child.end_lineno + 1)
                here = "", scope + child.name, inside, inside
            elif _is_worked_out_on_import(node, name):
                here = scope, "", range(0), range(0)
            table = in_table or (not here[1] and isinstance(child, ast.Assign | ast.AnnAssign))
            at = statement if isinstance(child, ast.match_case) else here[3]
            yield _Place(child, node, name, index, *here[1:3], at, table and not here[1])
            yield from _below(child, *here, in_table=table)


def _statement(node: ast.AST) -> range | None:
    """The lines of a statement, or of a `case`, up to its body; None if it is neither."""
    if isinstance(node, ast.match_case):
        return range(node.pattern.lineno, node.body[0].lineno + 1)
    if not isinstance(node, ast.stmt):
        return None
    inside = getattr(node, "cases", None) or getattr(node, "body", None)
    if not inside:
        assert node.end_lineno is not None
        return range(node.lineno, node.end_lineno + 1)
    first = inside[0].pattern if isinstance(inside[0], ast.match_case) else inside[0]
    return range(node.lineno, max(first.lineno, node.lineno + 1))


def _says_nothing(node: ast.AST, name: str) -> bool:
    """Types, what an error says, and what is an f-string's text: no behaviour of the code."""
    return (
        name in ("annotation", "returns", "ctx", "type_comment")
        or isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Raise) and name != "exc")
        or isinstance(node, ast.Assert)
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        or (isinstance(node, ast.Assign) and name == "value" and _is_type(node.value))
    )


def _is_type(node: ast.expr) -> bool:
    """What a name for a type is made of: `Literal["a", "b"]`, `dict[str, int]`."""
    return isinstance(node, ast.Subscript) and ast.unparse(node.value) in TYPES


def _is_worked_out_on_import(node: ast.AST, name: str) -> bool:
    """Decorators and defaults, although they stand where the function does."""
    if isinstance(node, ast.arguments):
        return name in ("defaults", "kw_defaults")
    return isinstance(node, ast.FunctionDef) and name in ("decorator_list", "args")


def _is_docstring(child: ast.AST) -> bool:
    return (
        isinstance(child, ast.Expr)
        and isinstance(child.value, ast.Constant)
        and isinstance(child.value.value, str)
    )


def _alternatives(place: _Place) -> list[Alternative]:
    node = place.node
    found: list[Alternative] = []

    def instead(*new: ast.AST) -> None:
        after = " ".join(_short(one) for one in new) or "(nothing)"
        found.append((f"{_short(node)} → {after}", list(new)))

    match node:
        case ast.Compare(ops=[op]):
            for other in COMPARISONS[type(op)]:
                instead(ast.Compare(node.left, [other()], node.comparators))
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    changed = [*ops[:at], other(), *ops[at + 1 :]]
                    instead(ast.Compare(node.left, changed, node.comparators))
        case ast.BoolOp(op=op):
            instead(ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values))
        case ast.UnaryOp(op=ast.Not()):
            instead(node.operand)
        case ast.BinOp(op=op) if type(op) in ARITHMETIC:
            instead(ast.BinOp(node.left, ARITHMETIC[type(op)](), node.right))
        case ast.Constant(value=bool()):
            instead(ast.Constant(not node.value))
        case ast.Constant(value=int()):
            instead(ast.Constant(node.value + 1))
        case ast.Constant(value=str()) if _is_name(node.value):
            instead(ast.Constant(node.value + "x"))
        case ast.Return(value=ast.expr()) if not _is_no(node.value):
            instead(ast.Return(ast.Constant(None)))
        case ast.Expr(value=ast.Call() | ast.Yield()) | ast.Raise() | ast.Continue() | ast.Break():
            instead(ast.Pass())
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            instead(ast.Pass())
        case ast.AugAssign():
            instead(ast.Pass())
        case ast.match_case():
            if len(getattr(place.parent, place.name)) > 1:
                instead()
    if place.name == "test" and isinstance(place.parent, ast.If | ast.IfExp):
        instead(ast.UnaryOp(ast.Not(), node))
    if place.name == "ifs":
        instead()
    if place.name == "guard" and node is not None:
        instead(ast.Constant(True))
    if place.in_table and place.name == "elts" and len(getattr(place.parent, place.name)) > 1:
        instead()
    if isinstance(place.parent, ast.Call) and _short(place.parent.func) == "Field":
        if place.index == 2:
            instead(_other(RULES, node))
        if place.index == 3:
            instead(_other(ORIGINS, node))
    return found


def _other(names: tuple[str, ...], node: ast.AST) -> ast.Name:
    return ast.Name(next(n for n in names if n != ast.unparse(node)), ast.Load())


def _is_no(node: ast.expr | None) -> bool:
    """None or False, which say the same where anybody asks."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


def _is_name(text: str) -> bool:
    """A column, a table, a kind: no sentence for people."""
    return not text or text.isidentifier()


def _short(node: ast.AST) -> str:
    """The code of a node, on one line."""
    if isinstance(node, ast.match_case):
        return f"case {_short(node.pattern)}"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else text[:60] + " … " + text[-27:]
