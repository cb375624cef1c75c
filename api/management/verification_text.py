"""A verification as a table for a person, with a next step for every cause of differences."""

from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from api.remedies import at_terminal
from infrastructure.printable import printable
from projections.excerpts import one_line_value
from projections.verification.chunks import Speaker
from projections.verification.differences import Cause, Difference
from projections.verification.verify import Verification

SHOWN = 20
"""How many differences are printed for a person; `--all` prints the rest."""

HEADINGS = {
    "expected": "expected",
    "found": "found",
    "missing": "missing",
    "unexpected": "unexpected",
    "differing": "differing",
    "recorded_here": "recorded here",
    "quarantined": "quarantined",
    "host_changed": "host changed",
}
NEXT_STEP: Final[dict[Cause | Speaker, str]] = {
    "projection_wrong": "the table is wrong: manage.py rebuild {table}",
    "host_changed": "the host is not what was imported: manage.py import_host, then verify again",
    "host": "the column cannot hold it: correct it in the host, then manage.py import_host",
    "here": "the column cannot hold the value recorded here: amend the restore again. No command "
    "does this: see docs/how-to/verify.md",
    "retired": "accepted when the migration was retired, and kept in the log: no action is needed",
}
"""By cause; for a quarantined row by the source of the value that does not fit."""


def as_text(found: Verification, shown: int | None = SHOWN) -> RenderableType:
    """The text for a person at a terminal."""
    lines: list[RenderableType] = [_grid(found)]
    if found.chain.ok:
        lines += [
            Text(printable(state.problem.said(at_terminal)))
            for state in found.projections.values()
            if state.problem
        ]
    else:  # Do not suggest a rebuild from such a log.
        lines.append(
            Text(
                f"The log's chain is broken at position {found.chain.first_bad}: "
                f"{found.chain.problem}. Run: manage.py verify_log"
            )
        )
    if found.reading:
        lines.append(Text(found.reading.said(at_terminal)))
    if found.legacy_as_certified is False:
        lines.append(Text("The log's legacy rows are no longer those that were certified last."))
    lines += [Text(f"{assumption}.") for assumption in found.assumptions]
    kept = found.differences.kept[:shown]
    lines += [Text(printable(_line(difference))) for difference in kept]
    if found.differences.total > len(kept):
        more = found.differences.total - len(kept)
        lines.append(Text(f"… and {more:,} more differences: verify --all"))
    lines += [Text(step) for step in dict.fromkeys(map(_next_step, kept))]
    lines += _conflicts(found)
    overruled = sum(len(tally.overruled) for tally in found.tables.values())
    if overruled:
        lines.append(
            Text(
                f"{overruled:,} values amended here are kept although the host changed them since."
            )
        )
    verdict = "Equal" if found.equal else "Not equal"
    lines.append(Text(f"{verdict}, at position {found.position:,} of the log."))
    return Group(*lines)


def _conflicts(found: Verification) -> list[Text]:
    """The moved rows that were changed on both sides, and what to do about them."""
    conflicts = [] if found.moved is None else found.moved.conflicts
    if not conflicts:
        return []
    named = ", ".join(f"{table} {legacy} (copy {copy})" for table, legacy, copy in conflicts[:10])
    return [
        Text(
            "Legacy rows and their copies in the consolidated table were both changed since, in "
            f"different ways: {named}{', …' if len(conflicts) > 10 else ''}. Make both rows say "
            "the same in the host, then: manage.py import_host"
        )
    ]


def _grid(found: Verification) -> Text:
    """The counts, a line for each table; they may be wider than the terminal."""
    rows = [["", *(HEADINGS[name] for name in HEADINGS)]]
    for label, tally in found.tables.items():
        counts = tally.as_json()
        rows.append([label, *(f"{counts[name]:,}" for name in HEADINGS)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = (f"{text:>{width}}" for text, width in zip(rest, widths[1:], strict=True))
        lines.append("  ".join((f"{first:<{widths[0]}}", *cells)))
    return Text("\n".join(lines))


def _cause(d: Difference) -> str:
    """The cause; for a quarantined row also the source of the value that does not fit."""
    return f"{d.cause} ({d.misfit.by})" if d.misfit else d.cause


def _next_step(d: Difference) -> str:
    """The remedy for a cause, the same for all such differences of a table or of all tables."""
    step = NEXT_STEP[d.misfit.by if d.misfit else d.cause].format(table=d.table)
    return f"{_cause(d)}: {step}"


def _line(d: Difference) -> str:
    where = f"{d.table} {d.pk}"
    if d.misfit:
        return f"{where} {d.column}: {one_line_value(d.expected)}: {_cause(d)}"
    if d.column:
        values = f"expected {one_line_value(d.expected)}, found {one_line_value(d.found)}"
        return f"{where} {d.column}: {values}: {d.cause}"
    what = "is missing" if d.found is None else "should not be there"
    return f"{where} {what}: {d.cause}"
