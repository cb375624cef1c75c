"""The acceptances of a log, loaded from it."""

from domain.administration.acceptances import ACCEPTANCES_ID, Acceptances
from infrastructure.event_store.log import Log


def acceptances(log: Log) -> Acceptances:
    """The acceptances of this log; a new aggregate if there are none."""
    return Acceptances.from_events(ACCEPTANCES_ID, log.stream(ACCEPTANCES_ID))
