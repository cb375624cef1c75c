"""What the recorder says of restores and backups, drawn at random."""

from random import Random
from typing import Any

TRIGGERS = ("manual", "automatic", "recovery")
ATTRIBUTES: tuple[dict[str, Any], ...] = (
    {},
    {"ticket": "OPS-17", "rows": 2**53 + 1, "share": 0.1, "urgent": True, "pit": None},
    {"from.host": 'db "two" ✎'},
)
WARNINGS = ([], ["an index was skipped", "a role is missing ✎"])


def of_request(random: Random, kind: str, overwrite: bool) -> dict[str, Any]:
    return {
        "name": f"restore {random.randrange(1000)} of {kind}",
        "restore_type": kind,
        "trigger_type": random.choice(TRIGGERS),
        "target_database": random.choice(("orders", "crm", "")),
        "is_overwrite": overwrite,
        "message": random.choice(("", "asked for by mail")),
        "attributes": random.choice(ATTRIBUTES),
    }


def of_progress(random: Random) -> dict[str, Any]:
    return {"percent": random.randrange(401) / 4, "phase": "indexes ✎"}


def of_end(random: Random, end: str) -> dict[str, Any]:
    """Of one that `completed`, was `partial`, `failed`, `cancelled` or `interrupted`."""
    message = f"{end}: {random.randrange(1000)} tables\nand no more"
    said: dict[str, Any] = {"message": message, "output": random.choice(("", "the last line ✎\n"))}
    if end == "cancelled":
        return {**said, "signal": random.choice((None, "SIGINT"))}
    warnings = random.choice(WARNINGS)
    counted = random.choice((None, len(warnings), len(warnings) + 5))
    said |= {"warnings": warnings, "warnings_count": counted}
    if end in ("completed", "partial"):
        return {**said, "outcome": end, "exit_code": random.choice((None, 0))}
    cause = "interrupted" if end == "interrupted" else random.choice(("error", "signal"))
    signal, code = ("SIGKILL", 137) if cause == "signal" else (None, None)
    return {
        **said,
        "cause": cause,
        "signal": signal,
        "exit_code": code,
        "errors": ["no space left ✎"],
    }


def of_validation(random: Random, result: str) -> dict[str, Any]:
    output = f"{random.randrange(50)} of 50 tables\n"
    code = 0 if result == "passed" else 3
    return {"result": result, "check": "counts.sh", "exit_code": code, "output": output}


def of_backup(random: Random, kind: str) -> dict[str, Any]:
    return {
        "name": f"backup {random.randrange(1000)} of {kind}",
        "backup_type": kind,
        "status": "completed",
        "database_name": random.choice(("orders", "", "Größe")),
        "file_path": f"/backups/here/{random.randrange(1000)}.dump",
        "size_bytes": random.choice((None, 0, 2**40)),
        "checksum": random.choice(("", f"sha256:{random.getrandbits(256):064x}")),
        "format": random.choice(("", "postgresql-custom")),
        "contents": random.choice(({}, {"orders": 3, "Größe": None})),
    }
