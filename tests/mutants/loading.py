"""`pytest -p tests.mutants.loading`: a test run in which one module is a mutant from the start.

`MUTANT` in the environment says which: `projections/mapping/conversions.py:17` is the module and
the number.
"""

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from tests.mutants.changes import mutants

VARIABLE = "MUTANT"


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """The mutant's; Python's cache of compiled modules is neither read nor written."""
        module, number = os.environ[VARIABLE].rsplit(":", 1)
        source = Path(self.path).read_text(encoding="utf-8")
        return mutants(module, source)[int(number)].code(source, self.path)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        found = PathFinder.find_spec(fullname, path)
        assert found is not None
        assert found.origin is not None
        found.loader = _Loader(fullname, found.origin)
        return found

    def __init__(self, name: str) -> None:
        self.name = name


if VARIABLE in os.environ:
    module = os.environ[VARIABLE].rsplit(":", 1)[0]
    sys.meta_path.insert(0, _Finder(module.removesuffix(".py").replace("/", ".")))
