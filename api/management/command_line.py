"""The wrapper of `manage.py` around every command, including Django's own."""

import os
import re
import sys
import textwrap
from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility, get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.db import DatabaseError, OperationalError, connection

from api.management.reasons import reason
from domain.errors import RestoreLogError

COULD_NOT = 2
READER_GONE = 141
"""The exit code that a shell reports for a program ended by a closed pipe."""


class CommandLine(ManagementUtility):
    """Django's, with the service's commands first, and with the service's exit codes."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        try:
            command: BaseCommand = super().fetch_command(subcommand)
        except SystemExit as unknown:
            # Django's 1 would mean that a difference was found.
            raise SystemExit(COULD_NOT) from unknown
        return command

    def main_help_text(self, commands_only: bool = False) -> str:
        if commands_only or self.settings_exception is not None:
            return str(super().main_help_text(commands_only))
        ours = dict(_ours())
        others = ", ".join(sorted(get_commands().keys() - ours.keys()))
        return "\n".join([
            f"Type '{self.prog_name} help COMMAND' for a command's description and options.",
            "",
            *(f"    {name:<16}{about}" for name, about in ours.items()),
            "",
            "Django's, of which the service needs migrate and collectstatic:",
            "",
            *textwrap.wrap(others, 76, initial_indent="    ", subsequent_indent="    "),
        ])  # fmt: skip


def run(argv: list[str]) -> int:
    """Run a command; its exit code, or `SystemExit` with it."""
    try:
        try:
            CommandLine(argv).execute()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader of the pipe has stopped (`| head`). The rest of the buffer is discarded, or
        # Python would report an error when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except (RestoreLogError, ImproperlyConfigured, OperationalError) as error:
        return _refused(error)
    except DatabaseError as error:
        if connection.connection is not None:
            raise  # A bug; its traceback is needed.
        return _refused(error)
    return 0


def _refused(error: Exception) -> int:
    print(reason(error), file=sys.stderr)
    return COULD_NOT


def _ours() -> Iterator[tuple[str, str]]:
    """The service's commands, each with the first sentence of its help."""
    from api.management.base import ServiceCommand

    for name, app in sorted(get_commands().items()):
        if app == "api":
            command = load_command_class(app, name)
            if isinstance(command, ServiceCommand):
                yield name, re.split(r"(?<=\.) ", command.help)[0]
