"""Whatever a terminal would obey is shown instead."""

import json

import pytest

from domain.text import is_shown
from infrastructure.printable import json_text, printable

OBEYED = {
    "\x1b": "\\x1b",
    "\x07": "\\x07",
    "\r": "\\r",
    "\n": "\\n",
    "\t": "\\t",
    "\x7f": "\\x7f",
    "\x9b": "\\x9b",
    "\x85": "\\x85",
    "\u2028": "\\u2028",
    "\u202e": "\\u202e",
    "\u2066": "\\u2066",
    "\u200f": "\\u200f",
    "\u200b": "\\u200b",
    "\ufeff": "\\ufeff",
    "\udc80": "\\udc80",
    "\U000e0041": "\\U000e0041",
}


@pytest.mark.parametrize(("character", "spelled"), OBEYED.items())
def test_a_character_that_a_terminal_would_obey_is_spelled_out(character: str, spelled: str):
    assert printable(f"a{character}z") == f"a{spelled}z"
    assert not is_shown(character)


def test_what_people_write_stays_as_it_is():
    text = "Łucja's “näkkileipä” 日本語 ‒ 12\u00a0% {x} [b] :smile: C:\\new 😀"
    assert printable(text) == text


def test_breaks_of_lines_stay_where_the_text_has_lines_of_its_own():
    assert printable("a\nb\x1b[1m\rc", keep="\n") == "a\nb\\x1b[1m\\rc"


def test_json_means_the_same_and_has_nothing_that_a_terminal_would_obey():
    value = {"name": "".join(c for c in OBEYED if c != "\udc80"), "é\u202e": ["日本", "\x9bm"]}
    text = json_text(value)
    assert json.loads(text) == value
    assert all(map(is_shown, text))
    assert "日本" in text
