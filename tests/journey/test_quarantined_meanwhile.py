"""Rows that no table can hold, and that became so, or no longer are, while a step was at work."""

import json
from typing import Any
from uuid import UUID

import pytest

from domain.consolidation.errors import QuarantineNotAccepted
from infrastructure.event_store.log import Log
from infrastructure.recording import restores
from projections.consolidation import steps
from projections.consolidation.step_request import StepRequest
from projections.consolidation.steps import cut_over, retire
from projections.engine.models import WithheldRow
from tests.journey import looking
from tests.journey.stage import Stage
from tests.support import here, raw

LEGACY = "database_management_restorelog"
TOO_LONG = "n" * 300
two = pytest.mark.parametrize("quarantine", [2])


def amend(restore: Any, **changes: Any) -> None:
    restores.amend_restore(
        Log(), UUID(str(restore)), changes, actor="clerk", reason="it was not so"
    )


def standing(stage: Stage, which: int) -> Any:
    """A legacy row that stands in both tables."""
    return raw.value(stage.service, f"SELECT restore_id FROM {LEGACY} WHERE id = {50 + which}")


def withheld() -> list[UUID]:
    return sorted(set(WithheldRow.objects.values_list("stream_id", flat=True)))


def cut_over_with(stage: Stage, accepted: int, at_the_switch: Any) -> None:
    cut_over(
        stage.host,
        StepRequest("ops", "known", accepted),
        certificate=looking.certificate(stage),
        snapshot=looking.snapshot(stage),
        on_phase=lambda phase: at_the_switch() if phase == "switch" else None,
    )


@two
def test_a_cut_over_is_refused_for_one_more(small: Stage):
    looked = looking.seen(small)
    with pytest.raises(QuarantineNotAccepted, match="3 rows are quarantined"):
        cut_over_with(small, 2, lambda: amend(standing(small, 0), name=TOO_LONG))
    assert looking.state() == looked.state
    assert not looking.certificate(small).exists()
    here.run("project")
    cut_over_with(small, 3, lambda: None)
    assert looking.state() == "cut_over"
    assert content(small)["quarantined"]["count"] == 3


def test_where_others_are_quarantined_than_were_verified_it_begins_anew(small: Stage):
    one, other = standing(small, 0), standing(small, 1)
    amend(one, name=TOO_LONG)
    here.run("project")
    switches = []

    def change_places() -> None:
        if not switches:
            amend(one, name="short")
            amend(other, name=TOO_LONG)
        switches.append(1)

    cut_over_with(small, 1, change_places)
    assert len(switches) == 2
    assert withheld() == [UUID(str(other))]
    named = content(small)["quarantined"]
    assert (named["count"], named["accepted"]) == (1, 1)
    assert {row["pk"] for row in named["rows"]} == {51, 10**12 + 51}


@two
def test_a_retirement_is_refused_for_one_more(small: Stage, monkeypatch: pytest.MonkeyPatch):
    cut_over_with(small, 2, lambda: None)
    after_verification(monkeypatch, lambda: amend(standing(small, 0), name=TOO_LONG))
    with pytest.raises(QuarantineNotAccepted, match="3 rows are quarantined"):
        retire(small.host, StepRequest("ops", "over"), certificate=small.folder / "final.json")
    assert looking.state() == "cut_over"
    assert not (small.folder / "final.json").exists()


@pytest.mark.parametrize("behind", [False, True])
def test_a_retirement_compares_what_was_recorded_meanwhile(
    small: Stage, monkeypatch: pytest.MonkeyPatch, behind: bool
):
    looking.cut_over(small)

    def meanwhile() -> None:
        for which in range(3):
            amend(standing(small, which), name="amended")
        if not behind:
            here.run("project")

    after_verification(monkeypatch, meanwhile)
    retire(small.host, StepRequest("ops", "over"), certificate=small.folder / "final.json")
    said = json.loads((small.folder / "final.json").read_text())["certificate"]
    # Three restores, each looked for in two tables.
    assert said["touched"] == {"rows": 6, "position": said["log"]["position"]}
    assert here.run("verify", "--json", source=small.host).json["equal"]


def content(stage: Stage) -> Any:
    return json.loads(looking.certificate(stage).read_text())["certificate"]


def after_verification(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    verified = steps.verified

    def and_then(*args: Any) -> Any:
        found = verified(*args)
        act()
        return found

    monkeypatch.setattr(steps, "verified", and_then)
