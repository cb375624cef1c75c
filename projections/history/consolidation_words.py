"""What happened to the consolidation, in words."""

from domain.consolidation import events
from domain.events import Event


def consolidation_in_words(event: Event) -> str | None:
    """A sentence without a subject, such as `retired the legacy table`; None for others."""
    match event:
        case events.HostAdopted():
            return f"bound the log to its host, whose fingerprint is {event.fingerprint}"
        case events.FingerprintAccepted():
            return f"accepted that the host's fingerprint is now {event.fingerprint}"
        case events.ColumnsChosen():
            return "settled which columns of the host fill which columns here"
        case events.ZoneChosen():
            return f"settled the zone of the host's local times: {event.zone}"
        case events.CopiesDeclared():
            rows, same = len(event.pairs), "" if event.same else "no "
            copies = f"{same}copies of legacy rows: {rows:,}"
            return f"declared rows of the host's consolidated table to be {copies}"
        case events.Verified():
            found = "they are equal" if event.equal else "they are NOT equal"
            return f"compared all tables with the host: {found}{_quarantined(event.quarantined)}"
        case events.CutOver():
            count = event.accepted_quarantined
            told = f"; quarantined rows that were accepted: {count:,}" if count else ""
            return f"cut over: the consolidated tables hold the legacy rows from here on{told}"
        case events.RolledBack():
            count = event.unrepresentable
            lost = f"; facts that the legacy table cannot represent: {count:,}" if count else ""
            back = "rolled back: the consolidated tables no longer hold the legacy rows"
            return back + lost
        case events.SnapshotRestored():
            return "put back the tables that the cut-over had saved"
        case events.Retired():
            return "ended the migration: the legacy tables are no longer imported"
    return None


def _quarantined(count: int) -> str:
    return f"; rows in quarantine: {count:,}" if count else ""
