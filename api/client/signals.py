"""Signals of the wrapper: passed on to the command, and remembered as the reason of its end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from .child import Child, in_foreground

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
OTHERS = (signal.SIGUSR1, signal.SIGUSR2)
FROM_TERMINAL = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGHUP})
"""What a terminal sends to all processes in its foreground at once."""


class SignalPassing:
    """From `__enter__` to `__exit__`, signals go to the present child.

    What was ignored when the wrapper started, as under `nohup`, stays ignored.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        """The first signal that asked the wrapper to end."""
        self._child: Child | None = None
        self.impatient: Callable[[], None] = lambda: None
        """Called for such a signal when no child runs."""
        self._before: dict[int, Any] = {}

    def __enter__(self) -> SignalPassing:
        for number in (*ENDING, *OTHERS):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._pass_on)
        self._before[signal.SIGWINCH] = signal.signal(signal.SIGWINCH, self._resize)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def takes(self, child: Child | None) -> None:
        """From now on signals are for this child; one that came before it, too."""
        self._child = child
        if child is not None and self.received is not None:
            child.send_signal(self.received)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        if number in ENDING and self.received is None:
            self.received = number
        if self._child is None:
            if number in ENDING:
                self.impatient()
            return
        if number in ENDING:
            self._child.hurry()
        shared = not self._child.in_own_group and number in FROM_TERMINAL and in_foreground()
        if not shared:
            self._child.send_signal(number)

    def _resize(self, number: int, frame: FrameType | None) -> None:
        if self._child is not None:
            self._child.resized()
