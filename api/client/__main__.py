"""`python3 -m api.client`: the client of this checkout, as `restorelog.pyz` has it.

`python3 PATH/api/client` is the same from any folder. That is how the client runs itself.
"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    if __package__:
        from .commands.command_line import main

        sys.exit(main())
    # Run as a folder: its modules are found by their names in the package.
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    runpy.run_module("api.client", run_name="__main__", alter_sys=True)
