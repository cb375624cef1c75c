"""A backup as it was registered: where it lies, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

Contents = Mapping[str, Optional[int]]
"""What is in a backup, such as tables, with their numbers of rows, or None if not counted."""


@dataclass(frozen=True)
class BackupFile:
    """Empty where nothing was recorded. `size` is in bytes."""

    path: Path
    checksum: str = ""
    size: int | None = None
    format: str = ""
    contents: Contents = field(default_factory=dict)
