"""Messages for people: text, with remedies that say what to do as data.

The same error is shown at a terminal, to a program over REST and on a page, and each has its own
way to do the same thing. So a message names actions and parameters, and each edge renders them in
its own words. Only the edges know the names of commands and options.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Remedy:
    """What the reader can do: an action by name, with parameters.

    Without an action: parameters to add to the same request. A value in capitals, such as `TEXT`,
    is a placeholder. None and True mean that the parameter is named without a value.
    """

    action: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """The form for log files and other uses outside the edges: `rebuild labels=…`."""
        told = (name if value in (None, True) else f"{name}={value}"
                for name, value in self.parameters.items())  # fmt: skip
        return " ".join([*filter(None, [self.action]), *told])


def remedy(action: str = "", /, **parameters: object) -> Remedy:
    """What to do: an action with parameters, or parameters to add to the same request."""
    return Remedy(action, parameters)


class Message:
    """One or more sentences, made of text and remedies. Nested messages are flattened."""

    def __init__(self, *parts: "str | Remedy | Message") -> None:
        self.parts: tuple[str | Remedy, ...] = tuple(
            one for part in parts for one in (part.parts if isinstance(part, Message) else [part])
        )

    @property
    def remedies(self) -> list[Remedy]:
        """The remedies, in the order of the text."""
        return [part for part in self.parts if isinstance(part, Remedy)]

    def said(self, say: Callable[[Remedy], str]) -> str:
        """The whole text, with each remedy rendered by `say`."""
        return "".join(part if isinstance(part, str) else say(part) for part in self.parts)

    def __str__(self) -> str:
        return self.said(str)

    def __bool__(self) -> bool:
        return any(self.parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(str(self))


NOTHING = Message()
"""The empty message."""


def worded(value: Any, say: Callable[[Remedy], str]) -> Any:
    """The same value with every message rendered by `say`, also inside dicts and lists."""
    match value:
        case Message():
            return value.said(say)
        case dict():
            return {key: worded(one, say) for key, one in value.items()}
        case list() | tuple():
            return [worded(one, say) for one in value]
    return value
