"""Problems of the log other than its chain: its time, its triggers, its remembered heads."""

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings

from domain.administration.values import LostHead
from domain.messages import Message, remedy
from infrastructure.event_store import head_file
from infrastructure.event_store.acceptances import acceptances
from infrastructure.event_store.errors import HeadFileUnusable, HeadFileUnwritable, LogLostEvents
from infrastructure.event_store.log import Log, as_datetime
from infrastructure.event_store.remembered_heads import forgotten, how


class LogFinding(NamedTuple):
    """One problem. `code` is stable; `position` is None if the problem has none."""

    code: str
    problem: Message
    position: int | None = None


class LogTime(NamedTuple):
    """The time of the log's last event by the database server's clock, in seconds.

    `age` is how long ago it was, `ahead` how far in the future it is; one of them is 0.
    """

    recorded_at: str | None
    age: float
    ahead: float


def log_time(log: Log) -> LogTime:
    """The time of the log's last event; None and 0 if the log is empty."""
    head = log.head()
    if head.position == 0:
        return LogTime(None, 0.0, 0.0)
    seconds = (log.clock() - head.recorded_at) / 1_000_000
    return LogTime(as_datetime(head.recorded_at).isoformat(), max(seconds, 0.0), max(-seconds, 0.0))


def clock_findings(log: Log) -> list[LogFinding]:
    """A finding if the log's time is further ahead than is allowed, and this was not accepted."""
    head, limit = log.head(), settings.LOG_MAX_AHEAD_SECONDS
    if head.position == 0:
        return []
    ahead = (head.recorded_at - log.clock()) / 1_000_000
    if ahead <= limit:
        return []
    accepted = acceptances(log).clock_until
    reached = as_datetime(head.recorded_at)
    if accepted is not None and reached <= accepted:
        return []
    problem = Message(
        f"the log's time, {reached.isoformat()}, is {ahead:,.0f} s ahead of the database server's "
        f"clock, and LOG_MAX_AHEAD_SECONDS allows {limit:g}. Correct the clock; or, to continue "
        "from the log's time: ",
        remedy("accept_clock", reason="TEXT"),
    )
    return [LogFinding("clock_ahead", problem, head.position)]


def guard_findings(log: Log) -> list[LogFinding]:
    """Problems of the triggers that keep the log append-only, and of its head."""
    problems = log.dialect.guard_problems(log.connection)
    with log.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM event_store_head")
        (heads,) = cursor.fetchone()
    if heads > 1:
        problems.append(f"event_store_head has {heads} rows, and a log has one head")
    return [LogFinding("not_append_only", Message(problem)) for problem in problems]


def remembered_findings(log: Log, missing: Iterable[LostHead] = ()) -> list[LogFinding]:
    """Remembered heads that are not in the log, and a head file that cannot be used.

    `missing` are the checkpoints that are not in the log.
    """
    findings = []
    try:
        head_file.refuse_lost_end(log)
        head_file.refuse_unwritable_head_file()
    except LogLostEvents as error:
        findings.append(LogFinding(error.code, error.message, error.position))
    except (HeadFileUnusable, HeadFileUnwritable) as error:
        findings.append(LogFinding(error.code, error.message))
    for head in forgotten(log, missing):
        findings.append(LogFinding("checkpoint_not_in_log", Message(how(head, log)), head.position))
    return findings
