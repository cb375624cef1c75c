"""What restores and backups must be after each command: the rules, in words of their own.

Nothing of the service is imported. Times are `datetime`s, other values are as in REST.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
Body = dict[str, Any]

RUNNING = {"in_progress", "interrupted"}
ALLOWED = {
    "start": {"pending"},
    "progress": RUNNING,
    "heartbeat": RUNNING,
    "complete": RUNNING,
    "fail": RUNNING,
    "fail, not_started": RUNNING | {"pending"},
    "fail, interrupted": {"pending", "in_progress"},
    "cancel": RUNNING | {"pending"},
    "validate": {"completed", "partial"},
    "amend": {
        *("pending", "in_progress", "completed", "partial", "failed", "cancelled"),
        *("interrupted", "another word"),
    },
}
"""In which states a command is allowed. *Interrupted* is *failed*, and nobody saw how."""

REFUSED = {
    "start": "restore_not_pending",
    "cancel": "restore_finished",
    "validate": "restore_not_completed",
}
"""By command; of the others it is `restore_not_running`."""

STATUS_OF = {"restore_changed": 412}
IMPOSSIBLE = {
    *("time_in_future", "end_before_start", "restore_too_long", "warnings_miscounted"),
    *("start_missing", "reason_missing"),
}
TIME_OF = {
    "start": "started_at",
    "progress": "at",
    "complete": "completed_at",
    "fail": "failed_at",
    "cancel": "cancelled_at",
    "validate": "validated_at",
    "amend": "amended_at",
    "verify": "verified_at",
    "expire": "expired_at",
}
TOPICS = {
    "start": "restore.Started",
    "progress": "restore.Progressed",
    "complete": "restore.Completed",
    "fail": "restore.Failed",
    "cancel": "restore.Cancelled",
    "validate": "restore.Validated",
    "amend": "restore.Amended",
}
WORDS = {"pending", "in_progress", "completed", "partial", "failed", "cancelled"}
DAY = timedelta(days=1)
LONGEST = timedelta(seconds=2**31 - 1)
TIMES = ("started_at", "completed_at", "created_at", "updated_at")


def status_of(code: str) -> int:
    """The status of a refusal."""
    return STATUS_OF.get(code, 422 if code in IMPOSSIBLE else 409)


def shown(row: Row) -> Row:
    """A row of REST, with its times read."""
    return {**row, **{name: read(row[name]) for name in TIMES if name in row}}


def read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def counted(body: Body) -> int | None:
    count: int | None = body.get("warnings_count")
    return (len(body.get("warnings") or ()) or None) if count is None else count


@dataclass
class Sent:
    """A numbered command that was done, and its answer."""

    path: str
    body: Body
    status: int
    answer: Row


@dataclass
class Life:
    """A restore."""

    id: str
    row: Row
    state: str = "pending"
    watched: bool = False
    """Whether it has sent a heartbeat."""
    topics: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    """After each event."""
    sent: list[Sent] = field(default_factory=list)

    @property
    def version(self) -> int:
        return len(self.topics)

    @property
    def legacy_row(self) -> Row | None:
        """What the legacy table shows: no types, no overwriting, nothing partial."""
        if self.row["restore_type"] != "database":
            return None
        row = {name: self.row[name] for name in self.row if name not in ONLY_CONSOLIDATED}
        row["restore_method"] = self.row["trigger_type"]
        row["status"] = "completed" if row["status"] == "partial" else row["status"]
        row["source_backup"] = self.row["source_backup"] if self.row["in_legacy"] else None
        return row

    def refusal(self, command: str, body: Body, at: datetime, now: datetime) -> str | None:
        """Why the command is not possible; None if it is. `at` is when it happened."""
        if self.state not in ALLOWED[named(command, body)]:
            return REFUSED.get(command, "restore_not_running")
        if command == "heartbeat":
            return None
        if command == "amend" and not body["reason"].strip():
            return "reason_missing"
        if at > now + DAY:
            return "time_in_future"
        started = self.row["started_at"]
        if command in ("complete", "fail", "cancel") and started is not None:
            if at < started:
                return "end_before_start"
            if at - started > LONGEST:
                return "restore_too_long"
        if command in ("complete", "fail") and (counted(body) or 0) < len(body.get("warnings", ())):
            return "warnings_miscounted"
        return None

    def after(self, command: str, body: Body, at: datetime, in_legacy: bool = False) -> None:
        """It was done. `in_legacy`: whether the legacy table has the backup that is amended to."""
        match command:
            case "start":
                self.row |= {"status": "in_progress", "started_at": at, "updated_at": at}
                self.state = "in_progress"
            case "complete":
                self.end(body.get("outcome") or "completed", body, at)
            case "fail":
                self.end("failed", body, at)
                if body.get("cause") == "interrupted":
                    self.state = "interrupted"
            case "cancel":
                self.end("cancelled", body, at)
            case "validate":
                self.row |= {"validation": body["result"], "updated_at": at}
            case "amend":
                self.amend(body["changes"], in_legacy)
                self.row["updated_at"] = at
        self.event(TOPICS[command])

    def end(self, status: str, body: Body, at: datetime) -> None:
        started = self.row["started_at"]
        ended = None if status == "cancelled" and started is None else at
        took = None if started is None or ended is None else (ended - started)
        self.state = status
        self.row |= {
            "status": status,
            "completed_at": ended,
            "updated_at": at,
            "message": body.get("message", ""),
            "duration_seconds": None if took is None else took // timedelta(seconds=1),
            "warnings_count": None if status == "cancelled" else counted(body),
        }

    def amend(self, changes: Body, in_legacy: bool) -> None:
        if "source_backup" in changes:
            self.row["in_legacy"] = in_legacy
        for column, value in changes.items():
            self.row[column] = read(value) if column in TIMES else value
        if "status" in changes:
            self.state = changes["status"] if changes["status"] in WORDS else "another word"

    def event(self, topic: str) -> None:
        self.topics.append(topic)
        self.rows.append({**self.row, "version": self.version})


ONLY_CONSOLIDATED = frozenset(
    {"restore_type", "trigger_type", "is_overwrite", "validation", "warnings_count", "in_legacy"}
)


def named(command: str, body: Body) -> str:
    """The command as the rules name it: some failures are allowed in other states."""
    cause = body.get("cause")
    return f"fail, {cause}" if cause in ("not_started", "interrupted") else command


@dataclass
class Kept:
    """A backup."""

    id: str
    row: Row
    version: int = 1
    expired: bool = False
    sent: list[Sent] = field(default_factory=list)

    @property
    def in_legacy(self) -> bool:
        """The legacy table of backups holds databases, not files."""
        return bool(self.row["backup_type"] != "files")

    def refusal(self, at: datetime, now: datetime) -> str | None:
        if self.expired:
            return "backup_expired"
        return "time_in_future" if at > now + DAY else None

    def after(self, command: str, body: Body, at: datetime) -> None:
        self.version += 1
        self.row["updated_at"] = at
        if command == "expire":
            self.row["status"], self.expired = "expired", True
        else:
            self.row["extra"] = {**self.row["extra"], "verification": body["result"]}
