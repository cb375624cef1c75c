"""A unified diff in bytes, which `git apply` and `patch -p1` take from the tree's folder.

It has no `diff --git` lines: with them, git would take its paths from the top of the repository,
which may be above the tree.
"""

from collections.abc import Iterator
from difflib import diff_bytes, unified_diff

NO_NEWLINE = b"\n\\ No newline at end of file\n"


def file_diff(path: str, old: bytes | None, new: bytes) -> bytes:
    """The difference of one file; `old` is None for a file that is new."""
    before = b"/dev/null" if old is None else _named("a", path)
    lines = diff_bytes(
        unified_diff, _lines(old or b""), _lines(new), before, _named("b", path), lineterm=b"\n"
    )
    return b"".join(_ended(lines))


def can_be_named(path: str) -> bool:
    """Whether a patch can name this file so that every tool understands it."""
    return path.isprintable() and not {'"', "\\"} & set(path)


def _named(side: str, path: str) -> bytes:
    # A tab ends a name that has spaces.
    return f"{side}/{path}{chr(9) if ' ' in path else ''}".encode()


def _lines(data: bytes) -> list[bytes]:
    """The lines as git counts them: only a newline ends one."""
    lines = data.split(b"\n")
    whole = [line + b"\n" for line in lines[:-1]]
    return whole + ([lines[-1]] if lines[-1] else [])


def _ended(lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield line if line.endswith(b"\n") else line + NO_NEWLINE
