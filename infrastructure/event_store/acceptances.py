"""What was accepted of a log, as the log has it."""

from domain.administration.acceptances import ACCEPTANCES_ID, Acceptances
from infrastructure.event_store.log import Log


def acceptances(log: Log) -> Acceptances:
    """What somebody has accepted of this log; a new one if nothing was."""
    return Acceptances.from_events(ACCEPTANCES_ID, log.stream(ACCEPTANCES_ID))
