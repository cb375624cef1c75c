"""`verify_log`: check the whole hash chain, and all else that the log can be compared with."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import CommandParser

from api.management.arguments import OptionsDoNotFit
from api.management.base import Outcome, ServiceCommand
from api.remedies import at_terminal
from infrastructure.documents.keys import read_public_key, signer
from infrastructure.event_store.anchor import Anchor, anchor_mismatch, read_anchor
from infrastructure.event_store.findings import LogTime
from infrastructure.event_store.log import Log
from infrastructure.event_store.verify_log import ChainReport
from infrastructure.printable import printable
from projections.services.log_verification import verify_whole_log


class Command(ServiceCommand):
    help = (
        "Recompute the log's hash chain from its first event to its last, and check the heads "
        "that its events name, its triggers and its time. Exit 0: no problem was found; 1: a "
        "problem was found, and the first bad position is named."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            type=Path,
            metavar="FILE",
            help="check that the log has grown from the position and hash in this anchor",
        )
        parser.add_argument(
            "--public-key",
            type=Path,
            metavar="FILE",
            help="the key that signed the anchor (default: the one in SIGNING_KEY_FILE)",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        anchor: Anchor | None = None
        if options["public_key"] and not options["anchor"]:
            raise OptionsDoNotFit("--public-key checks an anchor: give --anchor FILE as well.")
        if options["anchor"]:
            given = options["public_key"]
            key = read_public_key(given) if given else signer().public
            anchor = read_anchor(options["anchor"], key)
        log = Log()
        with self.progress("Verifying the log") as tick:
            found = verify_whole_log(log, progress=tick)
        chain, findings, time = found.chain, found.findings, found.time
        wrong = anchor_mismatch(anchor, log) if anchor is not None and chain.ok else None
        report = chain
        if wrong is not None:
            report = replace(chain, ok=False, first_bad=wrong.position, problem=wrong.problem)
        result = {key: value for key, value in asdict(report).items() if key != "contradiction"} | {
            "ok": report.ok and not findings,
            "findings": [finding._asdict() for finding in findings],
            "recorded_at": time.recorded_at,
            "age_seconds": round(time.age, 3),
            "ahead_seconds": round(time.ahead, 3),
        }
        if anchor is not None:
            result["anchor"] = msgspec.to_builtins(anchor)
        lines = [_of_chain(chain) if wrong is None else _of_anchor(report)]
        if anchor is not None and report.ok:
            lines.append(
                f"It has grown from where {printable(anchor.issued_by)} anchored it at "
                f"{anchor.issued_at}: "
                f"position {anchor.position:,}."
            )
        if time.recorded_at is not None:
            lines.append(_of_time(time))
        lines += [
            f"Found ({finding.code}): {printable(finding.problem.said(at_terminal).rstrip('.'))}."
            for finding in findings
        ]
        return Outcome(result, "\n".join(lines), 0 if result["ok"] else 1)


def _of_time(time: LogTime) -> str:
    when = f"{time.age:,.0f} s ago" if not time.ahead else f"{time.ahead:,.0f} s in the future"
    return f"Its last event was recorded at {time.recorded_at}, {when} by the database's clock."


def _of_chain(report: ChainReport) -> str:
    if report.ok:
        return f"The log is whole: {report.events:,} events, chain head {report.head}"
    if report.contradiction:
        return (
            f"The chain is consistent, but the log contradicts itself at position "
            f"{report.first_bad}: {report.problem}.\nCompare with a backup of the log."
        )
    return (
        f"The log's hash chain is broken at position {report.first_bad}: "
        f"{report.problem}.\nThe {report.events:,} events before it are intact. Projections "
        "stop here. Compare with a backup of the log."
    )


def _of_anchor(report: ChainReport) -> str:
    return (
        f"The chain is consistent, but this is not the log that was anchored: at position "
        f"{report.first_bad} {report.problem}.\nCompare with a backup of the log."
    )
