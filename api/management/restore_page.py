"""One restore on one page: what became of it first, where it came from last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from shlex import quote
from typing import Any
from uuid import UUID

import msgspec
from rich.text import Text

from api.management.presentation import who
from api.management.shell_zone import zoned
from api.management.spoken_times import ago, duration_in_words
from infrastructure.printable import printable
from infrastructure.running.models import Heartbeat
from projections.history.restore_facts import RestoreFacts

LAST_LINES = 10
"""Lines of output and list entries that are shown unless everything is asked for."""
FROM = {
    "legacy": "the host's legacy table",
    "consolidated": "the host's consolidated table",
    "recorded": "recorded by this service",
}
UNKNOWN = "-"
SHORT_OF_IT = frozenset({"failed", "partial", "cancelled"})
"""Statuses of restores that did not bring everything back."""


@dataclass(frozen=True)
class RestorePage:
    """What a page shows. `row` is the consolidated row, else the legacy one, else None."""

    restore: UUID
    row: Mapping[str, Any] | None
    ids: Mapping[str, int]
    """The row's id in each table that holds it."""
    backup: str
    facts: RestoreFacts
    heartbeat: Heartbeat | None
    """The last one, of a restore that runs and that a wrapper watches."""
    silent: bool
    """Whether the next one is overdue for so long that its wrapper counts as gone."""
    zone: tzinfo
    now: datetime
    whole: bool

    def text(self) -> Text:
        """The page, with a label to each line."""
        lines = [(label, shown) for label, shown in self._lines() if shown]
        width = max(len(label) for label, _ in lines) + 2
        parts = []
        for label, shown in lines:
            first, *others = shown
            parts.append(f"{label:<{width}}{printable(first)}".rstrip())
            parts += [f"{'':<{width}}{printable(other)}".rstrip() for other in others]
        return Text("\n".join(parts))

    def _lines(self) -> Iterator[tuple[str, Sequence[str]]]:
        row = self.row
        if row is None:
            yield "restore", [str(self.restore)]
            return
        yield "name", [row["name"] or UNKNOWN]
        yield "status", [self._status(row)]
        yield "checked", self._checked(row)
        yield "target", [self._target(row)]
        yield "backup", [self.backup] if self.backup else []
        yield "created", [self._time(row["created_at"])]
        yield "started", [self._time(row["started_at"])]
        yield "ended", [self._time(row["completed_at"])]
        took = row["duration_seconds"]
        yield "took", [UNKNOWN if took is None else duration_in_words(took)]
        yield "who", [self._who(row)]
        reason = self.facts.first.metadata.reason
        yield "why", [reason] if reason else []
        yield "message", _message(row["message"])
        yield from self._from_events()
        yield "kind", [", ".join(filter(None, self._kind(row))) or UNKNOWN]
        yield _extra(row)
        yield "from", [FROM.get(row["origin"], row["origin"])]
        yield "restore", [str(self.restore)]
        yield "id", [self._id()]

    def _id(self) -> str:
        if len(self.ids) > 1 and len(set(self.ids.values())) == 1:
            return f"{next(iter(self.ids.values()))} in both tables"
        return ", ".join(f"{id} in the {table}" for table, id in self.ids.items())

    def _status(self, row: Mapping[str, Any]) -> str:
        status = row["status"] or UNKNOWN
        if status == "in_progress":
            return ", ".join([status, *self._heartbeat()])
        how = self.facts.how_it_ended
        return f"{status} ({how})" if how else status

    def _heartbeat(self) -> Iterator[str]:
        beat = self.heartbeat
        if beat is not None:
            if beat.percent is not None:
                yield f"{beat.percent:g}%"
            if beat.phase:
                yield beat.phase
            yield f"last heartbeat {ago(beat.last_at, self.now)}"

    def _checked(self, row: Mapping[str, Any]) -> list[str]:
        found = self.facts.validated
        if found is not None:
            by = f" by {found.check}" if found.check else ""
            return [f"{found.result}{by}, {self._time(found.validated_at)}, {who(found)}"]
        over = self.facts.requested and row["status"] in ("completed", "partial")
        return ["nobody has checked the restored data"] if over else []

    def _target(self, row: Mapping[str, Any]) -> str:
        over = " (overwritten)" if row.get("is_overwrite") else ""
        return f"{row['target_database'] or UNKNOWN}{over}"

    def _who(self, row: Mapping[str, Any]) -> str:
        if self.facts.requested is not None:
            return who(self.facts.first)
        return row["created_by_username"] or row["created_by_id"] or UNKNOWN

    def _kind(self, row: Mapping[str, Any]) -> list[Any]:
        return [row.get(name) for name in ("restore_type", "trigger_type", "restore_method")]

    def _from_events(self) -> Iterator[tuple[str, Sequence[str]]]:
        facts = self.facts
        if facts.errors:
            yield "errors", self._counted(len(facts.errors), facts.errors)
        count, texts = facts.warnings
        if count:
            yield "warnings", self._counted(count, texts)
        if facts.end is not None and facts.end.output:
            yield "output", self._last_lines(facts.end.output)
        if facts.validated is not None and facts.validated.output:
            yield "check said", self._last_lines(facts.validated.output)
        if facts.started is not None:
            yield "command", [facts.started.command] if facts.started.command else []
            yield "host", [facts.started.host] if facts.started.host else []

    def _counted(self, count: int, texts: Sequence[str]) -> list[str]:
        shown = texts if self.whole else texts[:LAST_LINES]
        more = [f"… and {count - len(shown):,} more"] if count > len(shown) else []
        return [f"{count:,}", *(f"  {_first_line(text)}" for text in shown), *more]

    def _last_lines(self, output: str) -> list[str]:
        lines = output.rstrip("\n").split("\n")
        if self.whole or len(lines) <= LAST_LINES:
            return lines
        return [f"… (the last {LAST_LINES} of {len(lines):,} lines)", *lines[-LAST_LINES:]]

    def _time(self, moment: datetime | None) -> str:
        if moment is None:
            return UNKNOWN
        return f"{zoned(moment, self.zone)} ({ago(moment, self.now)})"

    def next_commands(self, *, cut: bool) -> list[str]:
        """What to run next, each with what it shows."""
        restore, row = self.restore, self.row or {}
        found = [(f"audit {restore}", "every change, in either table")]
        if row.get("status") in ("pending", "in_progress"):
            found = [(f"audit {restore} --follow", "what happens to it next")]
        if row.get("status") == "in_progress" and self.silent:
            found.append(("mark_interrupted", "record it as failed, as its wrapper is gone"))
        if row.get("status") in SHORT_OF_IT and row.get("target_database"):
            target = quote(printable(row["target_database"]))
            found.append((f"restores --target {target}", "other restores into this target"))
        if self._is_to_be_repeated(row):
            name = quote(printable(row["name"]))
            again = f"run_restore --name {name} … -- COMMAND"
            found.append((again, "run it again, and record that"))
        if cut:
            found.append((f"describe {restore} --whole", "the whole texts"))
        return [f"  manage.py {command}   {why}" for command, why in found]

    def _is_to_be_repeated(self, row: Mapping[str, Any]) -> bool:
        """Whether it was recorded here, and did not bring the data back."""
        checked = self.facts.validated
        wrong = checked is not None and checked.result == "failed"
        return self.facts.requested is not None and (row.get("status") in SHORT_OF_IT or wrong)


def _message(text: str | None) -> list[str]:
    """One output line for each line of a message."""
    if not text:
        return [UNKNOWN]
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _extra(row: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The attributes of a restore, or the columns of the host that have none here."""
    label = "attributes" if row["origin"] == "recorded" else "also"
    try:
        found = msgspec.json.decode(row["extra"])
    except msgspec.MsgspecError:
        return label, [row["extra"]]  # A text that was cut is not JSON.
    return label, [f"{name} = {_plain(value)}" for name, value in found.items()]


def _plain(value: Any) -> str:
    if isinstance(value, dict) and value.keys() == {"$", "v"}:
        return str(value["v"])
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
