"""What a command is told is refused while the line is read."""

from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from api.management.arguments import OptionsDoNotFit, at_least, refuse_nonsense


def test_a_number_that_is_large_enough_is_taken():
    assert (at_least(0)("0"), at_least(1)("1"), at_least(1)("12")) == (0, 1, 12)


@pytest.mark.parametrize(
    ("least", "text", "said"),
    [
        (0, "-1", "-1 is too small: 0 or more is needed"),
        (1, "0", "0 is too small: 1 or more is needed"),
        (1, "1.5", "'1.5' is not a whole number"),
        (1, "many", "'many' is not a whole number"),
    ],
)
def test_another_is_refused_in_words(least, text, said):
    with pytest.raises(ArgumentTypeError) as refused:
        at_least(least)(text)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"certificate": Path()}, "--certificate needs a file name."),
        ({"public_key": Path("/")}, "--public-key needs a file name."),
        ({"actor": "\udcff"}, "--actor is not valid UTF-8."),
        ({"out": Path("a\udcff")}, "--out is not valid UTF-8."),
    ],
)
def test_so_is_what_names_nothing(options, said):
    with pytest.raises(OptionsDoNotFit) as refused:
        refuse_nonsense(options)
    assert str(refused.value) == said


def test_anything_else_is_taken():
    refuse_nonsense(
        {"certificate": Path("c.json"), "actor": "王芳", "reason": "", "limit": 3, "out": None}
    )
