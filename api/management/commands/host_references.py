"""`host_references`: what a product's source still does with the legacy model, and a patch."""

from argparse import ArgumentTypeError
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from api.management.base import Outcome, ServiceCommand, counted
from infrastructure.documents.signed import write_whole
from infrastructure.output_files import Output, begins_with, refuse_overwriting
from infrastructure.printable import printable
from infrastructure.references.patching.patch import SourcePatch, source_patch
from infrastructure.references.report import LegacyReference, ReferenceAction, ReferenceReport
from infrastructure.references.search import search


class Command(ServiceCommand):
    help = (
        "List every place in a product's source that still uses the legacy model. Reads the "
        "source, and neither imports nor runs it. Exit 0: the list is complete; 1: it is not, "
        "since a file could not be read."
    )
    needs_database = False

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--source",
            type=_folder,
            required=True,
            metavar="TREE",
            help="the folder with the product's source",
        )
        parser.add_argument(
            "--patch",
            type=Path,
            metavar="FILE",
            help="also write what can be changed safely, as a patch for git apply; an existing "
            "patch is replaced",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        tree: Path = options["source"]
        out: Path | None = options["patch"]
        if out is not None:
            refuse_overwriting([Output("patch", out, "patch", begins_with(b"--- "))])
        with self.progress("Reading") as tick:
            finished = search(tree, tick)
        report, patch = finished.report, source_patch(finished)
        if out is not None:
            write_whole(out, patch.data)
        return Outcome(
            _result(report, patch, out), _text(report, patch, out), 0 if report.is_complete else 1
        )


def _folder(text: str) -> Path:
    if not text:
        raise ArgumentTypeError("a folder is needed")
    return Path(text).absolute()


def _result(report: ReferenceReport, patch: SourcePatch, out: Path | None) -> dict[str, Any]:
    return {
        "references": [one.as_dict() for one in report.references],
        "counts": {action.value: report.count(action) for action in ReferenceAction},
        "models": report.models,
        "changes": [{"file": file, "what": what} for file, what in patch.also.items()],
        "patch": {"file": str(out), "files": patch.files} if out is not None else None,
        "files": report.files,
        "complete": report.is_complete,
        "unread": [{"file": file, "reason": why} for file, why in report.unread.items()],
        "left_out": [{"file": file, "reason": why} for file, why in report.left_out.items()],
    }


def _text(report: ReferenceReport, patch: SourcePatch, out: Path | None) -> str:
    now = [one for one in report.references if one.action is not ReferenceAction.HISTORY]
    then = [one for one in report.references if one.action is ReferenceAction.HISTORY]
    lines = [*_grouped(now, patched=out is not None)]
    if then:
        lines += ["", "In migrations, which are history and stay as they are:"]
        lines += [f"  {_at(one)}" for one in then]
    if patch.also:
        lines += ["", "The patch also changes:" if out is not None else "A patch also changes:"]
        lines += [f"  {printable(file)}: {what}" for file, what in patch.also.items()]
    if report.left_out:
        lines += ["", "Left out:"]
        lines += [f"  {printable(file)}: {why}" for file, why in report.left_out.items()]
    if report.unread:
        lines += ["", "Not read, so the list is not complete:"]
        lines += [f"  {printable(file)}: {printable(why)}" for file, why in report.unread.items()]
    return "\n".join([*lines, "", *_summary(report, patch, out)]).lstrip("\n")


def _grouped(references: list[LegacyReference], *, patched: bool) -> list[str]:
    lines: list[str] = []
    for file, group in groupby(references, key=lambda one: one.file):
        lines += ["", printable(file)] if lines else [printable(file)]
        for one in group:
            lines.append(
                f"  {one.line}: {printable(one.symbol)}  ({one.kind}) {_said(one, patched)}"
            )
    return lines


def _said(one: LegacyReference, patched: bool) -> str:
    match one.action:
        case ReferenceAction.PATCH:
            done = "patched" if patched else "can be patched"
            return f"{done}; {one.advice}" if one.advice else done
        case ReferenceAction.BY_HAND:
            return f"by hand: {printable(one.advice)}"
    return f"stays: {one.advice}"


def _at(one: LegacyReference) -> str:
    return f"{printable(one.file)}:{one.line}: {printable(one.symbol)}  ({one.kind})"


def _summary(report: ReferenceReport, patch: SourcePatch, out: Path | None) -> list[str]:
    if not report.references:
        return [f"Nothing uses the legacy model in {counted(report.files, 'file')}."]
    patched, by_hand = report.count(ReferenceAction.PATCH), report.count(ReferenceAction.BY_HAND)
    others = len(report.references) - patched - by_hand
    done = "patched" if out is not None else "that a patch can change"
    lines = [
        f"{counted(report.files, 'file')}: {counted(len(report.references), 'reference')}, "
        f"{patched:,} {done}, {by_hand:,} to be changed by hand, {others:,} that stay."
    ]
    if not report.models:
        lines.append("The legacy model itself is not in this tree: name the whole product's.")
    if out is not None and patch.data:
        lines.append(f"Apply it from the tree's folder: git apply {printable(str(out))}")
    elif out is None and patch.files:
        lines.append("To write the patch: add --patch FILE")
    return lines
