"""Compiled modules are kept beside their source, as Python does unless it is told otherwise.

The tests start thousands of programs; where PYTHONDONTWRITEBYTECODE is set, each would compile
the service anew, which takes longer than most commands do.
"""

import os
import sys


def keep_bytecode() -> None:
    """Have this process and those it starts write what they compile."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
