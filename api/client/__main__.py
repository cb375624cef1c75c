"""`python3 -m api.client`: the client of this checkout, as `restorelog.pyz` has it."""

import sys

from .commands.command_line import main

if __name__ == "__main__":
    sys.exit(main())
