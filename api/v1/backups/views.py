"""Reading and registering backups."""

from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.problems import Problem
from api.v1 import idempotency
from api.v1.backups.bodies import ExpireBody, RegisterBody, VerifyBody
from api.v1.backups.listed import DEFAULT_ORDERING, FIELDS, ORDERING, BackupFilters
from api.v1.etags import NOT_MODIFIED, expected_versions, versioned
from api.v1.filters.backend import StrictParameters
from api.v1.filters.fields import UUIDTextField, WholeNumberField
from api.v1.folded import folded_row
from api.v1.left_out import withheld_from
from api.v1.recording import Recording, answered, documented
from api.v1.rows import ROW_SHOWN, CutTexts, StoredJSON, heads, row_shown, weight
from domain.backups.backup import Backup
from projections.history.lookup import copied_backup
from projections.services import record
from projections.services.record import RecordingService
from projections.system_backups.models import BackupLog


class BackupSerializer(CutTexts, serializers.ModelSerializer):
    """One backup."""

    routes = {"extra": "v1:backup-extra"}

    extra = StoredJSON(
        help_text="Columns of the host beyond those named here, verbatim. Of a backup registered "
        "here: `checksum`, `format`, `contents`, and its last `verification`."
    )

    class Meta:
        model = BackupLog
        fields = FIELDS
        read_only_fields = FIELDS


class BackupRecordedSerializer(BackupSerializer):
    """A backup as the log has it after a command."""

    position = serializers.IntegerField(
        required=False, help_text="Only with 202: what the tables have to reach."
    )

    def lacking(self, row: Any) -> frozenset[str]:
        return frozenset({"position"})  # no column: the answer adds it

    class Meta(BackupSerializer.Meta):
        fields = (*FIELDS, "position")
        read_only_fields = FIELDS


def backup_answer(request: Request, backup: Backup, status: int) -> idempotency.Recorded:
    """The answer: the backup's row by its own events."""
    shown = row_shown(BackupRecordedSerializer, folded_row(backup, BackupLog._meta.label), request)
    return idempotency.Recorded(shown, backup.version, backup.events[-1].position, status)


@extend_schema_view(get=extend_schema(operation_id="backups_list", tags=["backups"]))
class BackupList(Recording, ListAPIView):
    """Backups of every origin, from the consolidated table; the latest created first.

    POST records that a backup exists, so that restores can name it.
    """

    queryset = heads(BackupLog, message=0)
    weight = staticmethod(weight)
    unknown_because = {
        "as_of": "Versions are kept of the rows of restores only. The audit trail has all that "
        "happened to backups."
    }
    serializer_class = BackupSerializer
    filterset_class = BackupFilters
    ordering_fields = ORDERING
    default_ordering = DEFAULT_ORDERING
    body = RegisterBody

    def left_out(self) -> dict[str, int]:
        """How many rows are kept out of the table, by cause."""
        return withheld_from(BackupLog._meta.label)

    @documented("backups_register", RegisterBody, BackupRecordedSerializer, "backups", makes=True)
    def post(self, request: Request) -> Response:
        given = self.given(request)

        def act(keep: idempotency.Keep) -> idempotency.Done:
            return record.register_backup(
                **given,
                keep=lambda backup: keep(backup_answer(request, backup, HTTPStatus.CREATED)),
            )

        response = idempotency.once(request, act)
        address = reverse("v1:backup", args=[response.data["backup_id"]], request=request)
        return answered(response, {"Location": address})


def backup_key(text: str) -> int | UUID:
    """The id in the path; 404 if it cannot be a backup's."""
    for field in (WholeNumberField(), UUIDTextField()):
        try:
            parsed: int | UUID = field.parse(text)
        except ValidationError:
            continue
        return parsed
    raise no_backup(text)


def backup_row(rows: QuerySet[Any], text: str) -> Any:
    """The backup with this id or UUID; 404 if there is none."""
    key = backup_key(text)
    row = rows.filter(**{"backup_id" if isinstance(key, UUID) else "pk": key}).first()
    if row is None and isinstance(key, int):
        copied = copied_backup(key)
        row = None if copied is None else rows.filter(backup_id=copied).first()
    if row is None:
        raise no_backup(text)
    return row


def no_backup(text: str) -> Problem:
    return Problem(404, "backup_not_found", f"There is no backup {text[:40]!r} in this table.")


@extend_schema_view(
    get=extend_schema(
        operation_id="backups_retrieve",
        tags=["backups"],
        responses={200: BackupSerializer, 304: NOT_MODIFIED},
    )
)
class BackupDetail(StrictParameters, GenericAPIView):
    """One backup, by its id in the consolidated table or by its UUID.

    The restores that were made from it are at `restores/` below its address.
    """

    queryset = heads(BackupLog, message=0, extra=ROW_SHOWN)
    serializer_class = BackupSerializer
    filter_backends = ()
    pagination_class = None

    def get(self, request: Request, id: str) -> Response:
        row = backup_row(self.get_queryset(), id)
        return versioned(request, row.version, self.get_serializer(row).data)


class BackupRecording(Recording):
    """A command on a backup, by its id in the consolidated table or by its UUID."""

    serializer_class = BackupRecordedSerializer
    filter_backends = ()
    pagination_class = None
    service: ClassVar[RecordingService[Backup]]

    def carry_out(self, request: Request, id: str) -> Response:
        given = self.given(request)
        key = backup_key(id)
        if isinstance(key, int):
            found = BackupLog.objects.filter(pk=key).values_list("backup_id", flat=True).first()
            found = found or copied_backup(key)
            if found is None:
                raise no_backup(id)
            key = found
        versions = expected_versions(request)
        service = type(self).service

        def act(keep: idempotency.Keep) -> idempotency.Done:
            return service(
                key,
                **given,
                expected_versions=versions,
                keep=lambda backup: keep(backup_answer(request, backup, HTTPStatus.OK)),
            )

        return answered(idempotency.once(request, act), {})


class ExpireBackup(BackupRecording):
    """Record that a backup can no longer be restored from."""

    body = ExpireBody
    service = staticmethod(record.expire_backup)

    @documented("backups_expire", ExpireBody, BackupRecordedSerializer, "backups")
    def post(self, request: Request, id: str) -> Response:
        return self.carry_out(request, id)


class VerifyBackup(BackupRecording):
    """Record the result of checking a backup; `extra` has the last one, as `verification`."""

    body = VerifyBody
    service = staticmethod(record.verify_backup)

    @documented("backups_verify", VerifyBody, BackupRecordedSerializer, "backups")
    def post(self, request: Request, id: str) -> Response:
        return self.carry_out(request, id)
