"""`run`: run a real restore command, and record it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..configuration import read_configuration
from ..http_transport import HttpTransport
from ..output import WARNING, CommandOutput
from ..recorder import Recorder
from ..redaction import Redactor
from ..runner import NOT_STARTED, RestoreRun, RunEnded, Runner
from ..spool import Spool
from ..transport import Body, ClientError, NotReached, Transport
from .parsing import Parser, a_backup, a_name, a_target, an_attribute
from .printing import complain, print_json
from .registered import TYPES, PreparedCommand, command_for, details_of_backup, find_backup
from .restoring import add_restore_arguments

HELP = "run a real restore command, or restore a registered backup, and record it"
DESCRIPTION = """\
Runs a restore command and records it: that it was requested and started, its progress, how it
ended, its last output. The command is not changed by that: its input, output, terminal, signals
and exit code are its own.

Without a command, the backup that --backup names is restored, as restore-backup does it. The log
knows where it is, its checksum and what is in it. A check follows: whether the target can be opened
and holds that. The type and the target are the backup's, if no others are given.

If the log cannot be reached, a command still runs; only a backup cannot be looked up then. What is
to be recorded waits in a spool and is sent later, in order, once: at the next run, or with `send`.

Secrets in the command, in its environment and in its output are hidden in everything that is
recorded or printed here. The environment itself is not recorded.

Exit codes: the command's own, or 128 and its signal's number; 122 if the command succeeded and the
check failed; 123 if it succeeded and its output could not be written, as on a full disk; 125 if
the command could not be started.

A command can tell how far it is with a line of output such as
  restorelog progress 40% loading the table of orders
"""


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser("run", help=HELP, description=DESCRIPTION)
    parser.error_code = NOT_STARTED
    add_run_arguments(parser)
    parser.add_argument(
        "--json", action="store_true",
        help="print a JSON object at the end; the command's stdout goes to stderr",
    )  # fmt: skip
    parser.set_defaults(function=run_over_rest)


def add_details(parser: argparse.ArgumentParser) -> None:
    """The options that say which restore it is."""
    add = parser.add_argument
    add("--name", type=a_name, required=True, help="what is restored, and what for, in a few words")
    add("--backup", type=a_backup, metavar="ID",
        help="the backup that is restored: its number or its UUID")  # fmt: skip
    add("--type", choices=TYPES, help="default: database")
    add("--trigger", choices=("manual", "automatic", "recovery"), help="default: manual")
    add("--target", "--target-database", dest="target_database", type=a_target, metavar="NAME",
        help="what is restored into; by default the backup's database")  # fmt: skip
    add("--overwrite", action="store_true", help="the restore overwrites what is there")
    add("--attribute", type=an_attribute, action="append", default=[], metavar="NAME=VALUE",
        help="a fact to find it by, such as ticket=OPS-17; may be repeated")  # fmt: skip
    add("--message", help="a remark")
    add("--on-behalf-of", metavar="NAME", help="the person for whom this is done")


def details_of(options: argparse.Namespace | Mapping[str, Any]) -> Body:
    """The members of a request that the options give."""
    given = options if isinstance(options, Mapping) else vars(options)
    found: dict[str, Any] = {
        "name": given["name"],
        "source_backup": given["backup"],
        "restore_type": given["type"],
        "trigger_type": given["trigger"],
        "target_database": given["target_database"],
        "is_overwrite": True if given["overwrite"] else None,
        "attributes": dict(given["attribute"]) or None,
        "message": given["message"],
    }
    return {name: value for name, value in found.items() if value is not None}


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `run`, but for `--json`."""
    add_details(parser)
    add = parser.add_argument
    add("--check", default="", metavar="COMMAND",
        help="a line for the shell that is run after success; its exit code says whether the "
        "restored data is right")  # fmt: skip
    add("--partial-code", type=int, action="append", default=[], metavar="CODE",
        help="an exit code that means that not all was restored, such as 1 of pg_restore; "
        "may be repeated")  # fmt: skip
    add(
        "--progress-from",
        metavar="PATTERN",
        help="a regular expression with groups percent or phase: (?P<percent>\\d+)%%",
    )
    add("--warning", default=WARNING, metavar="PATTERN",
        help="which lines of output count as warnings; default: the word warning")  # fmt: skip
    add("--no-output", action="store_true",
        help="do not look at the output, and record nothing of it")  # fmt: skip
    add("--require-log", action="store_true",
        help="do not start if the log cannot be reached")  # fmt: skip
    restoring = parser.add_argument_group("to restore a registered backup, without a command")
    restoring.add_argument("--file", type=Path, metavar="PATH",
        help="where the backup is here, if not where it was when it was registered")  # fmt: skip
    add_restore_arguments(restoring)
    add("words", nargs="*", metavar="COMMAND",
        help="after --: the command and its arguments; else --backup is restored")  # fmt: skip


def run_over_rest(options: argparse.Namespace) -> int:
    """Run the command, with the service that the configuration names."""
    configuration = read_configuration()
    redactor = Redactor(os.environ)
    transport = HttpTransport(configuration, learn=redactor.learn)

    def warn(line: str) -> None:
        complain(redactor.text(line))

    try:
        ended = run_recorded(vars(options), transport, Spool(configuration.spool), redactor, warn)
    except ClientError as error:
        warn(str(error))
        return NOT_STARTED
    warning = ended.left.warning(configuration.spool)
    if warning:
        warn(warning)
    if options.json:
        print_json(ended.facts())
    return ended.exit_code


def run_recorded(
    options: Mapping[str, Any],
    transport: Transport,
    spool: Spool,
    redactor: Redactor,
    warn: Callable[[str], None],
    *,
    actor: str | None = None,
) -> RunEnded:
    """Run the command of the options. `warn` is called with lines for the person at the terminal.

    Raises `ClientError` if it was not started and nothing was recorded: a pattern or a backup is
    wrong, or the log cannot be reached and is needed.
    """
    backup = find_backup(options, transport)
    details = {**details_of(options), **details_of_backup(options, backup)}
    with command_for(options, backup) as command:
        return _run(command, details, options, transport, spool, redactor, warn, actor)


def _run(
    command: PreparedCommand,
    details: Body,
    options: Mapping[str, Any],
    transport: Transport,
    spool: Spool,
    redactor: Redactor,
    warn: Callable[[str], None],
    actor: str | None,
) -> RunEnded:
    redactor.command(command.words)
    job = RestoreRun(
        command=command.words,
        details=details,
        check=command.check,
        check_name=command.check_name,
        capture=not options["no_output"],
        partial_codes=frozenset(options["partial_code"]),
        stdout_to_stderr=options["json"],
        require_log=options["require_log"],
    )
    output = CommandOutput(redactor, warning=options["warning"], progress=options["progress_from"])
    if job.require_log:
        try:
            transport.probe()
        except ClientError as error:
            raise NotReached(f"Not started, as the log cannot be reached: {error}") from error
    recorder = Recorder(
        transport,
        spool,
        redactor,
        options["name"],
        warn=warn,
        actor=actor,
        on_behalf_of=options["on_behalf_of"],
    )
    ended = Runner(job, recorder, output).run()
    if ended.problem:
        warn(ended.problem)
    return ended
