"""Findings of an inspection, and their short text form, a line each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infrastructure.printable import printable

KEPT_IN_EXTRA = " is kept in `extra`"
NO_ZONE = " carries no zone"
UTC = "UTC"
UTC_OR_NOT = (
    "Reading times without a zone as UTC is right if the host has USE_TZ=True; otherwise set "
    "SOURCE_TIME_ZONE before the first import."
)


@dataclass(frozen=True)
class HostFinding:
    """A finding about the host: `kind` is stable, `keys` are its first rows."""

    kind: str
    table: str
    count: int
    message: str
    keys: list[int]


def finding_lines(findings: Sequence[HostFinding], zone: str) -> list[str]:
    """A line each; the same finding about many columns of a table is one line.

    Times without a zone are read as `zone`.
    """
    lines: list[str] = []
    told: set[tuple[str, str]] = set()
    for finding in findings:
        which = (finding.table, finding.kind)
        alike = [other for other in findings if (other.table, other.kind) == which]
        match finding.kind:
            case "further_column" | "time_without_zone" if which in told:
                continue
            case "further_column":
                lines.append(f"{finding.table}: kept in `extra`: {_columns(alike, KEPT_IN_EXTRA)}")
            case "time_without_zone":
                times = ", ".join(f"{_columns([one], NO_ZONE)} ({one.count:,})" for one in alike)
                lines.append(f"{finding.table}: times without a zone, read as {zone}: {times}")
            case _ if finding.keys:
                said = f"{finding.table}: {finding.count:,} × {finding.message}"
                lines.append(f"{said} {_ids(finding)}")
            case _:  # It is about the table.
                lines.append(f"{finding.table}: {finding.message}")
        told.add(which)
    if zone == UTC and any(kind == "time_without_zone" for _, kind in told):
        lines.append(UTC_OR_NOT)
    return [printable(line) for line in lines]


def _columns(findings: Iterable[HostFinding], said: str) -> str:
    return ", ".join(finding.message.removesuffix(said) for finding in findings)


def _ids(finding: HostFinding) -> str:
    """The ids of the first rows."""
    more = "…" if finding.count > len(finding.keys) else ""
    return f"(id {', '.join(map(str, finding.keys))}{more})"
