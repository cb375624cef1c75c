"""What the consolidation refuses."""

from uuid import UUID

from domain.errors import DomainError


class HostAlreadyAdopted(DomainError):
    code = "host_already_adopted"

    def __init__(self, host_id: UUID) -> None:
        super().__init__(f"This log already belongs to host {host_id}; a log has one host.")


class AnotherHost(DomainError):
    code = "another_host"

    def __init__(self, known: str, found: str) -> None:
        super().__init__(
            f"This is another host: its fingerprint is {found}, the log's is {known}. "
            f"Nothing was recorded. If it is the same host, rebuilt or moved, run again with "
            f"--accept-fingerprint {found}."
        )
