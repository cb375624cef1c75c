"""The serializers of restores, for both tables."""

from typing import Any, get_args

from rest_framework import serializers

from api.v1.rows import (
    MESSAGE_SHOWN,
    ROW_SHOWN,
    Attributes,
    CutTexts,
    LongText,
    MessageHead,
    StoredJSON,
)
from domain.restores.values import CheckResult
from projections.database_management.models import RestoreLog as LegacyRestore
from projections.engine.models import WithheldRow
from projections.row_versions.known_by import KNOWN_BY
from projections.system_backups.models import RestoreLog

FIRST = ("id", "restore_id", "name", "source_backup", "status")
LAST = (
    *("target_database", "started_at", "completed_at", "duration_seconds", "message"),
    *("created_by", "created_by_username", "created_at", "updated_at"),
    *("extra", "attributes", "origin", "version"),
)
LEGACY_FIELDS = (*FIRST, "restore_method", *LAST)
FIELDS = (
    *(*FIRST, "restore_type", "trigger_type", "target_database", "is_overwrite"),
    *(*LAST[1:], "validation", "warnings_count"),
)
KNOWN_BY_FIELD = "is_overwrite_known_by"
OF_VERSIONS = (
    *("valid_from", "valid_to", "present", "absence", "absence_column", "absence_reason"),
    KNOWN_BY_FIELD,
)
"""What a list as of a position says besides, and one of rows that are not in the table; the last
says every list of restores."""
OF_VERSIONS_ONLY = frozenset(OF_VERSIONS) - {KNOWN_BY_FIELD}
MAY_LACK = (
    *("name", "status", "restore_type", "trigger_type", "target_database", "is_overwrite"),
    *("created_at", "updated_at"),
)
"""What a row that is not in the table may lack: the table's column cannot hold it."""

ORIGIN = "Its origin: the host's `legacy` or `consolidated` table, or `recorded` here."


class CommonFields(CutTexts, serializers.ModelSerializer):
    """The fields whose names differ from the columns', and those that may be long."""

    routes = {"message": "v1:restore-message", "extra": "v1:restore-extra"}
    message = LongText(
        read_only=True,
        help_text=f"The first {ROW_SHOWN:,} characters; where there is more, `truncated` says so.",
    )

    source_backup = serializers.IntegerField(
        source="source_backup_id",
        read_only=True,
        allow_null=True,
        help_text="The backup's id in the table beside this one.",
    )
    created_by = serializers.CharField(
        source="created_by_id",
        read_only=True,
        allow_null=True,
        help_text="The key of the host's user, as text, whatever its type there.",
    )
    extra = StoredJSON(
        help_text="Columns of the host beyond those named here, verbatim; of a restore recorded "
        "here, its attributes."
    )
    attributes = Attributes(
        help_text="What the client said of a restore recorded here, by name. The same as `extra`, "
        "with plain numbers; empty for the host's rows."
    )
    origin = serializers.CharField(read_only=True, help_text=ORIGIN)
    version = serializers.IntegerField(
        read_only=True, help_text="Events of this restore so far; also its ETag."
    )


class RestoreSerializer(CommonFields):
    """One restore."""

    validation = serializers.ChoiceField(
        get_args(CheckResult),
        read_only=True,
        allow_null=True,
        help_text="Whether the data of a restore recorded here was found right, by the last check; "
        "null if nobody checked.",
    )
    warnings_count = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="How many warnings a restore recorded here had; null if nobody counted.",
    )

    class Meta:
        model = RestoreLog
        fields = FIELDS
        read_only_fields = FIELDS


class RestoreRecordedSerializer(RestoreSerializer):
    """A restore as the log has it after a command."""

    position = serializers.IntegerField(
        required=False, help_text="Only with 202: what the tables have to reach."
    )

    def lacking(self, row: Any) -> frozenset[str]:
        return frozenset({"position"})  # no column: the answer adds it

    class Meta(RestoreSerializer.Meta):
        fields = (*FIELDS, "position")
        read_only_fields = FIELDS


class RestoreInListSerializer(MessageHead, RestoreSerializer):
    """A restore in a list."""

    message = LongText(
        read_only=True,
        allow_null=True,
        help_text=f"The first {MESSAGE_SHOWN} characters; the single row has more. Null only of a "
        "row that is not in the table.",
    )
    valid_from = serializers.IntegerField(
        required=False,
        help_text="Only with `as_of` or `present`: the position from which on the row was like "
        "this.",
    )
    valid_to = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="Only with `as_of` or `present`: the position at which it became another; null "
        "if it has not.",
    )
    present = serializers.BooleanField(
        required=False,
        help_text="Only with `as_of` or `present`: whether the row is in the table.",
    )
    absence = serializers.ChoiceField(
        WithheldRow.Cause.choices,
        required=False,
        allow_null=True,
        help_text="Only with `as_of` or `present`: why it is not, or null.",
    )
    absence_column = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="Only with `as_of` or `present`: the column that cannot hold its value, of a "
        "quarantined row; it is null in the row.",
    )
    absence_reason = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="Only with `as_of` or `present`: why it is not in the table, in words.",
    )
    is_overwrite_known_by = serializers.ChoiceField(
        KNOWN_BY,
        required=False,
        allow_null=True,
        help_text="How `is_overwrite` is known: observed in the host, derived, assumed because the "
        "host has no such column, or recorded here; null if the versions of rows have not come so "
        "far.",
    )

    class Meta(RestoreSerializer.Meta):
        fields = (*FIELDS, "message_truncated", *OF_VERSIONS)
        read_only_fields = (*FIELDS, "message_truncated")
        extra_kwargs = {
            name: {"allow_null": True, "help_text": "Null only of a row that is not in the table."}
            for name in MAY_LACK
        }

    def lacking(self, row: Any) -> frozenset[str]:
        return frozenset() if hasattr(row, "valid_from") else OF_VERSIONS_ONLY


class LegacyRestoreSerializer(CommonFields):
    """One row of the legacy table."""

    routes = {"message": "v1:legacy-restore-message", "extra": "v1:legacy-restore-extra"}

    class Meta:
        model = LegacyRestore
        fields = LEGACY_FIELDS
        read_only_fields = LEGACY_FIELDS


class LegacyRestoreInListSerializer(MessageHead, LegacyRestoreSerializer):
    """A row of the legacy table in a list."""

    class Meta(LegacyRestoreSerializer.Meta):
        fields = (*LEGACY_FIELDS, "message_truncated")
        read_only_fields = fields
