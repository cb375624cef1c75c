"""`restorelog COMMAND …`. Exit 0: done. 2: not done, with the reason in one line on stderr."""

from __future__ import annotations

import os
import sys

from ..standard_files import open_closed
from ..transport import ClientError
from . import backup, exporting, reading, record, restoring, run, spooled, statistics, trail
from .parsing import Parser
from .printing import complain

DESCRIPTION = """\
Records restores in the restore log, and shows them.

  restorelog run --name "orders, after the outage" --target orders -- pg_restore -d orders dump

Where the log is and how to get in is said by the environment or by ~/.config/restorelog.ini:
RESTORELOG_URL, and one of RESTORELOG_TOKEN_FILE, RESTORELOG_TOKEN_COMMAND, RESTORELOG_TOKEN.
"""
READER_GONE = 141


def make_parser() -> Parser:
    """The whole command line."""
    parser = Parser(prog="restorelog", description=DESCRIPTION)
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for module in (run, record, reading, trail, statistics, exporting, backup, restoring, spooled):
        module.add_command(commands)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run a command; its exit code."""
    open_closed()
    options = make_parser().parse_args(sys.argv[1:] if argv is None else argv)
    try:
        code = int(options.function(options))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Who read our output has left, as `| head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except (ClientError, OSError) as error:
        complain(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
