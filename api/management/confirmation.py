"""The confirmation of steps: tells a person what will happen, and asks."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from domain.errors import RestoreLogError
from infrastructure.printable import printable


class NotConfirmed(RestoreLogError):
    code = "not_confirmed"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Nothing was changed.")


def add_yes(parser: CommandParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask; needed without a terminal")


def add_proof(parser: CommandParser) -> None:
    """Add the options for the files of a step's proof and of its rows."""
    parser.add_argument(
        "--certificate",
        type=Path,
        metavar="FILE",
        help="where the signed proof is written (default: var/consolidation); one that the log "
        "names is never replaced",
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="FILE",
        help="write every compared row there, as NDJSON that only its owner can read; an existing "
        "file of rows is replaced",
    )


def with_export(result: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """A step's result as JSON, with the file of its rows; None if no file was requested."""
    return {**result, "export": str(options["export"]) if options["export"] else None}


def confirm(options: dict[str, Any], what: str) -> None:
    """Go on only with `--yes`, or if a person at a terminal confirms."""
    if options["yes"] or options["dry_run"]:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotConfirmed(f"{what} Without a terminal to ask at, this needs --yes.")
    print(printable(what), file=sys.stderr)
    print("Go on? Type yes: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != "yes":
        raise NotConfirmed("It was not confirmed.")
