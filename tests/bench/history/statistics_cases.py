"""What statistics are asked: of a year, and of intervals that are not whole days."""

from collections.abc import Iterator
from datetime import timedelta

from tests.bench.events import FIRST_DAY
from tests.bench.history.asking import Case, case

PATH = "statistics/"
YEAR, ODD = "statistics of a year", "statistics of odd windows"
BY = ("target_database", "restore_type", "trigger_type", "requested_by", "day")


def questions() -> Iterator[Case]:
    """Of the history's year: in all, by everything, and with a filter; then odd windows of it."""
    since = FIRST_DAY.date()
    year = {"since": since.isoformat(), "until": (since + timedelta(days=364)).isoformat()}
    yield case(YEAR, PATH, **year)
    for by in BY:
        yield case(YEAR, PATH, **year, by=by)
    yield case(YEAR, PATH, **year, target_database="shop0")
    yield case(YEAR, PATH, **year, requested_by="user0")
    edges = {
        "since": (FIRST_DAY + timedelta(days=30)).isoformat().replace("+00:00", "Z"),
        "until": (FIRST_DAY + timedelta(days=300, hours=7)).isoformat().replace("+00:00", "Z"),
    }
    yield case(ODD, PATH, **edges)
    for by in BY:
        yield case(ODD, PATH, **edges, by=by)
    yield case(ODD, PATH, **edges, target_database="shop0")
    yield case(ODD, PATH, **edges, target_database="shop0", by="trigger_type")
    yield case(ODD, PATH, **year, by="day", tz="Asia/Kolkata")
    yield case(ODD, PATH, **year, by="day", tz="Asia/Kolkata", target_database="shop0")
    yield case(ODD, PATH)
