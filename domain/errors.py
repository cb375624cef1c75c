"""The root of every error this service raises on purpose."""

from typing import ClassVar


class RestoreLogError(Exception):
    """Something was refused or could not be done; the message says what, and what to do.

    `code` is stable: scripts and REST clients may match on it. Subclasses format their own
    message, so that the same mistake reads the same from the shell and from REST.
    """

    code: ClassVar[str] = "error"


class DomainError(RestoreLogError):
    """A rule of the domain forbids what was asked."""

    code = "domain_rule"
