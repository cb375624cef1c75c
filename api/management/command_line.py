"""What `manage.py` does around every command, Django's own ones included."""

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
"""What a shell says of a program that a closed pipe ended."""


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
            f"Type '{self.prog_name} help COMMAND' for what a command does and its options.",
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
        # Whoever was reading has seen enough (`| head`). What is left in the buffer goes nowhere,
        # or Python complains of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except (RestoreLogError, ImproperlyConfigured, OperationalError) as error:
        return _refused(error)
    except DatabaseError as error:
        if connection.connection is not None:
            raise  # A mistake in somebody's own code, of which the traceback tells more.
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
