"""Secrets in the words of a command. Each word is whole, so no quoting has to be guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from .secret_options import OPTIONS, PROMPTING, SecretOption, is_program
from .secret_patterns import MASK, WORD, hide

_ASSIGNED = re.compile(rf"(?is)([^=\s'\"]*{WORD}[^=\s'\"]*=)(.+)()")
_IN_URL = re.compile(r"(?is)([a-z][a-z0-9+.-]*://[^/:@\s]*:)(.+)(@.*)")
_NEXT = re.compile(rf"(?i)(?:--[\w-]*|-){WORD}[\w-]*|\w*_(?:access_key|session_token|password)")
_SCRIPT = re.compile(r"-[a-z]*c")

Parts = tuple[str, str, str]
"""What stands before the secret, the secret, and what stands after it."""


def hide_words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words with masks, and the secrets that were in them."""
    shown: list[str] = []
    found: list[str] = []
    program, before = "", ""
    for word in words:
        for first, secret, last in _parts(word, before, program):
            shown.append(f"{first}{MASK}{last}")
            found.append(secret)
            break
        else:
            text, secrets = hide(word)
            shown.append(text)
            found += secrets
            name = PurePath(word).name
            if is_program(name):
                program = name
        before = word
    return shown, found


def _parts(word: str, before: str, program: str) -> Iterator[Parts]:
    """The word's parts, if there is a secret in it."""
    named = _NEXT.fullmatch(before) and not PROMPTING.match(program)
    if named and not (word.startswith("-") and len(word) > 1):
        kind, colon, secret = word.partition(":")
        yield (f"{kind}:", secret, "") if colon and kind == "pass" else ("", word, "")
    for pattern in (_ASSIGNED, _IN_URL):
        match = pattern.fullmatch(word)
        if match and not _SCRIPT.fullmatch(before):
            yield match[1], match[2], match[3]
    for option in OPTIONS:
        if option.of(program):
            yield from _after_option(word, before, option)


def _after_option(word: str, before: str, option: SecretOption) -> Iterator[Parts]:
    for name in option.options:
        if option.next_word and name and before == name and word:
            yield from _after_mark("", word, option.mark)
        elif word.startswith(name) and len(word) > len(name):
            yield from _after_mark(name, word[len(name) :], option.mark)


def _after_mark(name: str, value: str, mark: str) -> Iterator[Parts]:
    user, found, secret = value.partition(mark) if mark else ("", "", value)
    place = ""
    if mark == "/" and "@" in secret:
        secret, at, name_of = secret.rpartition("@")
        place = at + name_of
    if secret:
        yield f"{name}{user}{found}", secret, place
