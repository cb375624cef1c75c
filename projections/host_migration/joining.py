"""The text that migrations share, put together from the modules of `template`."""

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
LINE: Final = "# --- The text from here on is the same in every migration. ---\n"
COMMON: Final = ("database", "counters", "refusals", "moving", "schema")
ONE, BATCHES = "in_one_transaction", "in_batches"
OWN: Final = __package__ or ""


def shared_text(*, batches: bool) -> tuple[str, str]:
    """The lines of imports, and all that stands below the constants."""
    return joined(HERE / "template", (*COMMON, BATCHES if batches else ONE))


def joined(folder: Path, names: Sequence[str]) -> tuple[str, str]:
    """The same of these modules, in this order."""
    texts = [(folder / f"{name}.py").read_text(encoding="utf-8") for name in names]
    bodies = [text.partition(LINE)[2].strip("\n") for text in texts]
    return _imports(texts), LINE + "\n" + "\n\n\n".join(bodies) + "\n"


def _imports(texts: Sequence[str]) -> str:
    """What these modules import of others, each name once: Python's own first, then Django's."""
    plain, named = set[str](), dict[str, set[str]]()
    for node in (node for text in texts for node in ast.parse(text).body):
        if isinstance(node, ast.Import):
            plain.update(f"import {alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(OWN):
            named.setdefault(node.module or "", set()).update(alias.name for alias in node.names)
    future = named.pop("__future__")
    lines = {
        module: f"from {module} import {', '.join(sorted(names, key=_kind))}"
        for module, names in sorted(named.items())
    }
    django = [line for module, line in lines.items() if module.startswith("django")]
    python = [line for module, line in lines.items() if not module.startswith("django")]
    return "\n".join(
        [
            f"from __future__ import {', '.join(future)}",
            "",
            *(*sorted(plain), *python),
            "",
            *django,
        ]
    )


def _kind(name: str) -> tuple[bool, bool, str]:
    """Constants first, then classes, then functions, as import lines are sorted."""
    return not name.isupper(), not name[:1].isupper(), name
