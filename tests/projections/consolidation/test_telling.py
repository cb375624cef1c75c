"""What a person is told of a roll-back: all that the legacy table cannot say, or how much more."""

from uuid import UUID

from projections.consolidation.telling import SHOWN, unsaid_lines
from projections.consolidation.unrepresentable import Unsaid

ONE = Unsaid(UUID(int=1), 2_000_000_000_006, "is_overwrite", True, "there is no such column")
WHOLE = Unsaid(UUID(int=2), 2_000_000_000_012, None, None, "it knows no files")


def test_nothing_is_unsaid():
    assert unsaid_lines([]) == ["The legacy table says everything that was recorded here."]


def test_one_thing():
    assert unsaid_lines([ONE]) == [
        "One thing the legacy table cannot say; it stays in the log:",
        "  00000000-0000-0000-0000-000000000001 (id 2000000000006): is_overwrite = True:"
        " there is no such column",
    ]


def test_a_whole_restore_is_named_as_such():
    lines = unsaid_lines([ONE, WHOLE])
    assert lines[0] == "2 things the legacy table cannot say; they stay in the log:"
    assert lines[2].endswith("(id 2000000000012): the restore: it knows no files")


def test_of_many_the_first_are_shown_and_the_rest_counted():
    lines = unsaid_lines([WHOLE] * (SHOWN + 1_000))
    assert lines[0].startswith(f"{SHOWN + 1_000:,} things ")
    assert len(lines) == SHOWN + 2
    assert lines[-1] == "  … and 1,000 more: manage.py consolidation --unrepresentable"


def test_or_all_of_them():
    assert len(unsaid_lines([WHOLE] * (SHOWN + 1_000), None)) == SHOWN + 1_001


def test_all_are_shown_while_they_fit():
    lines = unsaid_lines([WHOLE] * SHOWN)
    assert len(lines) == SHOWN + 1
    assert "more" not in lines[-1]
