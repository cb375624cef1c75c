"""`record`: record a restore that is already over."""

from __future__ import annotations

import argparse
import os

from ..configuration import read_configuration
from ..http_transport import HttpTransport
from ..recorder import Recorder
from ..redaction import Redactor
from ..spool import Spool
from .parsing import Parser, a_time
from .printing import complain, print_json
from .run import add_details, details_of

DESCRIPTION = """\
Records a restore that is already over, for example one that was done by hand. The log shows that
it was recorded afterwards, and when.
"""


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "record", help="record a restore that is already over", description=DESCRIPTION
    )
    add_details(parser)
    add = parser.add_argument
    add("--status", required=True, choices=("completed", "partial", "failed", "cancelled"))
    add("--started", type=a_time, required=True, metavar="TIME",
        help="2026-01-31T14:30, today, 3h (ago); without a zone it is local time")  # fmt: skip
    add("--ended", type=a_time, metavar="TIME", help="default: now")
    add("--exit-code", type=int, metavar="CODE")
    add("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(function=_record)


def _record(options: argparse.Namespace) -> int:
    if options.status == "cancelled" and options.exit_code is not None:
        complain("a restore that was cancelled has no exit code")
        return 2
    configuration = read_configuration()
    redactor = Redactor(os.environ)
    transport = HttpTransport(configuration, learn=redactor.learn)
    spool = Spool(configuration.spool)
    recorder = Recorder(
        transport, spool, redactor, options.name, warn=complain, on_behalf_of=options.on_behalf_of
    )
    recorder.record(
        "request",
        **details_of(options),
        status=options.status,
        requested_at=options.started,
        started_at=options.started,
        completed_at=options.ended or recorder.clock.stamp(),
        exit_code=options.exit_code,
    )
    left = recorder.close()
    warning = left.warning(spool.folder)
    if warning:
        complain(warning)
    if options.json:
        print_json({"restore_id": recorder.restore_id, "recorded": not left.events})
    elif not left.events:
        print(recorder.restore_id)
    return 2 if left.refused or not left.kept else 0
