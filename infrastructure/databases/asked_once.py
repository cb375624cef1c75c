"""What a page needs to know several times, and asks the database for only once.

Such as whether a table's search index can be used: each of a page's queries depends on it.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

T = TypeVar("T")
_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def asking_once() -> Iterator[None]:
    """Within it, `asked_once` keeps its answers."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def asked_once(question: Hashable, ask: Callable[[], T]) -> T:
    """What `ask` returns; within `asking_once`, what it returned for this question before."""
    answers = _answers.get()
    if answers is None:
        return ask()
    if question not in answers:
        answers[question] = ask()
    return cast(T, answers[question])
