"""What an answer of the statistics looks like, for the OpenAPI document."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.v1.restores.as_of import SHOWN
from projections.statistics.question import BY

RATE = "From 0 to 1; null of none."
SECONDS = "In seconds; null of none."


class IntervalSerializer(serializers.Serializer):
    """The interval that was used; null is without a bound."""

    since = serializers.DateTimeField(allow_null=True, help_text="Included.")
    before = serializers.DateTimeField(allow_null=True, help_text="Not included.")
    tz = serializers.CharField(help_text="The zone of days.")


class ValidationFiguresSerializer(serializers.Serializer):
    """Of completed and partial restores: how many were validated, with which result."""

    passed = serializers.IntegerField()
    failed = serializers.IntegerField()
    never = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True, help_text=f"passed / all. {RATE}")


class DurationFiguresSerializer(serializers.Serializer):
    """Durations of completed, partial and failed restores."""

    measured = serializers.IntegerField(help_text="Those with a duration.")
    missing = serializers.IntegerField(help_text="Those without one.")
    negative = serializers.IntegerField(help_text="Those that end before they start.")
    mean = serializers.FloatField(allow_null=True, help_text=SECONDS)
    p50 = serializers.FloatField(allow_null=True, help_text=f"The median. {SECONDS}")
    p95 = serializers.FloatField(allow_null=True, help_text=SECONDS)
    p99 = serializers.FloatField(allow_null=True, help_text=SECONDS)


class FiguresSerializer(serializers.Serializer):
    """The figures of some restores."""

    restores = serializers.IntegerField()
    success_rate = serializers.FloatField(
        allow_null=True, help_text=f"completed / (completed + partial + failed). {RATE}"
    )
    completed = serializers.IntegerField()
    partial = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    running = serializers.IntegerField()
    pending = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="Those with another status than these.")
    validation = ValidationFiguresSerializer()
    durations = DurationFiguresSerializer()


class TotalFiguresSerializer(FiguresSerializer):
    """The figures of all restores that were asked for."""

    unknown_statuses = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many have each unknown status."
    )


class GroupFiguresSerializer(FiguresSerializer):
    """The figures of a group."""

    value = serializers.CharField(allow_null=True, help_text="What its restores share.")
    since = serializers.DateTimeField(required=False, help_text="Where a day begins.")
    before = serializers.DateTimeField(required=False, help_text="Where the next one does.")


class LongestSerializer(serializers.Serializer):
    """One of the longest restores."""

    id = serializers.IntegerField()
    restore_id = serializers.UUIDField()
    name = serializers.CharField()
    status = serializers.CharField()
    target_database = serializers.CharField()
    duration_seconds = serializers.IntegerField()
    counts_at = serializers.DateTimeField(help_text="Its end; else its start; else its creation.")


class BackupCountsSerializer(serializers.Serializer):
    """Backups: of how many no restore was made, or no restore that was made had a check."""

    backups = serializers.IntegerField()
    never_restored = serializers.IntegerField()
    never_validated = serializers.IntegerField()
    passed = serializers.IntegerField(help_text="A restore of these passed a check.")
    failed = serializers.IntegerField(help_text="Of these, restores had checks; none passed.")


class BackupGroupSerializer(BackupCountsSerializer):
    """The backups of a database, or of a type."""

    value = serializers.CharField(allow_null=True)


class BackupInAnswerSerializer(serializers.Serializer):
    """One backup."""

    id = serializers.IntegerField()
    backup_id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True)
    database_name = serializers.CharField(allow_null=True)
    backup_type = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)


class BackupFiguresSerializer(BackupCountsSerializer):
    """The backups that were made in the interval."""

    groups = BackupGroupSerializer(
        many=True, required=False, help_text="By database or type, if asked for by these."
    )
    groups_left_out = serializers.IntegerField(required=False)
    latest_never_restored = BackupInAnswerSerializer(many=True)
    latest_never_validated = BackupInAnswerSerializer(many=True)


@extend_schema_field(SHOWN)
class AsOf(serializers.JSONField):
    """The position that was asked for, and what was in force there."""


class StatisticsSerializer(serializers.Serializer):
    """Statistics of restores."""

    interval = IntervalSerializer()
    position = serializers.IntegerField(help_text="The log's position that they are as of.")
    origins = serializers.ListField(
        child=serializers.CharField(), help_text="Of which origins restores are counted."
    )
    filters = serializers.DictField(child=serializers.CharField())
    by = serializers.ChoiceField(BY, allow_null=True)
    relative_error = serializers.FloatField(help_text="How exact the percentiles are.")
    total = TotalFiguresSerializer()
    groups = GroupFiguresSerializer(many=True, required=False)
    groups_left_out = serializers.IntegerField(
        required=False, help_text="How many groups are not told; those with the fewest restores."
    )
    longest = LongestSerializer(many=True)
    backups = BackupFiguresSerializer(required=False)
    as_of = AsOf(required=False)
