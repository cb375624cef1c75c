"""What people are told: sentences in which what to do stands as data.

The same error is read at a terminal, by a program over REST and on a page, where the same thing is
done in different ways. So a message names actions and parameters, and each edge puts them in its
own words. Nothing but the edges knows what a command or an option is called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Remedy:
    """Something to do: an action by name, with parameters.

    Without an action: parameters of what was asked for. A value in capitals, such as `TEXT`, is
    for the reader to fill in; None names the parameter alone, and so does True.
    """

    action: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """For a log file, and for whoever belongs to no edge: `rebuild labels=…`."""
        told = (name if value in (None, True) else f"{name}={value}"
                for name, value in self.parameters.items())  # fmt: skip
        return " ".join([*filter(None, [self.action]), *told])


def remedy(action: str = "", /, **parameters: object) -> Remedy:
    """What to do: an action with parameters, or parameters of what was asked for."""
    return Remedy(action, parameters)


class Message:
    """One sentence or a few, made of text and of remedies. Other messages in it are taken apart."""

    def __init__(self, *parts: "str | Remedy | Message") -> None:
        self.parts: tuple[str | Remedy, ...] = tuple(
            one for part in parts for one in (part.parts if isinstance(part, Message) else [part])
        )

    @property
    def remedies(self) -> list[Remedy]:
        """What to do, in the order in which it is told."""
        return [part for part in self.parts if isinstance(part, Remedy)]

    def said(self, say: Callable[[Remedy], str]) -> str:
        """The whole text, with each remedy as an edge says it."""
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
"""What is said where there is nothing to say."""


def worded(value: Any, say: Callable[[Remedy], str]) -> Any:
    """The same, dicts and lists included, with every message in it as an edge says it."""
    match value:
        case Message():
            return value.said(say)
        case dict():
            return {key: worded(one, say) for key, one in value.items()}
        case list() | tuple():
            return [worded(one, say) for one in value]
    return value
