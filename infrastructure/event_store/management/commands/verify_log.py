"""`verify_log`: the hash chain, whole."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import CommandParser

from infrastructure.arguments import OptionsDoNotFit
from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome
from infrastructure.event_store.anchor import Anchor, misfit, read_anchor
from infrastructure.event_store.verify import ChainReport, verify_chain
from infrastructure.printable import printable
from infrastructure.signing import read_public_key, signer


class Command(BaseCommand):
    help = (
        "Recompute the log's hash chain from its first event to its last. Exit 0: it fits; "
        "1: it does not, and the first bad position is named."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            type=Path,
            metavar="FILE",
            help="the log has to have grown from where this anchor says it stood",
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
        with self.progress("Verifying the log") as tick:
            chain = verify_chain(progress=tick)
        wrong = misfit(anchor) if anchor is not None and chain.ok else None
        report = chain
        if wrong is not None:
            report = replace(chain, ok=False, first_bad=wrong.position, problem=wrong.problem)
        result = asdict(report)
        if anchor is not None:
            result["anchor"] = msgspec.to_builtins(anchor)
        text = _of_chain(chain) if wrong is None else _of_anchor(report)
        if anchor is not None and report.ok:
            text += (
                f"\nIt has grown from where {printable(anchor.issued_by)} anchored it at "
                f"{anchor.issued_at}: "
                f"position {anchor.position:,}."
            )
        return Outcome(result, text, 0 if report.ok else 1)


def _of_chain(report: ChainReport) -> str:
    if report.ok:
        return f"The log is whole: {report.events:,} events, chain head {report.head}"
    return (
        f"The log does NOT fit its hash chain at position {report.first_bad}: "
        f"{report.problem}.\nThe {report.events:,} events before it do. Projections "
        "refuse to go on from here; compare with a backup of the log."
    )


def _of_anchor(report: ChainReport) -> str:
    return (
        f"The log fits its hash chain, and yet it is NOT the anchored one, at position "
        f"{report.first_bad}: {report.problem}.\nCompare with a backup of the log."
    )
