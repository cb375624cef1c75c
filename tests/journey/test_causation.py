"""An event that was recorded because of another one says of which."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from domain.consolidation.consolidation import CONSOLIDATION_ID
from tests.sample_host.build import make_host
from tests.support import here, raw

EVENTS = "SELECT topic, stream_version, metadata FROM event_store_event ORDER BY position"


def events(url: str, *topics: str) -> list[tuple[int, dict[str, Any]]]:
    """The version and the metadata of the events of these topics."""
    return [
        (version, json.loads(bytes(metadata)))
        for topic, version, metadata in raw.rows(url, EVENTS)
        if topic in topics
    ]


def step(version: int) -> UUID:
    return uuid5(CONSOLIDATION_ID, str(version))


def test_a_row_that_is_read_anew_names_the_choice_and_a_step_its_verification(
    database: str, tmp_path: Path, public_key: Path
):
    host = f"sqlite:///{tmp_path}/host.sqlite3"
    make_host(host, rows=12)
    here.run("import_host", source=host)
    here.run("import_host", "--zone=Asia/Tokyo", "--reason=its server's", source=host)
    files = "--certificate", str(tmp_path / "c.json"), "--snapshot", str(tmp_path / "s.sqlite3")
    here.run("cut_over", "--yes", *files, source=host, zone="Asia/Tokyo")
    final = "--certificate", str(tmp_path / "end.json")
    here.run("retire", "--yes", "--reason=over", *final, source=host, zone="Asia/Tokyo")

    _, (chosen, _) = events(database, "consolidation.ZoneChosen")
    read_anew = events(database, "restore.Reinterpreted", "backup.Reinterpreted")
    assert read_anew
    assert {metadata["causation"] for _, metadata in read_anew} == {str(step(chosen))}
    (first, _), (last, _) = events(database, "consolidation.Verified")
    ((_, cut_over),) = events(database, "consolidation.CutOver")
    ((_, retired),) = events(database, "consolidation.Retired")
    assert [cut_over["causation"], retired["causation"]] == [str(step(first)), str(step(last))]
    imported = events(database, "restore.Imported")
    assert all("causation" not in metadata for _, metadata in imported)
