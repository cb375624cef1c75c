"""What the log keeps of each host table, as a digest: the last that was said of each row."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from projections.verification.certificate.log_digests import logged_digests
from tests.projections.verification.in_memory import Said, log_of_states

OLD_RESTORES, OLD_BACKUPS = "database_management_restorelog", "database_management_backuplog"
RESTORES, BACKUPS = "system_backups_restorelog", "system_backups_backuplog"

# SHA-256 over the SHA-256 of each row.
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ONE_AND_TWO = "b3da988fbf2625aae4e5482589787d0324b1f39e8647ff83254f47fe633a0504"
IS1 = "fbdce48f1c6802086bebfbaa21d211d697257bacd3c744b07740538d622f7451"
IS2 = "fd06473ead53d3ab106318283fc713a843d5537788bcc726f5006e893cc560bb"
IS3 = "d00136c65c93a79e159a458209ae364a19280773b866c3af3b235692a0ad5fa1"
IS4 = "e81c4e1ccdb009cfdfd3fead6bd9478f84b2a84082631bc964e9e1d969ed35f4"
ONE_AND_NEW_TWO = "9914f805d2cfde4e9a56ac10e2958b2258d0b4def9b387e8d8cc970f7af0fb7c"
ZERO_AND_NEW_ONE = "37a4d245c4dc5bf36341a8fa0ef8c8f746a4cfa31f63f5ab95f99a6efce17003"
SPACED = "dbf356bb7009f57cca9da6894224b0bd96b176c4d993afeae47535a9c09c65d3"


def row(stream: str, topic: str, columns: str, *, legacy: int | None = None, key: int = 0) -> Said:
    origin = "consolidated" if legacy is None else "legacy"
    state = (
        f'{{"origin": "{origin}", "legacy_id": {"null" if legacy is None else legacy},'
        f' "consolidated_id": {key}, "columns":{columns}, "name": ""}}'
    )
    return stream, topic, state


def vanished(stream: str, subject: str = "restore") -> Said:
    return stream, f"{subject}.VanishedFromHost", {"seen_at": "2024-05-01T00:00:00Z"}


@contextmanager
def said(*events: Said) -> Iterator[dict[str, str]]:
    log = log_of_states(*events)
    yield logged_digests(log)
    log.service.close()


def digest(table: str, *events: Said) -> str:
    with said(*events) as digests:
        return digests[table]


ONE = row("a", "restore.Imported", '{"id":1}', key=1)
TWO = row("b", "restore.Imported", '{"id":2}', key=2)


def test_of_a_table_without_rows_it_is_that_of_nothing():
    with said() as digests:
        assert digests == dict.fromkeys((OLD_RESTORES, OLD_BACKUPS, RESTORES, BACKUPS), NOTHING)


def test_the_rows_come_in_order_of_their_keys_and_not_of_the_log():
    assert digest(RESTORES, ONE, TWO) == digest(RESTORES, TWO, ONE) == ONE_AND_TWO


def test_each_table_has_its_own():
    with said(
        row("a", "restore.Imported", '{"id":1}', key=1),
        row("b", "restore.Imported", '{"id":2}', legacy=2, key=1_002),
        row("c", "backup.Imported", '{"id":3}', key=3),
        row("d", "backup.Imported", '{"id":4}', legacy=4, key=1_004),
    ) as digests:
        assert digests == {RESTORES: IS1, OLD_RESTORES: IS2, BACKUPS: IS3, OLD_BACKUPS: IS4}


def test_a_legacy_row_stands_at_its_own_key():
    """Not at the one that it has in the consolidated table."""
    assert (
        digest(
            OLD_RESTORES,
            row("b", "restore.Imported", '{"id":2}', legacy=2, key=1_001),
            row("a", "restore.Imported", '{"id":1}', legacy=1, key=1_002),
        )
        == ONE_AND_TWO
    )


@pytest.mark.parametrize("subject", ["restore", "backup"])
def test_of_a_row_that_changed_the_last_word_counts(subject: str):
    table = f"system_backups_{subject}log"
    assert (
        digest(
            table,
            row("b", f"{subject}.Imported", '{"id":2}', key=2),
            row("a", f"{subject}.Imported", '{"id":1}', key=1),
            row("b", f"{subject}.ChangedInHost", '{"id":2,"old":1}', key=2),
            row("b", f"{subject}.ChangedInHost", '{"id":2,"new":1}', key=2),
        )
        == ONE_AND_NEW_TWO
    )


@pytest.mark.parametrize("subject", ["restore", "backup"])
def test_a_row_that_vanished_is_left_out_until_it_returns(subject: str):
    table = f"system_backups_{subject}log"
    events = (
        row("a", f"{subject}.Imported", '{"id":1}', key=1),
        row("b", f"{subject}.Imported", '{"id":2}', key=2),
        vanished("b", subject),
    )
    assert digest(table, *events) == IS1
    back = row("b", f"{subject}.ReturnedToHost", '{"id":2,"new":1}', key=2)
    assert digest(table, *events, back) == ONE_AND_NEW_TWO
    assert digest(table, *events, back, vanished("b", subject)) == IS1


def test_a_row_may_have_the_key_0():
    assert (
        digest(
            OLD_RESTORES,
            row("z", "restore.Imported", '{"id":0}', legacy=0, key=1_000),
            row("a", "restore.Imported", '{"id":1}', legacy=1, key=1_001),
            row("a", "restore.ChangedInHost", '{"id":1,"new":1}', legacy=1, key=1_001),
        )
        == ZERO_AND_NEW_ONE
    )


def test_the_very_bytes_count_that_the_log_has():
    spaced = row("a", "restore.Imported", '{ "id": 1 }', key=1)
    assert digest(RESTORES, spaced) == SPACED
