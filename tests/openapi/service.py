"""Restores and backups to send requests to: some in each state, some of the host's."""

from typing import Any

from tests.api.recorder import Recorder, recorder

STARTED = {"started_at": "2026-03-01T12:00:00Z", "heartbeat_seconds": 30}
LONG = {"message": "x" * 65_536, "attributes": {f"a{n}": "é" * 1_000 for n in range(50)}}
"""More than a list, or a row, shows of it."""
ENDS: tuple[tuple[str, Any], ...] = (
    ("complete", {"outcome": "partial", "warnings_count": 3}),
    ("fail", {"message": "disk full", "errors": ["no space left"]}),
    ("fail", {"cause": "interrupted"}),
    ("cancel", {"signal": "SIGINT"}),
)

Ids = dict[str, list[str]]
"""Of restores and of backups: UUIDs, and ids in the consolidated table."""


def prepared() -> Ids:
    """They are recorded, beside an imported host."""
    ada = recorder("ada")
    restores = [
        ada.row("restores/", {"name": "pending", **LONG}, 201),
        _running(ada, {"restore_type": "files"}),
        *(_ended(ada, *end) for end in ENDS),
        _over(ada),
    ]
    backups = [
        ada.row("backups/", {"name": "b", "contents": {"orders": 3, "é": None}}, 201),
        _expired(ada),
    ]
    for origin in ("legacy", "consolidated"):
        first = "page_size=1"
        list_of = "legacy/restores/" if origin == "legacy" else "restores/"
        restores += ada.get(f"{list_of}?origin={origin}&{first}")["results"]
        backups += ada.get(f"backups/?origin={origin}&{first}")["results"]
    return {
        "restores": [str(row[key]) for row in restores for key in ("restore_id", "id")],
        "backups": [str(row[key]) for row in backups for key in ("backup_id", "id")],
    }


def _running(ada: Recorder, more: dict[str, Any]) -> Any:
    row = ada.row("restores/", {"name": "running", **more}, 201)
    ada.row(f"restores/{row['id']}/start/", STARTED)
    ada.row(f"restores/{row['id']}/heartbeat/", {"percent": 7, "phase": "data", "output": "…"})
    return row


def _ended(ada: Recorder, command: str, body: dict[str, Any]) -> Any:
    row = _running(ada, {"attributes": {"share": 0.5}})
    return ada.row(f"restores/{row['id']}/{command}/", body)


def _over(ada: Recorder) -> Any:
    body = {"name": "by hand", "status": "completed", "started_at": STARTED["started_at"]}
    row = ada.row("restores/", body, 201)
    return ada.row(f"restores/{row['id']}/validate/", {"result": "passed", "check": "counts"})


def _expired(ada: Recorder) -> Any:
    row = ada.row("backups/", {"name": "old", "backup_type": "files"}, 201)
    return ada.row(f"backups/{row['id']}/expire/")
