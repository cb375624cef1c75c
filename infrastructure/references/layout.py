"""Which file of the tree a module's name means, as Python would find it.

Where the product's folder of modules is in the tree is not known: it may be the tree itself, `src`,
or a folder beside others. So an absolute name is looked up from every folder that can be on the
module path, those above the importing file first.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import libcst as cst

from infrastructure.references.nodes import dotted_name

INIT = "__init__.py"


class TreeLayout:
    """The modules of a tree. A place is the path of a module's file, or of a package's folder."""

    def __init__(self, root: Path, python: list[str]) -> None:
        self._outside = Path(root).resolve().parts
        self._files = frozenset(python)
        self._folders = frozenset(
            str(above) for path in python for above in PurePosixPath(path).parents
        )
        self._starts = sorted(self._found_starts(python), key=lambda one: (one.count("/"), one))

    def module(self, dotted: str, importer: str) -> str | None:
        """The place of an absolute name that this file imports; None if it is not in the tree."""
        parts = dotted.split(".")
        for start in self._starts_for(importer):
            if place := self._at(_joined(start, *parts)):
                return place
        # The tree may be a package itself, or lie in one: its own name then begins the module's.
        for count in range(1, min(len(parts), len(self._outside)) + 1):
            if list(self._outside[-count:]) == parts[:count]:
                return self._at(_joined(*parts[count:]))
        return None

    def imported(self, statement: cst.ImportFrom, importer: str) -> str | None:
        """The place of the module that a `from … import` names."""
        dotted = dotted_name(statement.module)
        if not statement.relative:
            return self.module(dotted, importer)
        folder = PurePosixPath(importer).parent
        for _ in statement.relative[1:]:
            folder = folder.parent
        return self._at(_joined(str(folder), *filter(None, dotted.split("."))))

    def submodule(self, place: str, name: str) -> str | None:
        """The place of a module of this package."""
        return self._at(_joined(folder_of(place), name))

    def package_of(self, path: str) -> str:
        """The folder of the Django app that this file belongs to; its own folder if none does."""
        for folder in map(str, PurePosixPath(path).parents):
            if {_joined(folder, name) for name in ("apps.py", "models.py", f"models/{INIT}")} & (
                self._files
            ):
                return folder
        return str(PurePosixPath(path).parent)

    def dotted(self, package: str, known: str) -> str:
        """The dotted name of a package's folder.

        `known` is text in which such names stand, such as the settings: without an `__init__.py`
        the folders above could be packages or not, and only `INSTALLED_APPS` says it.
        """
        parts = [part for part in package.split("/") if part != "."]
        for start in range(len(parts)):
            name = ".".join(parts[start:])
            if f'"{name}"' in known or f"'{name}'" in known or f"{name}.apps." in known:
                return name
        start = len(parts) - 1
        while start > 0 and _joined(*parts[:start], INIT) in self._files:
            start -= 1
        return ".".join(parts[start:])

    def _at(self, path: str) -> str | None:
        for file in (_joined(path, INIT), f"{path}.py", f"{path}.pyi"):
            if file in self._files:
                return file
        return path if path in self._folders else None

    def _found_starts(self, python: list[str]) -> Iterator[str]:
        yield "."
        for folder in self._folders:
            if _joined(folder, INIT) not in self._files:
                yield folder

    def _starts_for(self, importer: str) -> Iterator[str]:
        above = [str(folder) for folder in PurePosixPath(importer).parents][1:]
        yield from (folder for folder in [str(PurePosixPath(importer).parent), *above]
                    if folder in self._starts)  # fmt: skip
        yield from (folder for folder in self._starts if folder not in above)


def folder_of(place: str) -> str:
    """The folder of a package; that of a plain module, which has no modules, is its own path."""
    return place.removesuffix(f"/{INIT}") if place != INIT else "."


def is_inside(place: str, package: str) -> bool:
    """Whether a place is in this package's folder, or is it."""
    return package == "." or place == package or place.startswith(f"{package}/")


def _joined(*parts: str) -> str:
    return str(PurePosixPath(*parts))
