"""The base class of all errors that this service raises on purpose."""

from collections.abc import Mapping
from typing import Any, ClassVar

from domain.messages import Message, Remedy


class RestoreLogError(Exception):
    """Something was refused or could not be done; the message says what, and what to do.

    `code` is stable: scripts and REST clients may match on it. Subclasses build their message
    from text and remedies. The text is the same in the shell and over REST; the remedies are
    rendered by each edge in its own words.
    """

    code: ClassVar[str] = "error"
    facts: Mapping[str, object] = {}
    """What a program may want to know besides the code."""

    def __init__(self, *parts: str | Remedy | Message) -> None:
        self.message = Message(*parts)
        super().__init__(str(self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        # Unpickled without the subclass's constructor, whose parameters are not the message.
        return _copied, (type(self), self.args, self.__dict__)


def _copied(
    error_class: type[RestoreLogError], args: tuple[Any, ...], state: dict[str, Any]
) -> RestoreLogError:
    error = error_class.__new__(error_class, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class DomainError(RestoreLogError):
    """A rule of the domain forbids the request."""

    code = "domain_rule"
