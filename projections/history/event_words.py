"""What an event says, in words: for the trail at the terminal."""

from domain.events import Event
from projections.history.administration_words import administration_in_words
from projections.history.backup_words import backup_in_words
from projections.history.consolidation_words import consolidation_in_words
from projections.history.restore_words import restore_in_words


class NoWords(LookupError):
    """An event of the catalogue has no sentence here; a test goes through all of them."""


def event_in_words(event: Event, name: str = "") -> str:
    """A sentence without its subject, the actor: `started the restore 'nightly orders'`.

    `name` is the restore's or backup's, for events that do not contain it. Texts are as the event
    has them: whoever shows the sentence cuts and escapes them.
    """
    said = (
        restore_in_words(event, name)
        or backup_in_words(event, name)
        or consolidation_in_words(event)
        or administration_in_words(event)
    )
    if said is None:
        raise NoWords(event.TOPIC)
    return said
