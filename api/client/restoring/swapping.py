"""Changes the names of files and directories so that there is always one under the target's name.

Linux can exchange two names at once. Where the file system cannot, the two renames are one after
the other, and `undo_swap` undoes the first if the second was never reached.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from .naming import BEFORE, RESTORING

AT_FDCWD = -100
RENAME_NOREPLACE, RENAME_EXCHANGE = 1, 2

try:
    _renameat2 = ctypes.CDLL(None, use_errno=True).renameat2 if sys.platform == "linux" else None
except (OSError, AttributeError):
    _renameat2 = None


def swap(work: Path, target: Path, before: Path) -> None:
    """`work` gets the target's name, and what had it is `before` from then on."""
    if os.path.lexists(before):
        raise FileExistsError(17, "There is something already", str(before))
    # First its last name, so that no third step is left once the two have changed places.
    os.rename(work, before)
    if _rename(before, target, RENAME_EXCHANGE):
        return
    os.rename(before, work)
    os.rename(target, before)
    try:
        os.rename(work, target)
    except OSError:
        os.rename(before, target)
        raise


def take_name(work: Path, target: Path) -> None:
    """`work` gets the target's name, which nothing has. Raises `FileExistsError`."""
    if _rename(work, target, RENAME_NOREPLACE):
        return
    if work.is_dir():
        os.mkdir(target)  # only one process can
    else:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
    os.rename(work, target)


def undo_swap(target: Path) -> str:
    """Undo a swap that was cut short between its two renames; what was done, or nothing."""
    if os.path.lexists(target) or not target.parent.is_dir():
        return ""
    begin = f"{target.name}_{BEFORE}_"
    for before in sorted(target.parent.glob(f"{_escaped(begin)}*"), reverse=True):
        stamp = before.name[len(begin) :]
        if os.path.lexists(target.with_name(f"{target.name}_{RESTORING}_{stamp}")):
            os.rename(before, target)
            return (
                f"{target} was missing, because an earlier restore was killed while it swapped "
                f"names. What was there before is back, from {before}"
            )
    return ""


def _rename(one: Path, other: Path, how: int) -> bool:
    """Whether the system could do it in this way, and did."""
    if _renameat2 is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(_renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], ctypes.c_uint(how)) == 0)


def _escaped(name: str) -> str:
    return "".join(f"[{one}]" if one in "*?[" else one for one in name)
