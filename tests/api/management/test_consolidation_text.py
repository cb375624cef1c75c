"""What a person is told: each step that was taken, and what the legacy table cannot represent."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from api.management.consolidation_text import SHOWN, history_lines, legacy_gap_lines
from domain.consolidation.events import EVENTS
from projections.consolidation.legacy_gaps import LegacyGap
from projections.consolidation.presentation import WHAT

ONE = LegacyGap(UUID(int=1), 2_000_000_000_006, "is_overwrite", True, "there is no such column")
WHOLE = LegacyGap(UUID(int=2), 2_000_000_000_012, None, None, "it knows no files")


def test_no_gaps():
    assert legacy_gap_lines([]) == [
        "The legacy table represents everything that was recorded here."
    ]


def test_one_thing():
    assert legacy_gap_lines([ONE]) == [
        "One thing the legacy table cannot represent; it stays in the log:",
        "  00000000-0000-0000-0000-000000000001 (id 2000000000006): is_overwrite = true:"
        " there is no such column",
    ]


def test_a_whole_restore_is_named_as_such():
    lines = legacy_gap_lines([ONE, WHOLE])
    assert lines[0] == "2 things the legacy table cannot represent; they stay in the log:"
    assert lines[2].endswith("(id 2000000000012): the restore: it knows no files")


def test_of_many_the_first_are_shown_and_the_rest_counted():
    lines = legacy_gap_lines([WHOLE] * (SHOWN + 1_000))
    assert lines[0].startswith(f"{SHOWN + 1_000:,} things ")
    assert len(lines) == SHOWN + 2
    assert lines[-1] == "  … and 1,000 more: manage.py consolidation --unrepresentable"


def test_or_all_of_them():
    assert len(legacy_gap_lines([WHOLE] * (SHOWN + 1_000), None)) == SHOWN + 1_001


def test_all_are_shown_while_they_fit():
    lines = legacy_gap_lines([WHOLE] * SHOWN)
    assert len(lines) == SHOWN + 1
    assert "more" not in lines[-1]


# --- every step ------------------------------------------------------------------------------


def step(**says: Any) -> dict[str, Any]:
    return {
        "position": 12_345,
        "recorded_at": datetime(2024, 5, 1, 12, 30, 5, tzinfo=UTC),
        "actor": "ada",
        "reason": None,
        "what": "rolled back",
        **says,
    }


def test_a_step_is_a_line():
    assert history_lines([step(), step(position=7, actor="Zoë", reason="it is over")]) == [
        "    12,345 2024-05-01 12:30:05 UTC ada: rolled back",
        "         7 2024-05-01 12:30:05 UTC Zoë: rolled back (it is over)",
    ]


def test_one_that_has_a_certificate_says_its_hash():
    lines = history_lines([step(what="cut over", certificate="0f" * 32), step()])
    assert lines == [
        "    12,345 2024-05-01 12:30:05 UTC ada: cut over",
        f"           certificate {'0f' * 32}",
        "    12,345 2024-05-01 12:30:05 UTC ada: rolled back",
    ]


def test_a_verification_says_what_came_of_it():
    found = [step(what="verified", certificate="0f" * 32, equal=equal) for equal in (True, False)]
    assert history_lines(found)[1::2] == [
        f"           certificate {'0f' * 32}, equal",
        f"           certificate {'0f' * 32}, not equal",
    ]


def test_a_settled_zone_is_named():
    assert history_lines([step(what="the zone", zone="Asia/Tokyo", reason="so they say")]) == [
        "    12,345 2024-05-01 12:30:05 UTC ada: the zone: Asia/Tokyo (so they say)"
    ]


def test_columns_by_other_names_are_listed_and_those_of_the_same_name_are_not():
    def choice(how: str, *sources: str, reason: str | None = None) -> dict[str, Any]:
        return {"sources": sources, "how": how, "reason": reason}

    targets = {
        "id": choice("same name", "id"),
        "message": choice("none"),
        "size": choice("proposed", "bytes", "length"),
        "path": choice("decided", reason="it is a secret"),
    }
    assert history_lines([step(what="columns", columns={"a.Table": targets})])[1:] == [
        "           a.Table.size is filled by bytes, else length (proposed)",
        "           a.Table.path is filled by no column (decided: it is a secret)",
    ]


def test_every_event_of_the_consolidation_has_words():
    assert {event.TOPIC.partition(".")[2] for event in EVENTS} <= WHAT.keys()


def test_nobody_can_forge_a_line():
    forged = step(actor="eve\n        99 2024-05-01 12:30:05 root: retired", reason="\x1b[2K\rso")
    assert history_lines([forged]) == [
        r"    12,345 2024-05-01 12:30:05 UTC eve\n        99 2024-05-01 12:30:05 root: retired: "
        r"rolled back (\x1b[2K\rso)"
    ]
