"""The root of every error this service raises on purpose."""

from typing import Any, ClassVar

from domain.messages import Message, Remedy


class RestoreLogError(Exception):
    """Something was refused or could not be done; the message says what, and what to do.

    `code` is stable: scripts and REST clients may match on it. Subclasses make their own message,
    of text and of remedies: the same mistake reads the same from the shell and from REST, but for
    the words for what to do, which are each edge's own.
    """

    code: ClassVar[str] = "error"

    def __init__(self, *parts: str | Remedy | Message) -> None:
        self.message = Message(*parts)
        super().__init__(str(self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        # Subclasses take what the message is made of; a copy from another process has the message.
        return _copied, (type(self), self.args, self.__dict__)


def _copied(
    error_class: type[RestoreLogError], args: tuple[Any, ...], state: dict[str, Any]
) -> RestoreLogError:
    error = error_class.__new__(error_class, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class DomainError(RestoreLogError):
    """A rule of the domain forbids what was asked."""

    code = "domain_rule"
