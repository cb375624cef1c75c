"""`run_restore`: run a real restore command, and record it."""

import os
from typing import Any

from django.core.management.base import CommandParser

from api.client.commands.registered import command_for, details_of_backup, find_backup
from api.client.commands.run import add_run_arguments, details_of, run_recorded
from api.client.redaction import Redactor
from api.client.runner import NOT_STARTED
from api.client.transport import ClientError, Transport
from api.management.base import Outcome, ServiceCommand
from api.management.local_transport import LocalTransport, local_spool
from domain.events import on_behalf_of

SEND = "manage.py project"
LOOK = "restorelog spool"


class Command(ServiceCommand):
    help = (
        "Run a restore command, or restore a registered backup, and record it. The command's exit "
        "code is this one's."
    )
    changes_something = True
    needs_database = False  # a restore runs although the log is away

    def arguments(self, parser: CommandParser) -> None:
        add_run_arguments(parser)

    def run(self, options: dict[str, Any]) -> Outcome:
        redactor = Redactor(os.environ)
        spool = local_spool()

        def warn(line: str) -> None:
            self.complain(redactor.text(line))

        actor = options["actor"]
        transport = LocalTransport(actor)
        options["on_behalf_of"] = options["on_behalf_of"] or on_behalf_of(actor)
        try:
            if options["dry_run"]:
                return _dry_run(options, transport, redactor)
            ended = run_recorded(options, transport, spool, redactor, warn, actor=str(actor))
        except ClientError as error:
            warn(str(error))
            return Outcome({}, "", NOT_STARTED)
        if warning := ended.left.warning(spool.folder, SEND, LOOK):
            warn(warning)
        return Outcome(ended.facts(), "", ended.exit_code)


def _dry_run(options: dict[str, Any], transport: Transport, redactor: Redactor) -> Outcome:
    backup = find_backup(options, transport)
    details = {**details_of(options), **details_of_backup(options, backup)}
    with command_for(options, backup) as command:
        shown = {"command": redactor.command(command.words), **details}
        if command.check:
            shown["check"] = redactor.text(command.check_name)
    afterwards = f"\nAfterwards, to check it: {shown['check']}" if command.check else ""
    return Outcome(redactor.value(shown), f"Dry run. Would run: {shown['command']}{afterwards}")
