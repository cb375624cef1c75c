"""The worker's second task: restores that `run_restore` could not record, or nobody watches."""

import time
from collections.abc import Iterator

from api.client.delivery import deliver_all
from api.client.transport import ClientError
from api.management.local_transport import LocalTransport, local_spool
from domain.events import Actor
from projections.services.interruption import mark_interrupted

SECONDS = 10
"""Between two looks."""


class RestoreWatch:
    """Sends what waits in the spool and marks what was interrupted, at most every few seconds."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.spool = local_spool()
        self.transport = LocalTransport(actor)
        self.due = 0.0
        self.told: set[str] = set()

    def look(self) -> Iterator[str]:
        """Do it if it is time; what has happened and was not told yet, a line each."""
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + SECONDS
        for line in [*self._sent(), *self._marked()]:
            if line not in self.told:
                self.told.add(line)
                yield line

    def _sent(self) -> Iterator[str]:
        try:
            sent = deliver_all(self.spool, self.transport)
        except ClientError as error:
            yield f"What run_restore recorded cannot be sent: {error}"
            return
        for refusal in sent.refused:
            yield f"The restore {refusal['stream_id']} was refused: {refusal['detail']}"

    def _marked(self) -> Iterator[str]:
        for restore in mark_interrupted(actor=self.actor):
            yield f"The restore {restore.id} was interrupted: its heartbeats have ended."
