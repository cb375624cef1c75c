"""The history that is asked: a year, with many targets and people, and a cut-over in it.

Of the restores that a host has, nearly all have ended, as anywhere. A piece of work has a
correlation, and programs record for people.
"""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import CutOver
from domain.events import Event, Metadata
from domain.restores.events import RestoreCompleted, RestoreValidated
from tests.bench.events import IMPORT, STATUSES, Story
from tests.bench.workload import Workload

ENDED = tuple(status for status in STATUSES if status not in ("pending", "in_progress"))
TARGETS, PEOPLE = 300, 60


class LongStory(Story):
    """A year in two million events; the first restores of all are into the first targets."""

    databases = tuple(f"shop{n}" for n in range(TARGETS) for _ in range(max(1, TARGETS // (n + 5))))
    people = tuple(f"user{n}" for n in range(PEOPLE))
    statuses = (*ENDED * 60, "pending", "in_progress")
    pause = 32_000_000

    def _metadata(self, who: str) -> Metadata:
        person = self.random.choice(self.people) if self.random.random() < 0.02 else None
        return Metadata(actor=who, correlation=self._uuid(), on_behalf_of=person)

    def _life(self) -> Iterator[Event]:
        """Of the restores that were completed, every tenth is checked."""
        last: Event | None = None
        for last in super()._life():
            yield last
        if isinstance(last, RestoreCompleted) and self.random.random() < 0.1:
            yield RestoreValidated(
                originator_id=last.originator_id,
                originator_version=last.originator_version + 1,
                metadata=last.metadata,
                validated_at=self._time(),
                result="failed" if self.random.random() < 0.05 else "passed",
                check="row counts",
                exit_code=0,
                output="",
            )


def long_history(count: int, workload: Workload) -> Iterator[Event]:
    """The first `count` events of it; the cut-over comes after half of them."""
    events = LongStory(workload).events()
    yield from islice(events, count // 2)
    yield CutOver(
        originator_id=CONSOLIDATION_ID,
        originator_version=2,
        metadata=Metadata(actor=PERSON, correlation=UUID(int=8), reason=IMPORT.actor),
        certificate="",
        snapshot="",
        mappings={},
        accepted_quarantined=0,
    )
    yield from islice(events, count - count // 2 - 1)


PERSON = LongStory.people[0]
