"""Draws docs/architecture.svg: every package of the service, what it is for, and what it uses.

Names, purposes and imports are read from the code, so the picture is as true as the code is.
"""

import ast
import textwrap
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
LAYERS = {
    "api": "How do people and programs reach it?",
    "projections": "What do they read, and is it right?",
    "infrastructure": "Where is it kept, and where does it come from?",
    "domain": "What can happen, and what is allowed?",
}
"""From the top of the house to the bottom; a layer imports only what is below it."""

PER_ROW, WIDTH, GAP, MARGIN, LINE = 4, 236, 12, 20, 15
LETTERS = 33
"""How many of the small letters fit across a room."""

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .layer { font-size: 16px; font-weight: 600 } .question { fill: #59636e }
  .room { fill: #fff; stroke: #d1d9e0 } .floor { fill: #f6f8fa; stroke: #d1d9e0 }
  .name { font-weight: 600 } .uses { fill: #59636e; font-style: italic }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .question, .uses { fill: #9198a1 }
    .room { fill: #0d1117; stroke: #3d444d } .floor { fill: #151b23; stroke: #3d444d }
  }
"""


class Room(NamedTuple):
    """A package directly below a layer: its name, its purpose, the rooms it imports."""

    name: str
    purpose: str
    uses: list[str]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What is written in it: the class of each line, and the line."""
        used = f"uses {', '.join(self.uses)}" if self.uses else ""
        return [
            ("name", f"{self.name}/"),
            *(("purpose", line) for line in textwrap.wrap(self.purpose, LETTERS)),
            *(("uses", line) for line in textwrap.wrap(used, LETTERS)),
        ]


def rooms(layer: str) -> list[Room]:
    """The packages of a layer, with the packages of the same layer that each imports."""
    folders = sorted(
        path.parent
        for path in (ROOT / layer).glob("*/__init__.py")
        if path.parent.name not in ("migrations", "templatetags")
    )
    names = {folder.name for folder in folders}
    found = []
    for folder in folders:
        doc = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
        used = _imported(folder, layer) & names - {folder.name}
        found.append(Room(folder.name, (doc or "").split("\n\n")[0].replace("`", ""), sorted(used)))
    return found


def _imported(folder: Path, layer: str) -> set[str]:
    """The packages of the layer that modules of this folder import."""
    used = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            used |= {name.split(".")[1] for name in names if name.startswith(f"{layer}.")}
    return used


def picture() -> str:
    """The whole house as SVG, for light and dark."""
    parts: list[str] = []
    width = 2 * MARGIN + PER_ROW * WIDTH + (PER_ROW + 1) * GAP
    y = MARGIN
    for number, (layer, question) in enumerate(LAYERS.items()):
        if number:
            parts.append(_text(width // 2 - 30, y - 4, "question", "imports ↓"))
        floor, inside = y + 8, y + 46
        drawn, bottom = _rows(rooms(layer), inside)
        parts += [
            f'<rect class="floor" x="{MARGIN}" y="{floor}" width="{width - 2 * MARGIN}" '
            f'height="{bottom - floor}" rx="8"/>',
            _text(MARGIN + GAP, floor + 24, "layer", f"{layer}/"),
            _text(MARGIN + GAP + 160, floor + 24, "question", question),
            *drawn,
        ]
        y = bottom + 22
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" role="img" '
        f'aria-label="The packages of the service, by layer">\n<style>{STYLE}</style>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _rows(some: list[Room], y: int) -> tuple[list[str], int]:
    """The rooms of one floor, and where it ends."""
    parts = []
    for start in range(0, len(some), PER_ROW):
        row = some[start : start + PER_ROW]
        height = 16 + LINE * max(len(room.lines) for room in row)
        for column, room in enumerate(row):
            x = MARGIN + GAP + column * (WIDTH + GAP)
            parts.append(
                f'<rect class="room" x="{x}" y="{y}" width="{WIDTH}" height="{height}" rx="6"/>'
            )
            for line, (kind, said) in enumerate(room.lines, 1):
                parts.append(_text(x + 10, y + 6 + LINE * line, kind, said))
        y += height + GAP
    return parts, y


def _text(x: int, y: int, kind: str, said: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(said)}</text>'
