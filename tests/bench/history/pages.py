"""Pages of the console beside the requests that get the same over REST."""

from collections.abc import Iterator
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

from api.v1.keyset import CursorPosition, Keyset
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event
from projections.system_backups.models import BackupLog, RestoreLog
from tests.bench.history.asking import ROOT, Asker
from tests.bench.history.list_cases import NO_HIT, samples
from tests.bench.history.story import PERSON

ROWS, EVENTS = 50, 40
"""Rows and events on a page of a list; over REST as many are asked for."""
TRAIL = {"ordering": "-position", "page_size": EVENTS, "words": "true", "changes": "true"}


class Shown(NamedTuple):
    """A page, and the requests below `/api/v1/` that get together what it shows."""

    page: str
    over_rest: tuple[str, ...]


def shown_pages() -> Iterator[Shown]:
    """The first page, lists with and without filters, and single restores, backups and events."""
    head, row, backup = Log().head().position, samples(RestoreLog)[1], samples(BackupLog)[1]
    yield Shown(
        "/",
        (
            "restores/?page_size=10&status_in=in_progress,pending",
            "restores/?page_size=8&status=failed&last=7+days",
            "restores/?page_size=10",
            "statistics/?last=30+days&by=day",
            "projections/",
            "consolidation/",
        ),
    )
    keyset = Keyset.of(RestoreLog, ["-created_at"])
    deep = keyset.encode(CursorPosition(keyset.values_of(row)))
    for asked in (
        {},
        {"cursor": deep},
        {"status": "failed"},
        {"target_database": row.target_database},
        {"search": row.target_database},
        {"search": NO_HIT},
        {"since": row.created_at.date()},
        {"ordering": "-duration_seconds"},
        {"is_overwrite": "true"},
        {"present": "any"},
        *(
            {"as_of": head // 2, **more}
            for more in ({}, {"status": "failed"}, {"origin": "legacy"})
        ),
    ):
        yield _list("restores", asked, {"page_size": ROWS})
    for asked in ({}, {"search": backup.name}, {"never_restored": "true"}):
        yield _list("backups", asked, {"page_size": ROWS})
    yield _list("backups", {"never_validated": "true"}, {"page_size": ROWS})
    recorded = RestoreLog.objects.filter(origin="recorded").order_by("-created_at").first()
    for one in (row, recorded):
        assert one is not None, "the history has restores that were recorded here"
        id = one.restore_id
        yield Shown(f"/restores/{id}/", (f"restores/{id}/", f"restores/{id}/events/"))
    id = backup.backup_id
    its_events = _with("audit/events/", {"stream": id, **TRAIL})
    yield Shown(f"/backups/{id}/", (f"backups/{id}/", its_events))
    for asked in ({}, {"person": PERSON}, {"topic": "restore.Failed"}, {"stream": row.restore_id}):
        yield Shown(_with("/audit/", asked), (_with("audit/events/", {**asked, **TRAIL}),))
    event = Event.objects.filter(position__gte=head // 2).order_by("position").first()
    assert event is not None
    yield Shown(f"/audit/events/{event.position}/", (f"audit/events/{event.position}/",))
    for name in ("consolidation", "projections"):
        yield Shown(f"/{name}/", (f"{name}/",))


def page_ratios(times: int) -> dict[str, float]:
    """How many times as long as over REST each page takes, from the request to the answer.

    Medians of so many, in turns, after each was asked for once.
    """
    asker, found = Asker(), {}
    for one in shown_pages():
        asked = [one.page, *(ROOT + path for path in one.over_rest)]
        for path in asked:
            asker.seconds(path)
        took = [[asker.seconds(path) for path in asked] for _ in range(max(times, 1))]
        page, *over_rest = (median(each) for each in zip(*took, strict=True))
        found[one.page] = page / sum(over_rest)
    return found


def _list(name: str, asked: dict[str, object], size: dict[str, object]) -> Shown:
    return Shown(_with(f"/{name}/", asked), (_with(f"{name}/", {**asked, **size}),))


def _with(path: str, asked: dict[str, object]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path
