"""How this client runs itself: a restore is a command of its own under the wrapper."""

from __future__ import annotations

import sys
from pathlib import Path


def this_program() -> list[str]:
    """The words before a command: Python, and the one file, or the folder in a checkout."""
    package = Path(__file__).resolve().parents[1]
    archive = package.parent
    return [sys.executable or "python3", str(archive if archive.is_file() else package)]
