"""The certificate after a migration of the host, as an auditor checks it."""

import pytest

from projections.consolidation import steps
from projections.consolidation.step_request import StepRequest
from projections.services import host_import
from projections.services.certification import certify
from tests.infrastructure.hosts.tiny import CONSOLIDATED, LEGACY, TinyHost
from tests.support import checking, moving, raw

ROWS = 8


@pytest.mark.parametrize("changed", [False, True], ids=["unchanged", "changed"])
def test_the_check_agrees_with_the_log_and_without_it(
    changed, database, host_url, tmp_path, public_key
):
    host = TinyHost(host_url)
    host.fill(ROWS)
    host.add(LEGACY, 50, source_backup_id=2, target_database="")
    host_import.import_host(host_url, actor="ops")
    steps.cut_over(
        host_url,
        StepRequest("ops", None, None),
        certificate=tmp_path / "c.json",
        snapshot=tmp_path / "s.sqlite3",
    )
    moving.move(host_url)
    if changed:
        for legacy, sql in ((3, "status = 'failed'"), (4, "source_backup_id = 1")):
            copy = moving.copy_of(host_url, legacy)
            raw.execute(host_url, f"UPDATE {CONSOLIDATED} SET {sql} WHERE id = {copy}")
        raw.execute(host_url, f"DELETE FROM {LEGACY} WHERE id = 5")
    host_import.import_host(host_url, actor="ops")
    certificate, rows, events = (tmp_path / name for name in ("v.json", "rows", "events"))
    done = certify(
        host_url, actor="ops", certificate=certificate, export=rows, export_events=events
    )
    assert done.found.equal, done.found.differences.kept
    digests = tmp_path / "digests"
    checking.host_digests(host_url, digests)
    for options in (
        ["--rows", rows, "--host-digests", digests],
        ["--rows", rows, "--host-digests", digests, "--events", events],
    ):
        checked = checking.check(certificate, public_key, *options)
        assert checked.code == 0, checked.out + checked.err
