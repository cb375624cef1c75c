"""Texts of megabytes come into the log and the tables as they are, among short ones."""

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from tests.builders import requested
from tests.support import here, raw

LONG = "tab\t back\\slash \n\r \\N é💾 " * 250_000
"""More than a column of a batch may have to be written in one go."""
MESSAGES = ["\\N", LONG, "short\t", "", LONG[::-1]]


def shown(database: str) -> list[str]:
    found = raw.rows(database, "SELECT message FROM system_backups_restorelog ORDER BY id")
    return [message for (message,) in found]


def test_long_texts_are_projected_as_they_are(database: str):
    log = Log()
    log.append([new_event(requested(n, message=text)) for n, text in enumerate(MESSAGES, 1)])
    stored = [event.message for events in log.events() for event in events]  # type: ignore[attr-defined]
    assert stored == MESSAGES
    catch_up()
    assert shown(database) == MESSAGES
    here.run("rebuild", "system_backups.RestoreLog")
    assert shown(database) == MESSAGES
    assert here.run("verify_log", "--json").json["ok"]
