"""The mutants of a small module: what they are, and that each does something else."""

from tests.mutants.changes import mutants

SOURCE = '''
"""A module."""
from typing import Literal
KINDS = ("a", "b c")
Kind = Literal["a", "b c"]

def grade(n: int, limit: int = 3) -> str:
    """How large."""
    if n <= limit and not n == 0:
        return "small"
    match n:
        case 5: return "five"
        case _: pass
    return "much more than that"
'''


def test_one_thing_changes_in_each():
    assert [mutant.name.removeprefix("grade.py ") for mutant in mutants("grade.py", SOURCE)] == [
        "(module): 'a' → 'ax'",
        "(module): 'a' → (nothing)",
        "(module): 'b c' → (nothing)",
        "(module): 3 → 4",
        "grade: n <= limit and (not n == 0) → n <= limit or not n == 0",
        "grade: n <= limit and (not n == 0) → not (n <= limit and (not n == 0))",
        "grade: n <= limit → n < limit",
        "grade: n <= limit → n > limit",
        "grade: not n == 0 → n == 0",
        "grade: n == 0 → n != 0",
        "grade: 0 → 1",
        "grade: return 'small' → return None",
        "grade: 'small' → 'smallx'",
        "grade: case 5 → (nothing)",
        "grade: 5 → 6",
        "grade: return 'five' → return None",
        "grade: 'five' → 'fivex'",
        "grade: case _ → (nothing)",
        "grade: return 'much more than that' → return None",
    ]


def test_each_mutant_runs_and_differs_somewhere():
    def behaviour(code) -> list[object]:
        module: dict[str, object] = {}
        exec(code, module)
        grade = module["grade"]
        assert callable(grade)
        return [module["KINDS"], *(grade(n) for n in range(-1, 8))]

    original = behaviour(compile(SOURCE, "grade.py", "exec"))
    same = [
        m.change for m in mutants("grade.py", SOURCE) if behaviour(m.code(SOURCE, "f")) == original
    ]
    assert same == ["case _ → (nothing)"]


def test_a_function_keeps_its_lines():
    whole = compile(SOURCE, "grade.py", "exec")
    lines = {c.co_firstlineno for c in whole.co_consts if hasattr(c, "co_firstlineno")}
    for mutant in mutants("grade.py", SOURCE):
        code = mutant.code(SOURCE, "grade.py")
        assert {c.co_firstlineno for c in code.co_consts if hasattr(c, "co_firstlineno")} == lines
        assert mutant.lines in (range(0), range(7, 15))
