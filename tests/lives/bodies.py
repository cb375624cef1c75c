"""What clients say: strategies for the bodies of commands, and for their times."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

from hypothesis import strategies as st

FAR = timezone(timedelta(hours=5, minutes=45))
FORMS = ("Z", "+00:00", "+05:45", " ")
TEXTS = st.text("aé✎'\"%\\ \n", max_size=8)
"""A small alphabet: what is special in SQL, JSON and URLs."""
NAMES = st.text("orders é✎'%_", min_size=1, max_size=12)
COUNTS = st.none() | st.integers(0, 5)
LINES = st.lists(TEXTS, max_size=3)


class When(NamedTuple):
    """When something happened: after what was before, before it, in the future, or not said."""

    kind: str
    seconds: int
    micros: int
    form: str

    def written(self, at: datetime) -> str:
        if self.form == "+05:45":
            return at.astimezone(FAR).isoformat()
        text = at.astimezone(UTC).isoformat(sep=" " if self.form == " " else "T")
        return text.replace("+00:00", "Z") if self.form == "Z" else text


KINDS = ("later",) * 7 + ("earlier", "future", "not said")
WHEN = st.builds(
    When,
    st.sampled_from(KINDS),
    st.integers(1, 4000),
    st.sampled_from((0, 0, 7, 123456)),
    st.sampled_from(FORMS),
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(("ticket", "from.host", "pit", "share")),
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS
    | st.floats(allow_nan=False, allow_infinity=False),
    max_size=2,
)  # fmt: skip


def some(required: dict[str, Any], **optional: Any) -> Any:
    """An object with these members, and any of the optional ones."""
    return st.fixed_dictionaries(required, optional=optional)


OUTPUT = {"message": TEXTS, "output": TEXTS}
WARNINGS = {"warnings": LINES, "warnings_count": COUNTS}
CAUSES = ("error", "error", "signal", "not_started", "interrupted")
FAILURE = {
    **OUTPUT,
    **WARNINGS,
    "errors": LINES,
    "cause": st.sampled_from(CAUSES),
    "exit_code": st.none() | st.integers(-1, 255),
    "signal": st.sampled_from(("SIGKILL", "SIGTERM")),
}
COMPLETION = {**OUTPUT, **WARNINGS, "exit_code": st.just(0)}
PROGRESS = {"percent": st.integers(0, 400).map(lambda n: n / 4), "phase": TEXTS}
CHECKED = {"check": TEXTS, "output": TEXTS}
ANY_TIME = st.sampled_from(
    ("1901-01-01T00:00:00Z", "2026-02-20 10:00:00.000001+01:00", "9000-01-01T00:00:00Z")
)
CHANGES = some(
    {},
    name=NAMES,
    status=st.sampled_from(("in_progress", "pending", "partial", "failed", "by hand")),
    trigger_type=st.sampled_from(("manual", "recovery", "by cron")),
    target_database=TEXTS,
    is_overwrite=st.booleans(),
    started_at=st.none() | ANY_TIME,
    completed_at=st.none() | ANY_TIME,
    duration_seconds=st.none() | st.integers(0, 2**31 - 1),
    message=TEXTS,
).filter(bool)
COMMANDS: dict[str, Any] = {
    "start": some({}, command=TEXTS, host=TEXTS, heartbeat_seconds=st.integers(1, 99)),
    "progress": some({}, **PROGRESS),
    "heartbeat": some({}, **PROGRESS, output=TEXTS),
    "complete": some({}, **COMPLETION, outcome=st.sampled_from(("completed", "partial"))),
    "fail": some({}, **FAILURE),
    "cancel": some({}, **OUTPUT, signal=st.just("SIGINT")),
    "validate": some({"result": st.sampled_from(("passed", "failed"))}, **CHECKED),
    "amend": some({"changes": CHANGES, "reason": NAMES}),
}
REQUEST = some(
    {"name": NAMES, "attributes": ATTRIBUTES},
    restore_type=st.sampled_from(("database", "database", "files", "full", "custom")),
    trigger_type=st.sampled_from(("manual", "automatic", "recovery")),
    target_database=TEXTS,
    is_overwrite=st.booleans(),
    message=TEXTS,
)
BACKUP = some(
    {"name": NAMES},
    backup_type=st.sampled_from(("database", "files", "full")),
    status=st.sampled_from(("completed", "running")),
    database_name=TEXTS,
    file_path=TEXTS,
    size_bytes=st.none() | st.integers(0, 2**63 - 1),
    checksum=st.sampled_from(("sha256:" + "0A" * 32, "sha256:" + "f" * 64)),
    format=st.just("postgresql-custom"),
    contents=st.dictionaries(NAMES, st.none() | st.integers(0, 9), max_size=2),
)
OF_BACKUPS: dict[str, Any] = {
    "verify": some({"result": st.sampled_from(("passed", "failed"))}, **CHECKED),
    "expire": some({}, message=TEXTS),
}
OVER = {
    "completed": some({}, **COMPLETION),
    "partial": some({}, **COMPLETION),
    "failed": some({}, **FAILURE),
    "cancelled": some({}, **OUTPUT, signal=st.just("SIGINT")),
}
"""How a restore ended that is over when it is recorded."""
