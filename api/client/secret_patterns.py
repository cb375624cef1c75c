"""What a secret looks like in a text: in URLs, assignments, options, headers, keys.

Every pattern is bounded, so that a hostile text of 64 KB costs no more than a friendly one.
Too much hidden is a nuisance; too little is a leak. So a value ends at a blank, not at a comma.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .secret_options import OPTIONS, SecretOption

MASK = "***"

WORD = (
    r"(?:pass(?:word|wd|phrase|code)|passwort|kennwort|(?<![a-z])pass(?![a-z])|(?<![a-z])pwd|secret"
    r"|token|credential|signature|(?:api|access|account|shared|storage|encryption|private|signing"
    r"|master|auth|service)[_ -]?key|_auth(?![a-z]))"
)
"""A name with one of these words in it has a secret for a value."""

_QUOTED = r"\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.|'')*'?|\\\"[^\n]*?\\\""
_SHELL_WORD = r"(?:'[^'\n]*'?|\"[^\"\n]*\"?|[^\s'\"])+"
_ASSIGNS = rf"{WORD}[\w.-]{{0,40}}\\?[\"']?\]?[ \t]{{0,9}}(?:=>|:=|[=:])"
_BY = r"identified\s{1,9}(?:with\s{1,9}\S{1,60}\s{1,9})?(?:by|as)(?:\s{1,9}password)?"

_PATTERNS = [
    # Keys and certificates of more than one line; also those whose beginning was cut off.
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?P<secret>[\s\S]*?)"
    r"(?:-----END [A-Z ]{0,30}KEY-----|\Z)",
    r"\A(?P<secret>(?:[\w+/=]{1,100}\r?\n)*)-----END [A-Z ]{0,30}PRIVATE KEY-----",
    # The password in a URL, up to the last @ of the word: it may contain one.
    r"\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@]{0,200}:(?P<secret>[^\s]{1,500})@",
    r"[?&](?:[\w.-]{0,40}(?:sig|signature|key|credential)|code)=(?P<secret>[^\s&\"']+)",
    # Headers.
    r"\b(?:proxy-)?authorization[\"']?[ \t]{0,9}[:=][ \t]{0,9}(?P<secret>[^\n]+)",
    r"\b(?:set-)?cookie:[ \t]{0,9}(?P<secret>[^\n]+)",
    r"\b(?:bearer|basic)[ \t]{1,9}(?P<secret>[\w+/=.~-]{6,})",
    # name=value, name: value, "name": "value". After a blank it may have more than one word.
    rf"{_ASSIGNS}[ \t]{{0,9}}(?P<secret>{_QUOTED})",
    rf"{_ASSIGNS}[ \t]{{1,9}}(?P<secret>[^\s\"'][^\n]*)",
    rf"{_ASSIGNS}(?P<secret>{_SHELL_WORD})",
    rf"<\w{{0,40}}{WORD}\w{{0,40}}>(?P<secret>[^<\n]+)<",
    r"\bpassword[ \t]{1,9}for[ \t]{1,9}[^\n:]{1,60}:[ \t]{0,9}(?P<secret>[^\s][^\n]*)",
    # Options with the value in the next word.
    rf"(?<!\S)(?:--[\w-]{{0,40}}|-){WORD}[\w-]{{0,40}}[ \t]{{1,9}}(?P<secret>(?!-){_SHELL_WORD})",
    r"_(?:access_key|session_token|password)[ \t]{1,9}(?P<secret>(?!-)" + _SHELL_WORD + ")",
    r"\b(?:pass|file-pass):(?P<secret>\S+)",
    # SQL.
    r"^[ \t]{0,9}conn(?:ect)?[ \t]{1,9}[\w$#.]{1,60}/(?P<secret>[^\s@]+)",
    rf"\b(?:password|{_BY})\s{{1,9}}(?P<secret>{_QUOTED})",
    r"\b(?P<secret>SCRAM-SHA-256\$[^\s'\"]+|md5[0-9a-f]{32}\b)|(?P<hash>\$2[aby]\$[^\s'\"]+)",
    # A line of PostgreSQL's password file.
    r"^[\w.*-]{1,200}:(?:\d{1,5}|\*):[^:\s]{1,100}:[^:\s]{1,100}:(?P<secret>\S+)$",
    # Keys that say by their form what they are.
    r"\b(?P<secret>(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}"
    r"|xox[abeprs]-[\w-]{10,}|[sr]k_(?:live|test)_\w{10,}|sk-[\w-]{20,}|AIza[\w-]{30,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|hv[sb]\.[\w-]{16,}|npm_\w{30,}|dop_v1_\w{30,}"
    r"|AGE-SECRET-KEY-1[0-9A-Z]{20,})",
]
PATTERNS = [re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in _PATTERNS]


def _called(option: SecretOption) -> re.Pattern[str]:
    """The program, and the rest of its line."""
    return re.compile(
        rf"(?:^|(?<=[\s/;|&('\"]))(?:{option.programs})(?=[ \t])(?P<rest>[^\n]*)", re.M
    )


def _given(option: SecretOption) -> re.Pattern[str]:
    """The option with its secret."""
    names = "|".join(map(re.escape, option.options))
    between = r"[ \t=]{0,9}" if option.next_word and names else ""
    user = rf"['\"]?[^\s{option.mark}'\"]{{0,100}}{option.mark}" if option.mark else ""
    return re.compile(rf"(?<!\S)(?:{names}){between}{user}(?P<secret>{_SHELL_WORD})")


PROGRAMS = [(_called(option), _given(option)) for option in OPTIONS]


def hide(text: str) -> tuple[str, list[str]]:
    """The text with a mask in the place of each secret, and the secrets."""
    parts, found, end = [], [], 0
    for begin, until in sorted(_secrets(text)):
        found.append(text[begin:until])
        if until <= end:
            continue
        if begin >= end:
            parts += [text[end:begin], MASK]
        end = until
    return "".join([*parts, text[end:]]), [one for one in found if one and one != MASK]


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    """Where this text has secrets: beginning and end of each. They may overlap."""
    for pattern in PATTERNS:
        for found in pattern.finditer(text):
            yield _inside_quotes(text, *found.span(found.lastgroup or 0))
    for program, option in PROGRAMS:
        for called in program.finditer(text):
            for found in option.finditer(text, *called.span("rest")):
                yield _inside_quotes(text, *found.span("secret"))


def _inside_quotes(text: str, begin: int, end: int) -> tuple[int, int]:
    """Without the quotation marks around the value."""
    if end - begin >= 2 and text[begin] in "\"'" and text[end - 1] == text[begin]:
        return begin + 1, end - 1
    return begin, end
