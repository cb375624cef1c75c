"""How many events each stream has had, up to a position of the log."""

import pytest

from domain.restores.events import RestoreChangedInHost, RestoreImported
from projections.verification.expected import versions
from tests.projections.histories import event
from tests.projections.verification.in_memory import log_of

ONE, TWO, THREE, GONE = (digit * 32 for digit in "1234")
READ, CHANGED = event(RestoreImported), event(RestoreChangedInHost)
LOG = (
    (2, ONE, READ),
    (3, TWO, READ),
    (4, THREE, READ),
    (5, THREE, CHANGED),
    (6, TWO, CHANGED),
    (7, THREE, CHANGED),
)


@pytest.mark.parametrize("remembered", [200_000, 2, 1, 0])
@pytest.mark.parametrize(
    ("upto", "numbers"), [(4, (1, 1, 1)), (5, (1, 1, 2)), (6, (1, 2, 2)), (7, (1, 2, 3))]
)
def test_a_stream_has_had_as_many_events_as_its_last_one_says(
    upto: int, numbers: tuple[int, ...], remembered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "REMEMBERED", remembered)
    monkeypatch.setattr(versions, "PER_QUERY", 2)
    log = log_of(*LOG).as_of(upto)
    assert log.versions.of([ONE, TWO, THREE]) == numbers
    assert log.versions.of([THREE]) == numbers[2:]
    assert log.versions.of([ONE, GONE]) == (1, 1)
    log.service.close()


def test_a_log_without_a_second_event_has_only_first_ones() -> None:
    log = log_of(*LOG[:3])
    assert log.versions.of([ONE, TWO]) == (1, 1)
    assert log.versions.of([]) == ()
    log.service.close()
