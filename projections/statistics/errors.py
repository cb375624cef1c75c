"""Errors of statistics."""

from collections.abc import Sequence

from domain.messages import remedy
from projections.errors import ProjectionError


class SumsNotReady(ProjectionError):
    """The sums, or the backups, are not at the same event as the table of restores."""

    code = "statistics_not_ready"

    def __init__(self, what: str, at: int, rows: int) -> None:
        super().__init__(
            f"{what} are at event {at}, and the table of restores at event {rows}. They are "
            "brought up to it by what applies new events; to do it now: ",
            remedy("project"),
        )


class NotOfBackups(ProjectionError):
    """A filter that backups do not have: `facts` names it, as `parameter`."""

    code = "not_of_backups"

    def __init__(self, name: str) -> None:
        self.facts = {"parameter": name}
        super().__init__(
            f"A backup has no {name}. Ask for backups without it, or for restores alone."
        )


class AnswerTooSlow(ProjectionError):
    """The counting took too long: `facts` names what made it slow, and what makes it faster."""

    code = "statistics_too_slow"

    def __init__(self, seconds: float, costly: Sequence[str], bounds: Sequence[str]) -> None:
        self.facts = {"costly": list(costly), "narrowing": list(bounds)}
        advice = ["a shorter interval"]
        if costly:
            advice.append(f"without {' or '.join(costly)}")
        super().__init__(
            f"The restores were not counted within {seconds:g} seconds. Ask for "
            f"{', or '.join(advice)}."
        )


class TooManyDays(ProjectionError):
    code = "too_many_days"

    def __init__(self, days: int, most: int) -> None:
        super().__init__(
            f"These are {days:,} days; an answer by day has at most {most:,}. Ask for a shorter "
            "interval."
        )


class IntervalNotUnderstood(ProjectionError):
    """A part of an interval cannot be read: `facts` names it, as `parameter`."""

    code = "interval_invalid"

    def __init__(self, parameter: str, detail: str) -> None:
        self.facts = {"parameter": parameter}
        super().__init__(detail)
