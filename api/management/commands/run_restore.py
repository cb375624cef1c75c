"""`run_restore`: run a real restore command, and record it."""

import os
from typing import Any

from django.core.management.base import CommandParser

from api.client.commands.run import add_run_arguments, details_of, run_recorded
from api.client.redaction import Redactor
from api.client.runner import NOT_STARTED
from api.client.transport import ClientError
from api.management.base import Outcome, ServiceCommand
from api.management.local_transport import LocalTransport, local_spool
from domain.events import on_behalf_of

SEND = "manage.py project"
LOOK = "restorelog spool"


class Command(ServiceCommand):
    help = "Run a restore command, and record it. The command's exit code is this one's."
    changes_something = True
    needs_database = False  # a restore runs although the log is away

    def arguments(self, parser: CommandParser) -> None:
        add_run_arguments(parser)

    def run(self, options: dict[str, Any]) -> Outcome:
        redactor = Redactor(os.environ)
        if options["dry_run"]:
            shown = {"command": redactor.command(options["words"]), **details_of(options)}
            return Outcome(redactor.value(shown), f"Dry run. Would run: {shown['command']}")
        spool = local_spool()

        def warn(line: str) -> None:
            self.complain(redactor.text(line))

        actor = options["actor"]
        options["on_behalf_of"] = options["on_behalf_of"] or on_behalf_of(actor)
        try:
            ended = run_recorded(
                options, LocalTransport(actor), spool, redactor, warn, actor=str(actor)
            )
        except ClientError as error:
            warn(str(error))
            return Outcome({}, "", NOT_STARTED)
        if warning := ended.left.warning(spool.folder, SEND, LOOK):
            warn(warning)
        return Outcome(ended.facts(), "", ended.exit_code)
