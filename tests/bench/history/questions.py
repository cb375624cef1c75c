"""What the database takes for each question that can be asked of a long history."""

from collections.abc import Iterator

from tests.bench.comparing import Bound
from tests.bench.history.database import History
from tests.bench.running import run
from tests.bench.workload import Workload

AIMS = {
    "orderings of lists": "list_ms",
    "filters of lists, each alone": "list_ms",
    "filters of long texts, without an index": "list_ms",
    "searches without a hit": "search_ms",
    "lists as of a position": "as_of_ms",
    "searches as of a position": "as_of_ms",
    "statistics of a year": "statistics_ms",
}
"""The aim of each group of cases, as `workload.toml` names it; the others have none."""


def measure_questions(history: History, workload: Workload) -> Iterator[Bound]:
    """The database's time of each case, warm; the slowest of a group is what counts."""
    sizes = workload.history
    found = run("answers", history.url, times=sizes["times"], most=sizes["cases"])
    for group, cases in found["cases"].items():
        most = workload.targets[AIMS[group]] if group in AIMS else None
        yield Bound(what=group, vendor=history.where.vendor, unit="ms", cases=cases, most=most)
    pages = run("pages", history.url, times=sizes["times"])["cases"]
    most = workload.targets["page_times"]
    what, unit = "pages beside REST", "times"
    yield Bound(what=what, vendor=history.where.vendor, unit=unit, cases=pages, most=most)
    if found["unasked"]:
        print(f"not asked: {', '.join(found['unasked'])}", flush=True)
