"""`send` and `spool`: what is not in the log yet, and what it refused."""

from __future__ import annotations

import argparse

from ..configuration import read_configuration
from ..delivery import deliver_all
from ..http_transport import HttpTransport
from ..spool import REFUSED, Journal, Spool
from ..transport import Body
from .parsing import Parser, a_uuid
from .printing import complain, print_json, print_table

SENDING = """\
Sends what waits in the spool, in order. An event that the log has already is not recorded twice.
A restore whose wrapper ended without telling how it went is recorded as failed: interrupted.
"""
SPOOL = """\
Shows what is not in the log: restores that wait, and those that the log refused, with its reason.
"""


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    sending = commands.add_parser("send", help="send what waits in the spool", description=SENDING)
    sending.add_argument("--list", action="store_true", help="only show what waits")
    sending.add_argument("--json", action="store_true", help="print a JSON object")
    sending.set_defaults(function=_send)
    parser = commands.add_parser("spool", help="show what is not in the log", description=SPOOL)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--again", type=a_uuid, metavar="ID",
        help="send a refused restore again, now that what it was refused for is in order",
    )  # fmt: skip
    what.add_argument("--discard", type=a_uuid, metavar="ID", help="delete a refused restore")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(function=_spool)


def _send(options: argparse.Namespace) -> int:
    configuration = read_configuration()
    spool = Spool(configuration.spool)
    if options.list:
        return _show(spool.look(), [], as_json=options.json)
    sent = deliver_all(spool, HttpTransport(configuration))
    if options.json:
        print_json({"recorded": sent.recorded, "refused": sent.refused})
    else:
        for stream_id in sent.recorded:
            print(f"{stream_id} is recorded.")
    for refusal in sent.refused:
        complain(f"{refusal['stream_id']} was refused: {refusal['detail']}")
    for problem in spool.unreadable:
        complain(problem)
    return 1 if sent.refused or spool.unreadable else 0


def _spool(options: argparse.Namespace) -> int:
    spool = Spool(read_configuration().spool)
    if options.again:
        spool.send_again(options.again)
        complain(f"{options.again} waits again. To send it: restorelog send")
        return 0
    if options.discard:
        spool.discard(options.discard)
        return 0
    return _show(spool.look(), spool.look(REFUSED), as_json=options.json)


def _show(waiting: list[Journal], refused: list[Journal], *, as_json: bool) -> int:
    if as_json:
        facts = {"waiting": list(map(_facts, waiting)), "refused": list(map(_facts, refused))}
        print_json(facts)
        return 0
    rows = [(*_row(one), one.damaged or "waits") for one in waiting]
    rows += [(*_row(one), f"refused: {(one.refusal or {}).get('detail', '')}") for one in refused]
    if rows:
        print_table(("ID", "EVENTS", "NAME", "STATE"), rows)
    return 0


def _row(journal: Journal) -> tuple[object, ...]:
    return journal.stream_id, len(journal.unsent), journal.name


def _facts(journal: Journal) -> Body:
    return {
        "stream_id": journal.stream_id,
        "name": journal.name,
        "events": [event.command for event in journal.unsent],
        "refusal": journal.refusal,
    }
