"""Rows are shown without asking each field, and are the same as if each had been asked."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from api.v1.backups.views import BackupSerializer
from api.v1.restores.serializers import (
    LegacyRestoreInListSerializer,
    LegacyRestoreSerializer,
    RestoreInListSerializer,
    RestoreSerializer,
)
from tests.api.rows import backup, legacy, restore

TEXTS = st.text(max_size=20)
TIMES = (
    st.none()
    | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
    | st.just(datetime(2026, 1, 31, 23, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))))
)
NUMBERS = st.none() | st.integers(0, 2**31 - 1)
COMMON = {
    "name": TEXTS,
    "status": TEXTS,
    "started_at": TIMES,
    "completed_at": TIMES,
    "created_at": TIMES,
    "duration_seconds": NUMBERS,
    "source_backup_id": NUMBERS,
    "target_database": TEXTS,
    "created_by_id": st.none() | TEXTS,
    "created_by_username": st.none() | TEXTS,
    "message": TEXTS,
    "origin": st.sampled_from(["legacy", "consolidated", "recorded"]),
    "extra": st.sampled_from(["{}", '{"a": 1, "b": {"$": "float", "v": "0.5"}}', '{"ü": null}']),
    "restore_id": st.uuids(),
    "version": st.integers(1, 2**31 - 1),
}
RESTORE = COMMON | {
    "is_overwrite": st.booleans(),
    "validation": st.none() | st.sampled_from(["passed", "failed"]),
    "warnings_count": NUMBERS,
}


def slowly(kind: type[serializers.Serializer[Any]], row: Any) -> Any:
    """As DRF shows it: each field is asked. A row has no cut values here."""
    return serializers.Serializer.to_representation(kind(), row)


def with_heads(row: Any) -> Any:
    """As a list reads it: the beginnings of long texts, and their sizes."""
    row.message_head, row.message_size = row.message[:5], len(row.message)
    row.extra_head, row.extra_size = row.extra, len(row.extra)
    row.is_overwrite_known_by = "observed"
    return row


@given(st.fixed_dictionaries(RESTORE), st.fixed_dictionaries(COMMON))
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_a_row_is_shown_as_each_field_would(one: dict[str, Any], other: dict[str, Any]):
    for kind, row in (
        (RestoreSerializer, restore(1, **one)),
        (LegacyRestoreSerializer, legacy(1, **other)),
        (RestoreInListSerializer, with_heads(restore(1, **one))),
        (LegacyRestoreInListSerializer, with_heads(legacy(1, **other))),
    ):
        shown = kind().to_representation(row)
        shown.pop("truncated", None)
        expected = slowly(kind, row)
        if kind is RestoreInListSerializer:
            versions = set(expected) - set(shown)
            assert versions == {name for name in versions if expected.pop(name) is None}
        assert shown == expected
        assert list(shown) == list(expected)


@pytest.mark.parametrize("size", [None, 0, 2**63 - 1])
def test_a_backup_too(size: int | None):
    row = backup(7, size_bytes=size, backup_id=UUID(int=9), created_at=datetime.now(UTC))
    assert BackupSerializer().to_representation(row) == slowly(BackupSerializer, row)
