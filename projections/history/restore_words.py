"""What happened to a restore, in words."""

from domain.events import Event
from domain.restores import events
from domain.values import Columns, Sources, Tagged, chosen_value

SHORT = 200
"""Characters of a text, such as a message, that a sentence repeats."""
TABLES = {"legacy": "the host's legacy table", "consolidated": "the host's consolidated table"}


def restore_in_words(event: Event, name: str) -> str | None:
    """A sentence without a subject, such as `started the restore 'orders'`; None for others."""
    it = called("restore", name)
    match event:
        case events.RestoreRequested():
            into = f" into {event.target_database}" if event.target_database else ""
            over = ", overwriting it" if event.is_overwrite else ""
            late = ", recorded afterwards" if event.recorded_afterwards else ""
            it = called("restore", event.name)
            return f"requested {it} ({event.restore_type}){into}{over}{late}"
        case events.RestoreStarted():
            where = f" on {event.host}" if event.host else ""
            return f"started {it}{where}{saying(event.command)}"
        case events.RestoreProgressed():
            parts = [event.phase] if event.phase else []
            parts += [f"{event.percent:g}%"] if event.percent is not None else []
            return f"saw the progress of {it}{saying(', '.join(parts))}"
        case events.RestoreCompleted():
            how = "" if event.outcome == "completed" else " in part"
            return f"completed {it}{how}{_warned(event.warnings_count)}{saying(event.message)}"
        case events.RestoreFailed():
            warned = _warned(event.warnings_count)
            return f"reported that {it} {_failure(event)}{warned}{saying(event.message)}"
        case events.RestoreCancelled():
            how = f" by {event.signal}" if event.signal else ""
            return f"cancelled {it}{how}{saying(event.message)}"
        case events.RestoreValidated():
            return f"validated {it}: {event.result}{by_check(event.check)}"
        case events.RestoreAmended():
            return f"corrected {', '.join(event.changes)} of {it}"
        case events.RestoreReinterpreted():
            return f"read {_row(event)} in another way; the host did not change it"
        case events.RestoreCopyChangedInHost():
            return f"found the copy of {_row(event)} changed in {TABLES['consolidated']}"
        case events.RestoreImported():
            return f"found {_row(event)} in {TABLES[event.origin]}"
        case events.RestoreChangedInHost():
            return f"found {_row(event)} changed in {TABLES[event.origin]}"
        case events.RestoreReturnedToHost():
            return f"found {_row(event)} again in {TABLES[event.origin]}"
        case events.RestoreVanishedFromHost():
            return f"no longer found {it} in the host"
    return None


def called(kind: str, name: str) -> str:
    """`the restore 'orders'`, or `the restore` if its name is not known."""
    return f"the {kind} {name!r}" if name else f"the {kind}"


def saying(text: str) -> str:
    """A message after a colon: the beginning of its first line; nothing if there is none."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    cut = first if len(first) <= SHORT else f"{first[:SHORT]}…"
    return f": {cut}" if cut else ""


def _failure(event: events.RestoreFailed) -> str:
    match event.cause:
        case "interrupted":
            return "was interrupted, its outcome unknown"
        case "not_started":
            return "did not start"
        case "signal":
            return f"was ended by {event.signal or 'a signal'}"
    code = f" with exit code {event.exit_code}" if event.exit_code else ""
    return f"failed{code}"


def _warned(count: int | None) -> str:
    return f" with {count:,} warning{'' if count == 1 else 's'}" if count else ""


def by_check(check: str) -> str:
    """Which check said so: `, by row counts`."""
    return f", by{saying(check)[1:]}" if saying(check) else ""


def host_name(columns: Columns, sources: Sources) -> str:
    """The name in a host's row, as text."""
    value = chosen_value(columns, sources, "name", "name")
    return value.v if isinstance(value, Tagged) else "" if value is None else str(value)


def _row(event: events.HostRow) -> str:
    return called("restore", host_name(event.columns, event.sources))
