"""Takes secrets out of everything that is recorded or printed.

A secret is known in two ways: by its form (`secret_patterns`, `command_words`), or because the
environment or the command line gave its value away. A value that is known is hidden wherever it
is met. The environment itself is never recorded.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from .command_words import hide_words
from .secret_patterns import MASK, WORD, hide

SHORTEST = 4
"""Values with fewer characters are hidden only where their form gives them away."""
_NAMES = re.compile(rf"(?i){WORD}|(?:^|_)(?:key|auth|dsn)(?:$|_)")
_NO_SECRETS = re.compile(r"(?i)^(?:old)?pwd$|_(?:file|path|dir|sock|socket|command|id|name|url)$")
_WORDS = frozenset({"true", "false", "none", "null", "default", "auto", "always", "never"})
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|\x1b[@-Z\\^_]"
)


class Redactor:
    """Hides the secrets of one environment and of the commands that it has seen."""

    def __init__(
        self, environment: Mapping[str, str] | None = None, secrets: Iterable[str] = ()
    ) -> None:
        self._literals: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self.learn(secrets)
        for name, value in (environment or {}).items():
            if _NAMES.search(name) and not _NO_SECRETS.search(name) and not _is_plain(value):
                self.learn([value])
            self.learn(hide(value)[1])

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide these values from now on, also percent-encoded, quoted or in Base64."""
        for secret in secrets:
            self._literals.update(_forms(secret.strip()))
        ordered = sorted(self._literals, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def text(self, text: str) -> str:
        """The text without its secrets."""
        return hide(self._without_known(text))[0]

    def command(self, words: Sequence[str]) -> str:
        """A command as a line for the shell, without its secrets, which are hidden from now on."""
        shown, secrets = hide_words(words)
        self.learn(secrets)
        line = " ".join(_quoted(word) for word in shown)
        return _unicode(self._without_known(line))

    def output(self, written: bytes) -> str:
        """What a program wrote, as text: no secrets, no colours, each line as it looks at last."""
        for literal in self._literals:
            if not literal.isascii():
                written = written.replace(os.fsencode(literal), MASK.encode())
        text = written.decode("utf-8", "replace").replace("\r\n", "\n")
        lines = _ESCAPES.sub("", text).split("\n")
        text = "\n".join(line.rpartition("\r")[2] for line in lines)
        return self.text(text).replace("\0", "\ufffd")

    def value(self, value: Any, name: str = "") -> Any:
        """A JSON value without secrets; `name` is the member that it is the value of."""
        if isinstance(value, str):
            if value and name and re.search(f"(?i){WORD}", name):
                self.learn([value])
                return MASK
            return _unicode(self.text(value))
        if isinstance(value, Mapping):
            return {str(key): self.value(one, str(key)) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(one) for one in value]
        return value

    def _without_known(self, text: str) -> str:
        return self._known.sub(MASK, text) if self._known else text


def _is_plain(value: str) -> bool:
    """Whether a variable's value is no secret, whatever its name: a switch, a size, a path."""
    word = value.strip().lower()
    return word in _WORDS or (word.isdigit() and len(word) < 6) or os.path.exists(value)


def _forms(secret: str) -> set[str]:
    """How this value may be written. Of several lines, each is a secret of its own."""
    forms = {secret, unquote(secret)}
    for plain in (secret, unquote(secret)):
        encoded = plain.encode("utf-8", "surrogateescape")
        forms |= {
            quote(plain, safe="", errors="surrogateescape"),
            quote_plus(plain, errors="surrogateescape"),
            json.dumps(plain)[1:-1],
            json.dumps(plain, ensure_ascii=False)[1:-1],
            plain.replace("'", "''"),
            plain.replace("'", "'\"'\"'"),
            plain.replace("'", "'\\''"),
            base64.b64encode(encoded).decode().rstrip("="),
        }
    if "\n" in secret:
        forms |= {line.strip() for line in secret.splitlines() if len(line.strip()) >= 8}
    return {form for form in forms if len(form) >= SHORTEST and form.strip("*")}


def _quoted(word: str) -> str:
    """As the shell reads it. A mask needs no quotation marks."""
    rest = word.replace(MASK, "")
    return word if word and rest in ("", shlex.quote(rest)) else shlex.quote(word)


def _unicode(text: str) -> str:
    """Without what neither JSON nor a database can hold."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\ufffd")
