"""The commands on restores: from the request to the end, and corrections afterwards."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.v1 import idempotency
from api.v1.etags import expected_versions
from api.v1.folded import folded_row
from api.v1.recording import Recording, answered, documented
from api.v1.restores import bodies, lookup
from api.v1.restores.naming_backups import with_amended_backup, with_backup
from api.v1.restores.serializers import RestoreRecordedSerializer
from api.v1.rows import row_shown
from domain.restores.restore import Restore
from projections.services import record
from projections.services.record import RecordingService
from projections.system_backups.models import RestoreLog

LABEL = RestoreLog._meta.label


def restore_answer(request: Request, restore: Restore, status: int) -> idempotency.Recorded:
    """The answer: the restore's row by its own events."""
    row = row_shown(RestoreRecordedSerializer, folded_row(restore, LABEL), request)
    return idempotency.Recorded(row, restore.version, restore.events[-1].position, status)


def answer_request(request: Request, given: dict[str, Any]) -> Response:
    """Record a restore that was requested, or that is over; answer with its row and address."""
    given = with_backup(given)
    service = record.record_finished_restore if "status" in given else record.request_restore

    def act(keep: idempotency.Keep) -> idempotency.Done:
        return service(
            **given, keep=lambda restore: keep(restore_answer(request, restore, HTTPStatus.CREATED))
        )

    response = idempotency.once(request, act)
    address = reverse("v1:restore", args=[response.data["restore_id"]], request=request)
    return answered(response, {"Location": address})


class RestoreRecording(Recording):
    """A command on a restore, by its id in the consolidated table or by its UUID."""

    serializer_class = RestoreRecordedSerializer
    filter_backends = ()
    pagination_class = None
    service: ClassVar[RecordingService[Restore]]

    def carry_out(self, request: Request, id: str) -> Response:
        given = self.given(request)
        restore_id = lookup.stream(RestoreLog, id)
        versions = expected_versions(request)
        service: Callable[..., Any] = type(self).service

        def act(keep: idempotency.Keep) -> idempotency.Done:
            return service(
                restore_id,
                **given,
                expected_versions=versions,
                keep=lambda restore: keep(restore_answer(request, restore, HTTPStatus.OK)),
            )

        return answered(idempotency.once(request, act), {})


def command(name: str, body: Any) -> Any:
    """The schema of a command on a restore."""
    return documented(f"restores_{name}", body, RestoreRecordedSerializer, "restores")


class StartRestore(RestoreRecording):
    """Record that the restore command started. Only a pending restore can."""

    body = bodies.StartBody
    service = staticmethod(record.start_restore)

    @command("start", bodies.StartBody)
    def post(self, request: Request, id: str) -> Response:
        return self.carry_out(request, id)


class ProgressRestore(RestoreRecording):
    """Record how far the restore command has come. What heartbeats show is not recorded."""

    body = bodies.ProgressBody
    service = staticmethod(record.progress_restore)

    @command("progress", bodies.ProgressBody)
    def post(self, request: Request, id: str) -> Response:
        return self.carry_out(request, id)


class CompleteRestore(RestoreRecording):
    """Record that the restore command succeeded, fully or in part."""

    body = bodies.CompleteBody
    service = staticmethod(record.complete_restore)

    @command("complete", bodies.CompleteBody)
    def post(self, request: Request, id: str) -> Response:
        return self.carry_out(request, id)


class FailRestore(RestoreRecording):
    """Record that the restore command failed."""

    body = bodies.FailBody
    service = staticmethod(record.fail_restore)

    @command("fail", bodies.FailBody)
    def post(self, request: Request, id: str) -> Response:
        return self.carry_out(request, id)


class CancelRestore(RestoreRecording):
    """Record that the restore was cancelled, before or while it ran."""

    body = bodies.CancelBody
    service = staticmethod(record.cancel_restore)

    @command("cancel", bodies.CancelBody)
    def post(self, request: Request, id: str) -> Response:
        return self.carry_out(request, id)


class ValidateRestore(RestoreRecording):
    """Record whether the restored data was found right. Only a completed restore's can be.

    That is another thing than the outcome: the status stays as it is.
    """

    body = bodies.ValidateBody
    service = staticmethod(record.validate_restore)

    @command("validate", bodies.ValidateBody)
    def post(self, request: Request, id: str) -> Response:
        return self.carry_out(request, id)


class AmendRestore(RestoreRecording):
    """Correct columns of the row, whatever its origin and status. The trail keeps both values."""

    body = bodies.AmendBody
    service = staticmethod(record.amend_restore)

    def given(self, request: Request) -> dict[str, Any]:
        return with_amended_backup(super().given(request))

    @command("amend", bodies.AmendBody)
    def post(self, request: Request, id: str) -> Response:
        return self.carry_out(request, id)
