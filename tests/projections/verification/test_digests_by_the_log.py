"""What the log keeps of each host table is what the host said last of every row."""

from hashlib import sha256

from domain.restores.events import (
    RestoreChangedInHost,
    RestoreReturnedToHost,
    RestoreVanishedFromHost,
)
from projections.verification.certificate.log_digests import logged_digests
from tests.builders import imported, stream
from tests.projections.verification.in_memory import log_in_memory


def changed(number: int, kind: type, text: str, version: int = 2) -> RestoreChangedInHost:
    row = imported(number)
    event: RestoreChangedInHost = kind(
        originator_id=stream(number),
        originator_version=version,
        origin="legacy",
        legacy_id=number,
        consolidated_id=row.consolidated_id,
        columns={"id": number, "message": text},
        derived={},
        assumed={},
        sources={},
        backup=None,
        username=None,
    )
    return event


def digest(*rows: bytes) -> str:
    return sha256(b"".join(sha256(row).digest() for row in rows)).hexdigest()


def test_rows_that_changed_vanished_or_came_back_count_as_the_host_said_last() -> None:
    with log_in_memory(
        imported(3, key=3, columns={"id": 3}),
        imported(1, key=1),
        imported(2, key=2),
        imported(4, key=4),
        changed(1, RestoreChangedInHost, "changed"),
        RestoreVanishedFromHost(originator_id=stream(2), originator_version=2),
        RestoreVanishedFromHost(originator_id=stream(4), originator_version=2),
        changed(4, RestoreReturnedToHost, "back", 3),
    ) as log:
        assert logged_digests(log)["database_management_restorelog"] == digest(
            b'{"id":1,"message":"changed"}', b'{"id":3}', b'{"id":4,"message":"back"}'
        )
