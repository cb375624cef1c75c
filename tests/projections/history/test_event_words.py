"""Every event says in words what happened."""

from pathlib import Path

import pytest

from domain.catalogue import CATALOGUE
from domain.events import Event
from infrastructure.event_store.codec import CODEC
from projections.history.event_words import NoWords, event_in_words
from tests.builders import completed, imported

GOLDEN = Path(__file__).parents[2] / "golden"

SAID = {
    "restore.Requested": (
        "requested the restore 'restore 1' (database) into shop, recorded afterwards"
    ),
    "restore.Started": (
        "started the restore 'weekly' on db1.example: pg_restore --dbname "
        "postgresql://ops:***@db/orders orders.dump"
    ),
    "restore.Progressed": "saw the progress of the restore 'weekly': indexes, 40.5%",
    "restore.Completed": (
        "completed the restore 'weekly' in part with 7 warnings: all tables restored"
    ),
    "restore.Failed": "reported that the restore 'weekly' was ended by SIGKILL: disk full",
    "restore.Cancelled": "cancelled the restore 'weekly' by SIGINT: wrong target",
    "restore.Validated": "validated the restore 'weekly': passed, by row counts",
    "restore.Amended": (
        "corrected started_at, source_backup_id, is_overwrite of the restore 'weekly'"
    ),
    "restore.Imported": "found the restore 'nightly 7' in the host's legacy table",
    "restore.ChangedInHost": "found the restore 'nightly 7' changed in the host's legacy table",
    "restore.ReturnedToHost": "found the restore 'nightly 7' again in the host's legacy table",
    "restore.Reinterpreted": (
        "read the restore 'nightly 7' in another way; the host did not change it"
    ),
    "restore.CopyChangedInHost": (
        "found the copy of the restore 'nightly 7' changed in the host's consolidated table"
    ),
    "restore.VanishedFromHost": "no longer found the restore 'weekly' in the host",
    "backup.Registered": "registered the backup 'weekly' of shop",
    "backup.Expired": "recorded that the backup 'weekly' expired: older than 30 days",
    "backup.Verified": "verified the backup 'weekly': failed, by sha256",
    "backup.Imported": "found the backup 'weekly' in the host's consolidated table",
    "backup.ChangedInHost": "found the backup 'weekly' changed in the host's consolidated table",
    "backup.ReturnedToHost": "found the backup 'weekly' again in the host's consolidated table",
    "backup.Reinterpreted": "read the backup 'weekly' in another way; the host did not change it",
    "backup.CopyChangedInHost": (
        "found the copy of the backup 'weekly' changed in the host's consolidated table"
    ),
    "backup.VanishedFromHost": "no longer found the backup 'weekly' in the host",
    "consolidation.HostAdopted": (
        "bound the log to its host, whose fingerprint is 0123456789abcdef0123456789abcdef"
    ),
    "consolidation.FingerprintAccepted": (
        "accepted that the host's fingerprint is now fedcba9876543210fedcba9876543210"
    ),
    "consolidation.ColumnsChosen": "settled which columns of the host fill which columns here",
    "consolidation.ZoneChosen": "settled the zone of the host's local times: Europe/Berlin",
    "consolidation.CopiesDeclared": (
        "declared rows of the host's consolidated table to be copies of legacy rows: 2"
    ),
    "consolidation.Verified": (
        "compared all tables with the host: they are equal; rows in quarantine: 1"
    ),
    "consolidation.CutOver": (
        "cut over: the consolidated tables hold the legacy rows from here on; quarantined"
        " rows that were accepted: 1"
    ),
    "consolidation.RolledBack": (
        "rolled back: the consolidated tables no longer hold the legacy rows; facts that "
        "the legacy table cannot represent: 4"
    ),
    "consolidation.SnapshotRestored": "put back the tables that the cut-over had saved",
    "consolidation.Retired": "ended the migration: the legacy tables are no longer imported",
    "administration.ClockJumpAccepted": "accepted that the log's time was 86,400 seconds ahead",
    "administration.LogAccepted": (
        "accepted that the log lacks events that were remembered: position 55, position 57"
    ),
    "administration.AccountCreated": (
        "created the account ada with auditor, viewer, superuser, api.read_audit"
    ),
    "administration.AccountRenamed": "renamed the account adah to ada",
    "administration.AccountDisabled": "disabled the account ada",
    "administration.AccountEnabled": "enabled the account ada",
    "administration.AccountDeleted": "deleted the account ada",
    "administration.RightsChanged": "changed the rights of ada: added auditor",
    "administration.PasswordChanged": "changed the password of ada",
    "administration.TokenCreated": (
        "made the token 'laptop' for ada, only for viewer, until 2027-11-27"
    ),
    "administration.TokenRevoked": "revoked the token 'laptop' of ada",
    "administration.RoleRedefined": "changed the role viewer: added api.read_audit",
    "administration.LoginUnlocked": "let ada try to log in again",
    "administration.LoginFailed": (
        "5 failed logins and 19 refused of a name that is no account (01234567) by "
        "password from 2001:db8::/64, locked until 2026-11-27 09:45 UTC"
    ),
    "administration.TrailRead": "read audit/events/ in 49 requests, from 2026-11-27 09:30 UTC",
    "administration.ExportTaken": (
        "took 1,234 rows of restores as csv, as of position 98,765: status=failed ordering=name"
    ),
}
"""What the newest golden file of each topic says, of a restore or backup named `weekly`."""


def test_every_event_has_its_sentence():
    assert SAID.keys() == CATALOGUE.by_topic.keys()


@pytest.mark.parametrize("topic", CATALOGUE.by_topic)
def test_what_an_event_says(topic: str):
    version = CATALOGUE.by_topic[topic].SCHEMA_VERSION
    state = (GOLDEN / f"{topic}.v{version}.json").read_bytes().rstrip(b"\n")
    assert event_in_words(CODEC.decode(topic, version, state), "weekly") == SAID[topic]


def test_an_event_without_words_is_an_error():
    class Unheard(Event, frozen=True, kw_only=True):
        TOPIC = "test.Unheard"

    with pytest.raises(NoWords, match=r"test\.Unheard"):
        event_in_words(Unheard())


def test_only_the_first_line_of_a_message_is_said_and_not_more_than_fits():
    assert (
        event_in_words(completed(message="\n  done\nwith a log")) == "completed the restore: done"
    )
    assert len(event_in_words(completed(message="m" * 5_000))) < 250


def test_a_host_row_without_a_usable_name_has_a_sentence_too():
    for name in (None, "", 7):
        said = event_in_words(imported(columns={"id": 1, "name": name}))
        assert said.startswith("found the restore")
