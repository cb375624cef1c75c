"""Errors that stop a verification."""

from domain.errors import RestoreLogError
from domain.messages import remedy


class CannotVerify(RestoreLogError):
    """The tables or the host cannot be compared."""

    code = "cannot_verify"


class NoHostNamed(CannotVerify):
    code = "no_source"

    def __init__(self) -> None:
        super().__init__(
            "No host to compare with. Set SOURCE_DATABASE_URL, or give its URL: ",
            remedy(source="URL"),
        )


class HostNotComparable(CannotVerify):
    code = "not_a_host"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The source lacks {what}. If it is another database than the imported host, correct "
            "the URL. If the host's tables have changed, import it again: ",
            remedy("import"),
        )


class NoHostAdopted(CannotVerify):
    code = "no_host_adopted"

    def __init__(self) -> None:
        super().__init__(
            "The log is not bound to a host yet, so there is nothing to verify. To import one: ",
            remedy("import"),
        )


class NotTheImportedHost(CannotVerify):
    code = "another_host"

    def __init__(self, known: str, found: str) -> None:
        super().__init__(
            f"The log belongs to the host with fingerprint {known}; the source's is {found}. "
            "Nothing was compared. Check the URL."
        )
