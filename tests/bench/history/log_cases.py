"""What the log is asked: pages by actor, topic, stream, correlation, position and time."""

from collections.abc import Iterator

import msgspec

from infrastructure.event_store.log import Log, as_datetime
from infrastructure.event_store.models import Event
from tests.bench.history.asking import Case, case
from tests.bench.history.story import PERSON

PATH = "audit/events/"
GROUP, PAIRS = "pages of the log", "pages of the log, by two filters"
RARE, COMMON, LATE = "restore.VanishedFromHost", "restore.Imported", "consolidation.CutOver"


def pages() -> Iterator[Case]:
    """Each filter alone, from both ends of the log; and pairs of which each finds many events."""
    head = Log().head().position
    middle = Event.objects.filter(position__gte=head // 2, topic="restore.Requested").first()
    assert middle is not None, "no restore was requested in the second half of the log"
    work = msgspec.json.decode(bytes(middle.metadata))["correlation"]
    time = as_datetime(middle.recorded_at).isoformat().replace("+00:00", "Z")
    alone: list[dict[str, object]] = [
        {},
        {"actor": PERSON},
        {"actor": "import"},
        {"actor": "nobody"},
        {"person": PERSON},
        {"on_behalf_of": PERSON},
        {"topic": RARE},
        {"topic": COMMON},
        {"topic": LATE},
        {"topic_in": f"{RARE},{COMMON}"},
        {"stream": middle.stream_id},
        {"correlation": work},
        {"correlation": "00000000-0000-0000-0000-000000000007"},
        {"causation": work},
        {"recorded_at_after": time},
        {"recorded_at_before": time},
        {"position_min": middle.position},
        {"position_max": middle.position},
    ]
    pairs: list[dict[str, object]] = [
        {"actor": PERSON, "topic": "restore.Failed"},
        {"actor": PERSON, "recorded_at_after": time},
        {"topic": RARE, "recorded_at_after": time},
        {"person": PERSON, "topic": "restore.Amended"},
        # Of each there are very many, and together none.
        {"actor": PERSON, "topic": "backup.Imported"},
        {"actor": "import", "topic": "restore.Started"},
    ]
    for group, asked in ((GROUP, alone), (PAIRS, pairs)):
        for given in asked:
            yield case(group, PATH, **given)
            yield case(group, PATH, **given, ordering="-position")
