"""What is measured, each in a process of its own: `python -m tests.bench.measures NAME JSON`.

A measure prints one JSON object with what it did and how long it took, in seconds, without the
time that Python and Django need to start.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from itertools import islice
from secrets import token_hex
from typing import Any

Result = dict[str, Any]
CHUNK = 5_000
FEW = frozenset({"status", "started_at", "created_at"})
"""The columns that had an index before there was one for every list."""
PAST = (0.1, 0.3, 0.48, 0.75, 1.0)
"""Shares of the log as of which lists are asked for; the cut-over is at a half."""


def fill(count: int, quick: bool) -> Result:
    """Our log, filled with the workload's first events, in bulk."""
    from infrastructure.event_store.log import Log

    log, begin = Log(), time.perf_counter()
    events = _new_events(count, quick)
    making = time.perf_counter() - begin
    while chunk := list(islice(events, CHUNK)):
        before = time.perf_counter()
        log.append(chunk)
        making += time.perf_counter() - before
    return {"events": count, "seconds": making}


def fill_history(count: int, quick: bool) -> Result:
    """Our log, filled with a long history, with a cut-over in it. The time is that of the log."""
    from infrastructure.event_store.codec import new_event
    from infrastructure.event_store.log import Log
    from tests.bench.history.story import long_history
    from tests.bench.workload import load

    log, seconds = Log(), 0.0
    events = map(new_event, long_history(count, load(quick=quick)))
    while chunk := list(islice(events, CHUNK)):
        begin = time.perf_counter()
        log.append(chunk)
        seconds += time.perf_counter() - begin
    return {"events": count, "seconds": seconds}


def history_places(rows: int, singles: int) -> Result:
    """The cursor after so many restores of the list, and the ids of some, all over the table."""
    from api.v1.keyset import CursorPosition, Keyset
    from projections.system_backups.models import RestoreLog

    table = RestoreLog._default_manager
    keyset = Keyset.of(RestoreLog, ["-created_at"])
    row = table.order_by("-created_at", "-id").only("created_at")[rows - 1]
    ids = list(table.order_by("id").values_list("id", flat=True))
    return {
        "cursor": keyset.encode(CursorPosition(keyset.values_of(row))),
        "ids": ids[:: max(len(ids) // singles, 1)],
    }


def answers(times: int, most: int) -> Result:
    """The database's time of each question, in milliseconds, by groups.

    Up to `most` of a group, from all over it. `unasked` are filters that no question has.
    """
    from infrastructure.event_store.log import Log
    from tests.bench.history import list_cases, log_cases, statistics_cases
    from tests.bench.history.asking import Asker, some_of

    head = Log().head().position
    asked = {
        list_cases.present(): times,
        # Of these there are most.
        list_cases.past([int(head * share) for share in PAST]): min(times, 1),
        log_cases.pages(): times,
        statistics_cases.questions(): times,
    }
    asker, cases = Asker(), dict[str, dict[str, float]]()
    for those, how_often in asked.items():
        for one, took in asker.times(some_of(those, most), how_often):
            cases.setdefault(one.group, {})[one.name] = took
    unasked = [name for _, view in list_cases.LISTS for name in list_cases.unasked(view)]
    return {"cases": cases, "unasked": unasked}


def pages(times: int) -> Result:
    """How many times as long as the same over REST each page of the console takes."""
    from tests.bench.history.pages import page_ratios

    return {"cases": page_ratios(times)}


def library_fill(url: str, count: int, quick: bool) -> Result:
    """The library's own store, filled with the same events."""
    from tests.bench.baselines.log import fill
    from tests.bench.events import first_events
    from tests.bench.workload import load

    begin = time.perf_counter()
    fill(url, first_events(count, load(quick=quick)))
    return {"events": count, "seconds": time.perf_counter() - begin}


def library_rebuild(url: str, count: int) -> Result:
    """The library's replay of its whole log into our tables."""
    if url.startswith("sqlite"):
        from tests.bench.baselines.sqlite import replay
    else:
        from tests.bench.baselines.postgresql import replay
    return {"events": count, "seconds": replay(url, count)}


def rebuild(count: int, scope: str | None = None) -> Result:
    """Our rebuild of all tables, with their switch; what is made after it apart.

    `after_seconds` is for all of that, `search_seconds` for the search indexes among it, and
    `search_bytes` their size.
    """
    from projections.engine.rebuild import rebuild
    from projections.engine.registry import PROJECTIONS

    switched = 0.0

    def note(phase: str) -> None:
        nonlocal switched
        if phase == "search":
            switched = time.perf_counter()

    begin = time.perf_counter()
    rebuilt = rebuild(list(PROJECTIONS), scope=scope, on_phase=note)
    return {
        "events": count,
        "seconds": switched - begin,
        "after_seconds": time.perf_counter() - switched,
        "search_seconds": sum(one.seconds for one in rebuilt.search.values()),
        "search_bytes": sum(one.bytes for one in rebuilt.search.values()),
    }


def rebuild_on_cluster(count: int, scheduler: str, watched: dict[str, list[int]]) -> Result:
    """Our rebuild of all tables, on the workers of a Dask cluster, until they are switched.

    `shares` are how busy it keeps the machine, in per cent: these processes and all below them, by
    name, this process, and all of them. Beside it the whole machine, with other work.
    """
    from projections.engine.cluster.address import SchedulerAddress
    from projections.engine.rebuild import rebuild
    from projections.engine.registry import PROJECTIONS
    from tests.bench.processors import busy, used

    watched = {**watched, "the command": [os.getpid()]}

    def now() -> dict[str, float]:
        ours = {name: used(pids) for name, pids in watched.items()}
        return {"all of them": sum(ours.values()), **ours, "the whole machine": busy()}

    ended: list[tuple[float, dict[str, float]]] = []

    def note(phase: str) -> None:
        if phase == "search":
            ended.append((time.perf_counter(), now()))

    before, begin = now(), time.perf_counter()
    rebuild(list(PROJECTIONS), scheduler=SchedulerAddress(scheduler), on_phase=note)
    ((end, after),) = ended
    whole = (end - begin) * (os.cpu_count() or 1)
    shares = {name: 100 * (after[name] - before[name]) / whole for name in after}
    return {"events": count, "seconds": end - begin, "shares": shares}


def rebuild_alone(count: int, everything: bool, few_indexes: bool) -> Result:
    """A rebuild in this process, of the four tables or of everything, without search indexes.

    With `few_indexes` a table has none but those of its status and of two times. What SQLite makes
    after the switch is counted as well.
    """
    from projections.engine.rebuild import rebuild
    from projections.engine.registry import PROJECTIONS, row_projections

    tables = list(row_projections())
    for table in tables if few_indexes else ():
        options = table.model._meta
        options.indexes = [one for one in options.indexes if FEW.intersection(one.fields[:1])]
        for index in options.indexes:
            index.fields, index.condition = index.fields[:1], None
            index.fields_orders = index.fields_orders[:1]
    labels = list(PROJECTIONS) if everything else [table.label for table in tables]
    begin = time.perf_counter()
    rebuilt = rebuild(labels, workers=1)
    seconds = time.perf_counter() - begin
    return {
        "events": count,
        "seconds": seconds - sum(one.seconds for one in rebuilt.search.values()),
    }


def rows() -> Result:
    """A digest of each of the four tables, read through Django, in the order of their keys."""
    from projections.engine.registry import row_projections

    result: Result = {}
    for projection in row_projections():
        digest, count = sha256(), 0
        found = projection.model._default_manager.order_by("pk").values_list()
        for row in found.iterator():
            digest.update(repr(row).encode())
            count += 1
        result[projection.label] = {"rows": count, "digest": digest.hexdigest()}
    return result


def import_host(source: str) -> Result:
    """Our import, of every row of the host's four tables."""
    from infrastructure.hosts.importing.importer import import_host

    begin = time.perf_counter()
    report = import_host(source, actor="bench", zone="UTC")
    seconds = time.perf_counter() - begin
    return {"rows": sum(t.rows for t in report.tables.values()), "seconds": seconds}


def append_one_by_one(count: int, quick: bool) -> Result:
    """Appends of one event each, each committed."""
    from infrastructure.event_store.log import Log

    log, events = Log(), list(_new_events(count, quick))
    begin = time.perf_counter()
    for event in events:
        log.append([event])
    return {"events": count, "seconds": time.perf_counter() - begin}


def read(count: int) -> Result:
    """Every event of the log, read and decoded."""
    from infrastructure.event_store.log import Log

    begin = time.perf_counter()
    read = sum(len(events) for events in Log().events())
    assert read == count, f"{read} events were read, and {count} are in the log"
    return {"events": count, "seconds": time.perf_counter() - begin}


def verify_log(count: int) -> Result:
    """The whole hash chain."""
    from infrastructure.event_store.verify_log import verify_chain

    begin = time.perf_counter()
    report = verify_chain()
    assert report.ok, report.problem
    return {"events": count, "seconds": time.perf_counter() - begin}


def verify(source: str) -> Result:
    """Both projections against the host, row by row."""
    from projections.verification.verify import verify

    begin = time.perf_counter()
    found = verify(source)
    seconds = time.perf_counter() - begin
    assert found.equal, "verify found a difference in a fresh import"
    return {"rows": sum(t.expected for t in found.tables.values()), "seconds": seconds}


def catch_ups(times: int) -> Result:
    """From an append's return to the row in the tables, event after event."""
    from projections.engine.catch_up import catch_up
    from tests.bench.lives import requests

    took = []
    catch_up()
    for request in requests(times):
        request()
        begin = time.perf_counter()
        catch_up()
        took.append(time.perf_counter() - begin)
    return {"times": times, "each": took, "seconds": sum(took)}


def lives(count: int) -> Result:
    """Whole lives of restores, each event in all four tables before the next."""
    from tests.bench.lives import lives

    return _lived(count, *lives(count))


def library_lives(url: str, count: int) -> Result:
    """The same with the library's own application, and its projection of one table."""
    from tests.bench.baselines.stock_lives import lives

    return _lived(count, *lives(url, count))


def tokens(count: int) -> Result:
    """Tokens of new accounts that may record, and read the audit trail."""
    from api import accounts

    names = [f"bench-{token_hex(4)}" for _ in range(count)]
    made = (accounts.create(name, roles=["operator", "auditor"]) for name in names)
    return {"tokens": [str(accounts.new_token(account)) for account in made]}


def first_import(source: str, row_by_row: bool) -> Result:
    """A first import with its tables, which are built anew or filled row by row."""
    from projections.engine import first_fill
    from projections.services.host_import import import_host

    if row_by_row:
        first_fill.ENOUGH = sys.maxsize
    begin = time.perf_counter()
    done = import_host(source, actor="bench", zone="UTC")
    seconds = time.perf_counter() - begin
    assert not done.behind, "a table does not show all of it"
    return {"rows": sum(t.rows for t in done.report.tables.values()), "seconds": seconds}


def as_of(times: int, position: int) -> Result:
    """The consolidated table as it stood at a position, every row of it."""
    from projections.history.as_of import rows_as_of

    took, count = [], 0
    for _ in range(times):
        begin = time.perf_counter()
        count = sum(1 for _ in rows_as_of("system_backups.RestoreLog", position))
        took.append(time.perf_counter() - begin)
    return {"events": position, "rows": count, "each": took, "seconds": sum(took) / times}


def cut_over(source: str, certificate: str, snapshot: str) -> Result:
    """A whole cut-over, with its import, its verification and its switch."""
    from pathlib import Path

    from django.test import override_settings

    from infrastructure.documents.keys import make_key
    from projections.consolidation.step_request import StepRequest
    from projections.consolidation.steps import cut_over

    key = Path(certificate).with_suffix(".pem")
    make_key(key)
    with override_settings(SIGNING_KEY_FILE=str(key)):
        step = cut_over(
            source, StepRequest("bench"), certificate=Path(certificate), snapshot=Path(snapshot)
        )
    return {"seconds": step.seconds, "held_seconds": step.held_seconds}


MEASURES: dict[str, Callable[..., Result]] = {
    measure.__name__: measure
    for measure in (
        fill,
        fill_history,
        history_places,
        answers,
        pages,
        library_fill,
        library_rebuild,
        rebuild,
        rebuild_on_cluster,
        rebuild_alone,
        rows,
        import_host,
        append_one_by_one,
        read,
        verify_log,
        verify,
        catch_ups,
        lives,
        library_lives,
        tokens,
        first_import,
        as_of,
        cut_over,
    )
}


def peak_memory() -> int:
    """The most memory that this process held at once, in bytes (Linux), else 0.

    Where it had helpers, one for each processor at most, what the largest of them held is added
    as many times: the sum cannot have been more.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            lines = dict(line.split(":", 1) for line in status)
    except FileNotFoundError:
        return 0
    helper = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    # A rebuild starts one helper fewer than there are processors, an import one.
    helpers = max(1, len(os.sched_getaffinity(0)) - 1)
    return (int(lines["VmHWM"].split()[0]) + helper * helpers) * 1024


def _lived(count: int, seconds: float, worked: float) -> Result:
    return {"events": 3 * (count - 1), "seconds": seconds, "worked": worked}


def _new_events(count: int, quick: bool) -> Any:
    from infrastructure.event_store.codec import new_event
    from tests.bench.events import first_events
    from tests.bench.workload import load

    return map(new_event, first_events(count, load(quick=quick)))


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
    django.setup()
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    result = MEASURES[name](**arguments)
    print(json.dumps({**result, "peak_memory": peak_memory()}))


if __name__ == "__main__":
    main()
