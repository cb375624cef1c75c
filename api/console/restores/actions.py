"""What can be done about one restore on pages. Whether its state allows it, the domain says."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from rest_framework import serializers

from api.console.restores.action_forms import REASON, AskedField
from api.v1.restores.bodies import AmendBody, CancelBody, FailBody, ValidateBody
from domain.restores.restore import Restore
from domain.restores.rules import RestoreCommand
from projections.services import record
from projections.services.appending import Appended

NOW = "In UTC, such as 2026-01-31 22:00, 22:30 or 2h. Empty: now"


@dataclass(frozen=True)
class Action:
    """An action: what its page says, what its form asks, and the service that records it."""

    name: str
    title: str
    what: str
    command: RestoreCommand
    body: type[serializers.Serializer]
    asked: tuple[AskedField, ...]
    record: Callable[..., Appended[Restore]]


ACTIONS = {
    action.name: action
    for action in (
        Action(
            "validate",
            "Record a check of the data",
            "This records whether the restored data was found to be right. The status stays as it "
            "is. If it is checked again, the last check counts.",
            RestoreCommand.VALIDATE,
            ValidateBody,
            (
                AskedField("result", "Result"),
                AskedField("check", "Which check", "Such as: row counts against the source"),
                AskedField("output", "What it printed", "The end of it, without passwords"),
                AskedField("validated_at", "When", NOW),
                REASON,
            ),
            record.validate_restore,
        ),
        Action(
            "amend",
            "Correct a value",
            "This corrects one column of the restore’s row. The log keeps the old value, the new "
            "one, your name and the reason. The host is not changed.",
            RestoreCommand.AMEND,
            AmendBody,
            (),
            record.amend_restore,
        ),
        Action(
            "cancel",
            "Record a cancellation",
            "This records that the restore was cancelled. It does not stop a program: if one is "
            "running, stop it first.",
            RestoreCommand.CANCEL,
            CancelBody,
            (
                AskedField("message", "Message", "What happened. The restore’s row shows it"),
                AskedField("cancelled_at", "When", NOW),
                REASON,
            ),
            record.cancel_restore,
        ),
        Action(
            "interrupt",
            "Mark interrupted",
            "This records that the restore failed because whoever watched it is gone, and that "
            "nobody knows how it ended. If its program reports an end after all, that end replaces "
            "this one, once.",
            RestoreCommand.INTERRUPT,
            FailBody,
            (
                AskedField("failed_at", "When it was last seen", NOW),
                AskedField("message", "Message", "What is known. The restore’s row shows it"),
                REASON,
            ),
            partial(record.fail_restore, cause="interrupted"),
        ),
    )
}
"""By name, in the order in which pages offer them."""


def possible_actions(restore: Restore) -> list[Action]:
    """The actions that the restore's state allows."""
    return [action for action in ACTIONS.values() if restore.refusal(action.command) is None]


def recorded_by_form(restore: Restore, key: Any) -> Any:
    """The event that the form with this key recorded; None if it recorded none."""
    its = (event for event in restore.events if event.metadata.correlation == key)
    return next(its, None)
