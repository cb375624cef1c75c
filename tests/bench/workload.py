"""What to run and how much of it: `workload.toml`, read."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("workload.toml")


@dataclass(frozen=True)
class Workload:
    """Sizes, seeds and targets. The names are those of `workload.toml`."""

    seed: int
    pairs: int
    pairs_in_memory: int
    log: dict[str, Any]
    rebuild: dict[str, int]
    imports: dict[str, int]
    moves: dict[str, int]
    alone: dict[str, int]
    history: dict[str, int]
    targets: dict[str, float]


def load(*, quick: bool = False) -> Workload:
    """The workload; `quick` for its tiny sizes."""
    said: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    tiny = said.pop("quick")
    if quick:
        said |= tiny
    return Workload(imports=said.pop("import"), moves=said.pop("move"), **said)
