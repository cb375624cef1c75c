"""Errors of the consolidation."""

from uuid import UUID

from domain.consolidation.values import ConsolidationState
from domain.errors import DomainError
from domain.messages import Message, remedy

AS_SAID = {
    ConsolidationState.PLANNED: "nothing has been imported yet",
    ConsolidationState.IMPORTED: "the host has been imported",
    ConsolidationState.VERIFIED: "the host has been imported and verified",
    ConsolidationState.CUT_OVER: "it has been cut over",
    ConsolidationState.ROLLED_BACK: "it has been rolled back",
    ConsolidationState.RETIRED: "it has been retired",
}
"""Each state in words."""


class HostAlreadyAdopted(DomainError):
    code = "host_already_adopted"

    def __init__(self, host_id: UUID) -> None:
        super().__init__(f"This log already belongs to host {host_id}; a log has one host.")


class AnotherHost(DomainError):
    code = "another_host"

    def __init__(self, known: str, found: str) -> None:
        super().__init__(
            f"This is another host: its fingerprint is {found}, the log's is {known}. "
            "Nothing was recorded. Check the URL; or, if it is the same host, rebuilt or moved, "
            "accept it: ",
            remedy("import", accept_fingerprint=found),
        )


class AnotherZone(DomainError):
    code = "another_zone"

    def __init__(self, known: str, asked: str) -> None:
        super().__init__(
            f"The host's times were imported as {known}, and SOURCE_TIME_ZONE is {asked}. Nothing "
            f"was recorded. Set it to {known}; or, if {known} was wrong, correct the imported "
            "times: ",
            remedy("import", zone=asked, reason="TEXT"),
        )


class IllegalStep(DomainError):
    code = "illegal_step"

    def __init__(self, step: str, state: ConsolidationState, instead: Message | str) -> None:
        super().__init__(
            f"The consolidation cannot be {step}: {AS_SAID[state]} (state {state}). ", instead
        )


class NotVerified(DomainError):
    """A step needs an equal and current verification; the message says why there is none."""

    code = "not_verified"

    def __init__(self, step: str, why: Message | str) -> None:
        super().__init__(
            f"The consolidation cannot be {step}: ",
            why,
            ". Nothing was changed. To see the details: ",
            remedy("verify"),
        )


class QuarantineNotAccepted(DomainError):
    code = "quarantine_not_accepted"

    def __init__(self, quarantined: int, accepted: int | None) -> None:
        found = {0: "No row is", 1: "1 row is"}.get(quarantined, f"{quarantined:,} rows are")
        number = accepted or 0
        said = {0: "none was", 1: "1 was"}.get(number, f"{number:,} were")
        do = Message(
            "To see them: ",
            remedy("verify"),
            ". Correct them in the host, or accept them by number and reason: ",
            remedy(accept_quarantined=quarantined, reason="TEXT"),
        )
        if not quarantined:
            do = Message("There is nothing to accept: the number to accept is 0.")
        super().__init__(f"{found} quarantined and {said} accepted. Nothing was changed. ", do)


class ReasonMissing(DomainError):
    code = "reason_missing"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} needs a reason, which the log keeps: ", remedy(reason="TEXT"))
