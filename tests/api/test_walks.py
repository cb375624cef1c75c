"""Random walks: aggregate, tables and REST do what a model of a few lines says.

Each walk sends commands in a random order, allowed or not, some of them twice, and compares every
answer, both tables and the lists with the model. A seed that fails is a test to keep.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from infrastructure.event_store.models import Event
from tests.api.recorder import Recorder, recorder
from tests.support import here

BEGIN = datetime(2026, 2, 1, tzinfo=UTC)
ALLOWED = {
    "start": {"pending"},
    "progress": {"in_progress", "interrupted"},
    "complete": {"in_progress", "interrupted"},
    "fail": {"in_progress", "interrupted"},
    "interrupt": {"pending", "in_progress"},
    "cancel": {"pending", "in_progress", "interrupted"},
    "validate": {"completed", "partial"},
    "amend": {"pending", "in_progress", "completed", "partial", "failed", "cancelled",
              "interrupted"},
}  # fmt: skip
"""The rules, in words of their own."""


@dataclass
class Model:
    """What a restore must look like."""

    id: str
    kind: str
    state: str = "pending"
    version: int = 1
    row: dict[str, Any] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    """Numbered commands with their answers."""

    @property
    def shown(self) -> dict[str, Any]:
        status = "failed" if self.state == "interrupted" else self.state
        return {**self.row, "status": status, "version": self.version}


class Walk:
    def __init__(self, seed: int, ada: Recorder) -> None:
        self.random = random.Random(seed)
        self.ada = ada
        self.now = BEGIN
        self.models: list[Model] = []

    def tick(self) -> str:
        self.now += timedelta(seconds=self.random.randrange(1, 4000))
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def step(self) -> None:
        if len(self.models) < 2 or self.random.random() < 0.1:
            self.request()
            return
        model = self.random.choice(self.models)
        if model.sent and self.random.random() < 0.15:
            self.again(model)
        else:
            self.command(model, self.random.choice(list(ALLOWED)))

    def request(self) -> None:
        kind, at = self.random.choice(("database", "files")), self.tick()
        said = {"n": self.random.randrange(9)}
        body = {
            "name": f"restore {len(self.models)}",
            "restore_id": str(UUID(int=self.random.getrandbits(128), version=4)),
            "restore_type": kind,
            "requested_at": at,
            "attributes": said,
            "sequence": 1,
        }
        answer = self.ada.row("restores/", body, 201)
        model = Model(str(body["restore_id"]), kind)
        model.row = {
            "name": body["name"],
            "attributes": said,
            "created_at": at,
            "updated_at": at,
            "started_at": None,
            "completed_at": None,
            "duration_seconds": None,
            "message": "",
            "validation": None,
            "warnings_count": None,
        }
        model.sent.append(("", body, answer))
        self.models.append(model)
        self.compare(model, answer)

    def command(self, model: Model, command: str) -> None:
        at = self.tick()
        body, changed, after = self.said(model, command, at)
        path = "fail" if command == "interrupt" else command
        if model.state not in ALLOWED[command]:
            code = self.ada.refused(f"restores/{model.id}/{path}/", body)
            assert code.startswith("restore_"), (command, model.state, code)
            return
        if self.random.random() < 0.2:
            stale = f'"{model.version - 1}"'
            self.ada.refused(f"restores/{model.id}/{path}/", body, 412, If_Match=stale)
        if self.random.random() < 0.5:
            body["sequence"] = 100 + model.version
        match = f'"{model.version}"'
        answer = self.ada.row(f"restores/{model.id}/{path}/", body, If_Match=match)
        model.version += 1
        model.state = after or model.state
        model.row |= changed
        if "sequence" in body:
            model.sent.append((path, body, answer))
        self.compare(model, answer)

    def said(self, model: Model, command: str, at: str) -> tuple[Any, Any, str]:
        """The body, what it changes in the row, and the state after it."""
        match command:
            case "start":
                return {"started_at": at}, {"started_at": at, "updated_at": at}, "in_progress"
            case "progress":
                return {"percent": 50, "at": at}, {}, ""
            case "complete":
                outcome = self.random.choice(("completed", "partial"))
                count = self.random.choice((None, 0, 3))
                body = {"completed_at": at, "outcome": outcome, "warnings_count": count}
                return body, self.ended(model, at, "", count), outcome
            case "fail":
                body = {"failed_at": at, "message": "disk full", "warnings": ["a", "b"]}
                return body, self.ended(model, at, "disk full", 2), "failed"
            case "interrupt":
                body = {"failed_at": at, "cause": "interrupted"}
                return body, self.ended(model, at, "", None), "interrupted"
            case "cancel":
                ended = self.ended(model, at, "", None)
                if model.row["started_at"] is None:
                    ended["completed_at"] = None
                return {"cancelled_at": at}, ended, "cancelled"
            case "validate":
                result = self.random.choice(("passed", "failed"))
                body = {"result": result, "validated_at": at}
                return body, {"validation": result, "updated_at": at}, ""
            case _:
                name = f"amended {self.random.randrange(99)}"
                body = {"changes": {"name": name}, "reason": "typo", "amended_at": at}
                return body, {"name": name, "updated_at": at}, ""

    def ended(self, model: Model, at: str, message: str, count: int | None) -> dict[str, Any]:
        took, started = None, model.row["started_at"]
        if started is not None:
            took = int((self.now - datetime.fromisoformat(started)).total_seconds())
        return {
            "completed_at": at,
            "updated_at": at,
            "message": message,
            "duration_seconds": took,
            "warnings_count": count,
        }

    def again(self, model: Model) -> None:
        """A numbered command that was sent before gets its first answer, or a refusal."""
        path, body, answer = self.random.choice(model.sent)
        where = f"restores/{model.id}/{path}/" if path else "restores/"
        assert self.ada.row(where, body, 200 if path else 201) == answer
        other = {**body, "on_behalf_of": "somebody else"}
        assert self.ada.refused(where, other) == "sequence_taken"

    def compare(self, model: Model, answer: Any) -> None:
        assert {name: answer[name] for name in model.shown} == model.shown

    def compare_all(self) -> None:
        rows = {row["restore_id"]: row for row in self.ada.get("restores/")["results"]}
        legacy = {row["restore_id"]: row for row in self.ada.get("legacy/restores/")["results"]}
        assert set(rows) == {model.id for model in self.models}
        assert set(legacy) == {model.id for model in self.models if model.kind == "database"}
        for model in self.models:
            self.compare(model, rows[model.id])
            assert self.ada.get(f"restores/{model.id}/")["version"] == model.version
            if model.id in legacy:
                status = model.shown["status"]
                shown = "completed" if status == "partial" else status
                assert legacy[model.id]["status"] == shown
        of_restores = Event.objects.filter(topic__startswith="restore.").count()
        assert of_restores == sum(model.version for model in self.models)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_walk_does_what_the_model_says(database: str, seed: int):
    walk = Walk(seed, recorder())
    for _ in range(40):
        walk.step()
    walk.compare_all()
    here.run("rebuild")
    walk.compare_all()
