"""One log, one host."""

from uuid import UUID

import pytest

from domain.backups.backup import Backup
from domain.consolidation.consolidation import Consolidation
from domain.consolidation.errors import AnotherHost, HostAlreadyAdopted
from tests.builders import OFFSET, backup_registered, stream

HOST = UUID("0c8f9c2e-7a52-4a55-8b43-0d6f4a8d7b01")


def adopted() -> Consolidation:
    consolidation = Consolidation()
    consolidation.adopt(host_id=HOST, fingerprint="f1", id_offset=10**9, actor="import")
    return consolidation


def test_before_a_host_is_adopted_the_offset_is_10_to_the_12():
    assert Consolidation().id_offset == 10**12


def test_an_adopted_host_is_known_by_its_fingerprint():
    consolidation = adopted()
    consolidation.refuse_another_host("f1")
    assert (consolidation.host_id, consolidation.id_offset) == (HOST, 10**9)


def test_a_second_host_is_refused():
    with pytest.raises(HostAlreadyAdopted, match=str(HOST)):
        adopted().adopt(host_id=HOST, fingerprint="f2", id_offset=1, actor="import")


def test_another_fingerprint_is_refused_until_somebody_vouches_for_it():
    consolidation = adopted()
    with pytest.raises(AnotherHost, match="import accept_fingerprint=f2"):
        consolidation.refuse_another_host("f2")
    consolidation.accept_fingerprint("f2", actor="ada", reason="moved to new hardware")
    consolidation.refuse_another_host("f2")


def test_accepting_a_known_fingerprint_records_nothing():
    consolidation = adopted()
    consolidation.collect_events()
    consolidation.accept_fingerprint("f1", actor="ada", reason="again")
    assert consolidation.collect_events() == []


def test_a_registered_backup_gets_its_id_from_its_place_in_the_log():
    backup = Backup.from_events(stream(900), [backup_registered(position=17)])
    assert (backup.legacy_id, backup.consolidated_id) == (2 * OFFSET + 17, 2 * OFFSET + 17)


def test_a_backup_of_files_does_not_stand_in_the_legacy_table():
    backup = Backup.from_events(stream(900), [backup_registered(position=17, backup_type="files")])
    assert (backup.legacy_id, backup.consolidated_id) == (None, 2 * OFFSET + 17)
