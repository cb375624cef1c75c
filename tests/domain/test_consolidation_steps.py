"""From planned to retired: which steps are allowed, and which are refused with the reason."""

from typing import Any
from uuid import UUID

import pytest

from domain.consolidation.consolidation import Consolidation
from domain.consolidation.errors import (
    IllegalStep,
    NotVerified,
    QuarantineNotAccepted,
    ReasonMissing,
)
from domain.consolidation.values import LegacyDigest, TableDigest

HOST = UUID("0c8f9c2e-7a52-4a55-8b43-0d6f4a8d7b01")
MAPPINGS = {"system_backups.RestoreLog": 1}
LEGACY = {"database_management_restorelog": LegacyDigest(rows=5, digest="d", log_digest="l")}


def imported() -> Consolidation:
    consolidation = Consolidation()
    consolidation.adopt(host_id=HOST, fingerprint="f", id_offset=10**12, actor="import")
    return consolidation


def verify(consolidation: Consolidation, position: int = 19, **other: Any) -> Consolidation:
    consolidation.certify(
        **{
            "purpose": "verify",
            "equal": True,
            "certificate": "c" * 64,
            "log_position": position,
            "chain_head": "h" * 64,
            "mappings": MAPPINGS,
            "tables": {"system_backups.RestoreLog": TableDigest(rows=12, digest="d")},
            "host_tables": {},
            "quarantined": 0,
            "actor": "ada",
            **other,
        }
    )
    return consolidation


def cut_over(consolidation: Consolidation, **other: Any) -> Consolidation:
    consolidation.cut_over(
        **{
            "mappings": MAPPINGS,
            "last_host_row": 19,
            "snapshot": "s" * 64,
            "quarantined": 0,
            "accepted_quarantined": None,
            "actor": "ada",
            **other,
        }
    )
    return consolidation


def retire(consolidation: Consolidation, **other: Any) -> Consolidation:
    consolidation.retire(
        **{
            "mappings": MAPPINGS,
            "last_host_row": 19,
            "legacy": LEGACY,
            "actor": "ada",
            "reason": "all is well",
            **other,
        }
    )
    return consolidation


def test_the_whole_way_there():
    consolidation = Consolidation()
    assert consolidation.state == "planned"
    assert imported().state == "imported"
    assert verify(imported()).state == "verified"
    there = cut_over(verify(imported()))
    assert there.state == "cut_over"
    assert retire(there).state == "retired"


def test_back_and_there_again_as_often_as_need_be():
    consolidation = verify(imported())
    for _ in range(3):
        cut_over(consolidation)
        consolidation.roll_back(unrepresentable=2, actor="ada", reason="the report was wrong")
        assert consolidation.state == "rolled_back"


def test_it_is_what_its_events_say():
    consolidation = retire(cut_over(verify(imported())))
    again = Consolidation.from_events(consolidation.id, consolidation.collect_events())
    assert (again.state, again.version) == ("retired", consolidation.version)
    assert again.verification is not None
    assert again.verification.certificate == "c" * 64


def test_a_verification_that_finds_differences_takes_the_word_back():
    assert verify(verify(imported()), equal=False).state == "imported"
    assert verify(cut_over(verify(imported())), equal=False).state == "cut_over"


@pytest.mark.parametrize(
    ("mappings", "last_host_row", "why"),
    [
        (MAPPINGS, 19, ""),
        (MAPPINGS, 20, "a host's row was imported at position 20"),
        ({"system_backups.RestoreLog": 2}, 19, "a mapping has changed"),
    ],
)
def test_a_verification_is_current_until_a_host_row_or_a_mapping_changes(
    mappings: dict[str, int], last_host_row: int, why: str
):
    assert verify(imported()).why_not_current(mappings, last_host_row).startswith(why)


def test_without_a_verification_none_is_current():
    assert imported().why_not_current(MAPPINGS, 0) == "it was never verified with a certificate"
    unequal = verify(imported(), equal=False)
    assert "found differences" in unequal.why_not_current(MAPPINGS, 0)


def test_nothing_can_be_cut_over_before_an_import():
    with pytest.raises(NotVerified, match="never verified"):
        cut_over(Consolidation())


def test_what_is_cut_over_cannot_be_cut_over_again():
    with pytest.raises(IllegalStep, match="it has been cut over"):
        cut_over(cut_over(verify(imported())))


def test_a_cut_over_needs_a_current_verification():
    with pytest.raises(NotVerified, match="never verified"):
        cut_over(imported())
    with pytest.raises(NotVerified, match="imported at position 20"):
        cut_over(verify(imported()), last_host_row=20)


@pytest.mark.parametrize("accepted", [None, 1, 3])
def test_quarantined_rows_are_accepted_by_their_number(accepted: int | None):
    with pytest.raises(QuarantineNotAccepted, match="accept_quarantined=2"):
        cut_over(verify(imported()), quarantined=2, accepted_quarantined=accepted, reason="known")


def test_more_cannot_be_accepted_than_there_are():
    with pytest.raises(QuarantineNotAccepted, match="No row is quarantined and 2 were accepted"):
        cut_over(verify(imported()), accepted_quarantined=2, reason="known")


@pytest.mark.parametrize(
    ("quarantined", "accepted", "said"),
    [
        (1, None, "1 row is quarantined and none was accepted"),
        (2, 1, "2 rows are quarantined and 1 was accepted"),
        (0, 1, "No row is quarantined and 1 was accepted"),
    ],
)
def test_the_numbers_are_said_in_words(quarantined: int, accepted: int | None, said: str):
    refused = str(QuarantineNotAccepted(quarantined, accepted))
    assert refused.startswith(said)
    assert refused.endswith("the number to accept is 0.") == (quarantined == 0)


def test_what_is_accepted_takes_a_reason_before_it_is_known_how_many_there_are():
    for reason in (None, "", "  "):
        with pytest.raises(ReasonMissing):
            Consolidation.refuse_acceptance(1, reason)
    Consolidation.refuse_acceptance(1, "known")
    Consolidation.refuse_acceptance(0, None)


def test_quarantined_rows_are_accepted_for_a_reason():
    with pytest.raises(ReasonMissing):
        cut_over(verify(imported()), quarantined=2, accepted_quarantined=2, reason=" ")
    accepted = cut_over(
        verify(imported()), quarantined=2, accepted_quarantined=2, reason="names too long"
    )
    assert accepted.cut_over_event is not None
    assert accepted.cut_over_event.accepted_quarantined == 2
    assert accepted.cut_over_event.metadata.reason == "names too long"


@pytest.mark.parametrize("make", [Consolidation, imported, lambda: verify(imported())])
def test_there_is_nothing_to_take_back_before_a_cut_over(make: Any):
    with pytest.raises(IllegalStep, match="nothing to roll back"):
        make().roll_back(unrepresentable=0, actor="ada", reason=None)


def test_what_is_retired_stays():
    retired = retire(cut_over(verify(imported())))
    for step in (
        lambda: retired.refuse_cut_over(),
        lambda: retired.refuse_roll_back(),
        lambda: retired.restore_snapshot(snapshot="s", scope="native", actor="a", reason=None),
        lambda: retire(retired),
    ):
        with pytest.raises(IllegalStep, match=r"it has been retired .* The migration is over\."):
            step()


def test_only_a_cut_over_can_be_retired_and_for_a_reason():
    with pytest.raises(IllegalStep, match="has to be cut over first"):
        retire(verify(imported()))
    with pytest.raises(ReasonMissing):
        retire(cut_over(verify(imported())), reason="")
    with pytest.raises(NotVerified, match="imported at position 30"):
        retire(cut_over(verify(imported())), last_host_row=30)


def test_a_snapshot_that_was_put_back_is_a_roll_back():
    consolidation = cut_over(verify(imported()))
    consolidation.restore_snapshot(snapshot="s", scope="native", actor="ada", reason=None)
    assert (consolidation.state, consolidation.cut_over_event) == ("rolled_back", None)
