"""Who wants to hear of an import: imports run one way, so readers of the log register here."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

Progress = Callable[[int, int | None], None]


class Followed(NamedTuple):
    """What a follower made of an import: rows it could not hold, by label, and what stopped it."""

    quarantined: dict[str, int]
    problems: list[str]


class Follower(Protocol):
    """Brings what it keeps up to the log."""

    def __call__(self, progress: Progress | None) -> Followed: ...


_followers: list[Follower] = []


def register_follower(follower: Follower) -> None:
    """Call this when the app that keeps something is ready."""
    _followers.append(follower)


def follow(progress: Progress | None = None) -> Followed:
    """Have every follower take in what was imported. What stops one does not undo an import."""
    quarantined: dict[str, int] = {}
    problems: list[str] = []
    for follower in _followers:
        found = follower(progress)
        quarantined.update(found.quarantined)
        problems += found.problems
    return Followed(quarantined, problems)
