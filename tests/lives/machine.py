"""Drives aggregate, tables and REST together, and compares all of them with the model."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    multiple,
    precondition,
    rule,
)

from domain.restores.rules import RestoreCommand
from infrastructure.event_store.log import Log
from infrastructure.recording.restores import load_restore
from projections.services.interruption import mark_interrupted
from tests.api.recorder import Recorder
from tests.lives import bodies, model
from tests.lives.bodies import WHEN, When
from tests.lives.model import Body, Kept, Life, Row, Sent, read, shown

BEGIN = datetime(2026, 2, 1, tzinfo=UTC)
BEGUN = datetime.now(UTC)
MATCHES = st.sampled_from((None, None, None, "right", "stale"))


class Lives(RuleBasedStateMachine):
    """Restores and backups, recorded over REST in any order, allowed or not, some of it twice.

    One service is used for many runs: each looks at what it recorded itself, which has the run's
    own word in its attributes or path.
    """

    ada: ClassVar[Recorder]
    restores = Bundle("restores")
    backups = Bundle("backups")

    def __init__(self) -> None:
        super().__init__()
        self.run = uuid4().hex
        self.now = BEGIN
        self.lives: list[Life] = []
        self.kept: list[Kept] = []

    # What happens

    @precondition(lambda self: len(self.lives) < 3)
    @rule(target=restores, body=bodies.REQUEST, when=WHEN, data=st.data())
    def request(self, body: Body, when: When, data: st.DataObject) -> Any:
        body = self.named(body, data)
        return self.recorded(body, "requested_at", when, data)

    @precondition(lambda self: len(self.lives) < 4)
    @rule(target=restores, body=bodies.REQUEST, when=WHEN, data=st.data())
    def record_afterwards(self, body: Body, when: When, data: st.DataObject) -> Any:
        """One that is over already."""
        status = data.draw(st.sampled_from(sorted(bodies.OVER)), "status")
        end = data.draw(bodies.OVER[status], "end")
        body = {**self.named(body, data), "status": status, **end}
        if data.draw(st.integers(0, 3), "started"):
            body["started_at"] = data.draw(WHEN, "start").written(self.tick(60))
        return self.recorded(body, "completed_at", when, data)

    @rule(restore=restores, times=st.lists(WHEN, min_size=1, max_size=6), data=st.data())
    def some_commands(self, restore: Life, times: list[When], data: st.DataObject) -> None:
        """Mostly those that the state allows, or a restore would hardly come to its end."""
        for when in times:
            possible = data.draw(st.sampled_from((True, True, False)), "possible")
            which = [
                command
                for command in bodies.COMMANDS
                if restore.state in model.ALLOWED[command] or not possible
            ]
            self.carry_out(restore, data.draw(st.sampled_from(which), "command"), when, data)

    @rule(what=st.one_of(restores, backups), data=st.data(), other=st.booleans())
    def send_again(self, what: Life | Kept, data: st.DataObject, other: bool) -> None:
        """What was numbered and done gets its first answer, or is another command."""
        if not what.sent:
            return
        one = data.draw(st.sampled_from(what.sent), "which")
        if other:
            body = {**one.body, "on_behalf_of": "somebody else"}
            assert self.ada.refused(one.path, body) == "sequence_taken"
        else:
            assert self.ada.row(one.path, one.body, one.status) == one.answer

    @precondition(lambda self: len(self.kept) < 2)
    @rule(target=backups, body=bodies.BACKUP, when=WHEN, data=st.data())
    def register(self, body: Body, when: When, data: st.DataObject) -> Any:
        text, at = self.moment(when, None)
        body = {**body, "backup_id": str(uuid4()), "sequence": 1}
        if text is not None:
            body["registered_at"] = text
        if at > self.clock() + model.DAY:
            assert self.ada.refused("backups/", body, 422) == "time_in_future"
            return multiple()
        began = self.clock()
        answer = self.ada.row("backups/", body, 201)
        extra = {
            **{name: body[name] for name in ("format", "contents") if body.get(name)},
            **({"checksum": body["checksum"].lower()} if "checksum" in body else {}),
        }
        row: Row = {"backup_type": "database", "status": "completed", "database_name": "",
                    "file_path": "", "size_bytes": None}  # fmt: skip
        row |= {name: body[name] for name in ("name", *row) if name in body}
        at = self.happened(at, text, answer, began)
        kept = Kept(answer["backup_id"], {**row, "extra": extra, "created_at": at})
        kept.row |= {"updated_at": at, "id": answer["id"], "origin": "recorded"}
        kept.sent.append(Sent("backups/", body, 201, answer))
        self.kept.append(kept)
        self.compare_backup(kept, answer)
        return kept

    @rule(backup=backups, command=st.sampled_from(("verify", "verify", "expire")), when=WHEN,
          data=st.data(), match=MATCHES)  # fmt: skip
    def about_a_backup(
        self, backup: Kept, command: str, when: When, data: st.DataObject, match: str | None
    ) -> None:
        body = data.draw(bodies.OF_BACKUPS[command], "body")
        body, text, at = self.timed(body, model.TIME_OF[command], when, None)
        body |= {"sequence": 100 + backup.version}
        path, headers = f"backups/{backup.id}/{command}/", _match(match, backup.version)
        why = "backup_changed" if match == "stale" else backup.refusal(at, self.clock())
        if why is not None:
            status = 412 if why == "backup_changed" else model.status_of(why)
            assert self.ada.refused(path, body, status, **headers) == why
            return
        began = self.clock()
        answer = self.ada.row(path, body, **headers)
        backup.after(command, body, self.happened(at, text, answer, began))
        backup.sent.append(Sent(path, body, 200, answer))
        self.compare_backup(backup, answer)

    @precondition(lambda self: any(life.watched for life in self.lives))
    @rule()
    def watchers_are_gone(self) -> None:
        """Whatever has sent a heartbeat and goes on is marked as interrupted."""
        silent = [life for life in self.lives if life.watched and life.state == "in_progress"]
        began = self.clock()
        with override_settings(HEARTBEAT_SILENCE=-1):
            marked = {str(restore.id) for restore in mark_interrupted(actor="worker")}
        assert marked & {life.id for life in self.lives} == {life.id for life in silent}
        for life in self.lives:
            if life.watched and life not in silent:
                life.watched = False
        for life in silent:
            row = self.ada.get(f"restores/{life.id}/")
            assert row["message"].startswith("No heartbeat since ")
            at, started = read(row["completed_at"]), life.row["started_at"]
            assert at is not None
            # When it was last heard of, or as near to it as its start allows.
            possible = started is None or started <= at <= started + model.LONGEST
            assert possible
            assert BEGUN <= at <= began or at in (started, (started or at) + model.LONGEST)
            life.after("fail", {"message": row["message"], "cause": "interrupted"}, at)
            self.compare(life, row)

    # What is looked at

    @rule(restore=restores, data=st.data())
    def look_back(self, restore: Life, data: st.DataObject) -> None:
        """The trail has what was done, and the row as of each event is what it was."""
        trail = self.ada.get(f"restores/{restore.id}/events/?page_size=1000")["results"]
        assert [event["topic"] for event in trail] == restore.topics
        assert [event["stream_version"] for event in trail] == [*range(1, restore.version + 1)]
        version = data.draw(st.integers(1, restore.version), "version")
        position = trail[version - 1]["position"]
        then = self.ada.get(f"restores/{restore.id}/?as_of={position}")
        self.compare_rows(shown(then), restore.rows[version - 1])

    def teardown(self) -> None:
        """All tables, the lists of REST, and the aggregates are what the model says."""
        rows = self.listed("restores/")
        legacy = self.listed("legacy/restores/")
        assert set(rows) == {life.id for life in self.lives}
        assert set(legacy) == {life.id for life in self.lives if life.legacy_row is not None}
        for life in self.lives:
            self.compare(life, rows[life.id])
            if life.legacy_row is not None:
                self.compare_rows(shown(legacy[life.id]), life.legacy_row)
            aggregate = load_restore(Log(), UUID(life.id))
            assert aggregate.version == life.version
            for command in RestoreCommand:
                allowed = life.state in model.ALLOWED[command.replace("cause ", "")]
                assert (aggregate.refusal(command) is None) is allowed, (command, life.state)
        for kept in self.kept:
            self.compare_backup(kept, self.ada.get(f"backups/{kept.row['id']}/"))

    # How it is done

    def named(self, body: Body, data: st.DataObject) -> Body:
        """With an id of the client's, this run's word, and maybe a backup."""
        body = {**body, "restore_id": str(uuid4()), "sequence": 1}
        body["attributes"] = {**body["attributes"], "run": self.run}
        if self.kept and data.draw(st.booleans(), "from a backup"):
            backup = data.draw(st.sampled_from(self.kept), "backup")
            body["source_backup"] = data.draw(st.sampled_from((backup.id, backup.row["id"])))
        return body

    def recorded(self, body: Body, time_of_it: str, when: When, data: st.DataObject) -> Any:
        started = read(body.get("started_at"))
        body, text, at = self.timed(body, time_of_it, when, started)
        life = self.expected(body, at)
        why = self.why_not(body, at, started)
        if why is not None:
            assert self.ada.refused("restores/", body, model.status_of(why)) == why
            return multiple()
        began = self.clock()
        answer = self.posted("restores/", body, 201, data)
        # Without a time, the service's clock counts.
        at = self.happened(at, text, answer, began)
        life = self.expected(body, at)
        life.sent.append(Sent("restores/", body, 201, answer))
        self.lives.append(life)
        self.compare(life, answer)
        return life

    def why_not(self, body: Body, at: datetime, started: datetime | None) -> str | None:
        """Why it cannot be recorded; None if it can."""
        if (started or at) > self.clock() + model.DAY:
            return "time_in_future"
        if "status" not in body:
            return None
        trial = Life("", {"started_at": started}, "pending" if started is None else "in_progress")
        command = {"failed": "fail", "cancelled": "cancel"}.get(body["status"], "complete")
        unstarted = command == "cancel" or body.get("cause") == "not_started"
        if started is None and not unstarted:
            return "start_missing"
        return trial.refusal(command, body, at, self.clock())

    def expected(self, body: Body, at: datetime) -> Life:
        """The restore after its request, or after its whole life."""
        backup = next((one for one in self.kept
                       if body.get("source_backup") in (one.id, one.row["id"])), None)  # fmt: skip
        started = read(body.get("started_at"))
        over = "status" in body
        row: Row = {
            "name": body["name"],
            "source_backup": None if backup is None else backup.row["id"],
            "in_legacy": backup is not None and backup.in_legacy,
            "status": "pending",
            "restore_type": body.get("restore_type", "database"),
            "trigger_type": body.get("trigger_type", "manual"),
            "target_database": body.get(
                "target_database", "" if backup is None else backup.row["database_name"]
            ),
            "is_overwrite": body.get("is_overwrite", False),
            "message": "" if over else body.get("message", ""),
            "attributes": body["attributes"],
            "created_at": started or at,
            "updated_at": started or at,
            "origin": "recorded",
            "created_by": None,
            "created_by_username": "ada",
            **dict.fromkeys(("started_at", "completed_at", "duration_seconds", "validation",
                             "warnings_count")),
        }  # fmt: skip
        life = Life(body["restore_id"], row)
        life.event("restore.Requested")
        if over:
            if started is not None:
                life.after("start", {}, started)
            command = {"failed": "fail", "cancelled": "cancel"}.get(body["status"], "complete")
            life.after(command, {**body, "outcome": body["status"]}, at)
        return life

    def carry_out(self, life: Life, command: str, when: When, data: st.DataObject) -> None:
        body = data.draw(bodies.COMMANDS[command], "body")
        match = data.draw(MATCHES, "If-Match") if command != "heartbeat" else None
        path, headers = f"restores/{life.id}/{command}/", _match(match, life.version)
        if command == "heartbeat":
            why = life.refusal(command, body, self.now, self.clock())
            if why is not None:
                assert self.ada.refused(path, body) == why
            else:
                assert self.ada.row(path, body) == {"silence_seconds": 120}
                life.watched = True
            return
        in_legacy = False
        if command == "amend" and self.kept and data.draw(st.booleans(), "another backup"):
            backup = data.draw(st.sampled_from(self.kept), "backup")
            body = {**body, "changes": {**body["changes"], "source_backup": backup.row["id"]}}
            in_legacy = backup.in_legacy
        body, text, at = self.timed(body, model.TIME_OF[command], when, life.row["started_at"])
        if data.draw(st.booleans(), "numbered"):
            body["sequence"] = 100 + life.version
        why = life.refusal(command, body, at, self.clock())
        why = "restore_changed" if match == "stale" else why
        began = self.clock()
        if why is not None:
            answer = self.posted(path, body, model.status_of(why), data, headers)
            assert answer["code"] == why
            return
        answer = self.posted(path, body, 200, data, headers)
        if command != "progress":  # which is not seen in the row
            at = self.happened(at, text, answer, began)
        life.after(command, body, at, in_legacy)
        if "sequence" in body:
            life.sent.append(Sent(path, body, 200, answer))
        self.compare(life, answer)

    def posted(
        self,
        path: str,
        body: Body,
        status: int,
        data: st.DataObject,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """The answer; now and then with a key, twice, and with the key for something else."""
        headers = headers or {}
        if not data.draw(st.sampled_from((False, False, False, True)), "with a key"):
            return self.ada.row(path, body, status, **headers)
        headers = {**headers, "Idempotency_Key": uuid4().hex}
        answer = self.ada.row(path, body, status, **headers)
        assert self.ada.row(path, body, status, **headers) == answer
        other = {**body, "on_behalf_of": "somebody else"}
        assert self.ada.refused(path, other, 422, **headers) == "idempotency_key_reused"
        return answer

    # Times

    def tick(self, seconds: int) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    def clock(self) -> datetime:
        """The service's, which is this process's."""
        return datetime.now(UTC)

    def moment(self, when: When, started: datetime | None) -> tuple[str | None, datetime]:
        """What is sent, and when that is."""
        match when.kind:
            case "not said":
                return None, self.clock()
            case "future":
                at = self.clock() + timedelta(days=2)
            case "earlier":
                at = (started or self.now) - timedelta(seconds=when.seconds)
            case _:
                at = self.tick(when.seconds) + timedelta(microseconds=when.micros)
        return when.written(at), at

    def timed(
        self, body: Body, name: str, when: When, started: datetime | None
    ) -> tuple[Body, str | None, datetime]:
        text, at = self.moment(when, started)
        return ({**body} if text is None else {**body, name: text}), text, at

    def happened(self, at: datetime, text: str | None, answer: Row, began: datetime) -> datetime:
        """When it happened: if nobody said, while the request was at work."""
        if text is not None:
            return at
        told = read(answer["updated_at"])
        assert told is not None
        assert began <= told <= self.clock(), (began, told)
        return told

    # Comparing

    def listed(self, path: str) -> dict[str, Row]:
        found = self.ada.get(f"{path}?extra.run={self.run}&page_size=1000")["results"]
        return {row["restore_id"]: row for row in found}

    def compare(self, life: Life, answer: Row) -> None:
        self.compare_rows(shown(answer), {**life.row, "version": life.version})

    def compare_backup(self, kept: Kept, answer: Row) -> None:
        self.compare_rows(shown(answer), {**kept.row, "version": kept.version})

    def compare_rows(self, answer: Row, must: Row) -> None:
        wanted = {name: value for name, value in must.items() if name != "in_legacy"}
        assert {name: answer[name] for name in wanted} == wanted


def _match(match: str | None, version: int) -> dict[str, str]:
    if match is None:
        return {}
    return {"If_Match": f'"{version if match == "right" else version + 1}"'}
