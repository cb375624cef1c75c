"""`python3 -m api.client.archive FILE`: the client in one file; the same code, the same bytes."""

from __future__ import annotations

import os
import sys
import zipfile
from io import BytesIO
from pathlib import Path

PACKAGE = "restorelog"
LEFT_OUT = frozenset({"archive.py", "__main__.py"})
SHEBANG = b"#!/usr/bin/env python3\n"
MOMENT = (1980, 1, 1, 0, 0, 0)
MAIN = f"""\
import sys
if sys.version_info < (3, 9):
    sys.exit("restorelog needs Python 3.9 or newer; this is %d.%d." % sys.version_info[:2])
from {PACKAGE}.commands.command_line import main
sys.exit(main())
"""


def build(target: Path) -> None:
    """Write the archive. It is not compressed: what that makes depends on the machine."""
    here = Path(__file__).parent
    files = {"__main__.py": MAIN.encode()}
    for path in (*here.rglob("*.py"), *here.rglob("*.sql")):
        name = path.relative_to(here).as_posix()
        if name not in LEFT_OUT:
            files[f"{PACKAGE}/{name}"] = path.read_bytes()
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    partial.write_bytes(SHEBANG + content.getvalue())
    partial.chmod(0o755)
    partial.rename(target)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
