"""The certificate: the result of a verification, in a form that others can check.

docs/reference/certificate.md describes its format. `check_certificate.py` beside this file checks
it; of the service it needs only that one file and the public key.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from domain.consolidation.values import Purpose, TableDigest, Tables
from domain.events import both_names
from domain.messages import remedy
from infrastructure.code_version import code_version
from infrastructure.documents.keys import Signer, signer
from infrastructure.documents.signed import signed, write_whole
from infrastructure.event_store.chain import ChainVerifier
from infrastructure.event_store.log import Log
from infrastructure.output_files import Output, begins_with
from projections.verification.certificate.evidence import Evidence, HostSeen
from projections.verification.certificate.host_cells import RECIPE
from projections.verification.differences import Tally
from projections.verification.errors import CannotVerify
from projections.verification.expected.moved_rows import NO_PAIRS, CopiedRows, pair_of_tables
from projections.verification.expected.schema import TABLES
from projections.verification.verify import Verification

FORMAT = "restore-log-certificate/2"


class NothingToCertify(CannotVerify):
    code = "nothing_to_certify"

    def __init__(self) -> None:
        super().__init__(
            "The log cannot be read, so no tables were compared and there is no result to certify. "
            "To see more: ",
            remedy("verify_log"),
        )


@dataclass(frozen=True)
class CertifiedDelta:
    """The rows that were changed during the comparison, and the log's position afterwards.

    These rows were compared again while appends were locked.
    """

    rows: int
    position: int


@dataclass(frozen=True)
class Issued:
    """A certificate that was written. `sha256` is its file's; `content` is the signed content."""

    path: Path
    sha256: str
    content: dict[str, Any]

    @property
    def moved_completely(self) -> bool | None:
        """Whether the host's own consolidated table has every legacy restore; None: not said."""
        complete: bool | None = self.content.get("moved", {}).get("complete")
        return complete

    def facts(self) -> dict[str, Any]:
        """The facts that the log records: arguments of `Consolidation.certify`."""
        content = self.content
        return {
            "purpose": content["purpose"],
            "equal": content["equal"],
            "certificate": self.sha256,
            "log_position": content["log"]["position"],
            "chain_head": content["log"]["chain_head"],
            "mappings": content["mappings"],
            "tables": _digests(content["projections"]),
            "host_tables": _digests(content["host_tables"]),
            "quarantined": content["quarantined"]["count"],
        }


def certificate_output(path: Path, named: Collection[str]) -> Output:
    """The certificate file to write.

    It may replace a certificate that the log does not name, for example one that a killed process
    left, but never one whose SHA-256 is `named` in the log.
    """
    return Output(
        "certificate",
        path,
        "certificate",
        begins_with(b'{"certificate":'),
        named,
        "the log names the certificate that is there",
    )


def issue(
    verification: Verification,
    proof: Evidence,
    *,
    purpose: Purpose,
    actor: str,
    path: Path,
    accepted: int | None = None,
    reason: str | None = None,
    touched: CertifiedDelta | None = None,
    key: Signer | None = None,
    using: str = "default",
) -> Issued:
    """Write the certificate of this verification; `proof` has received every row of it.

    `accepted` quarantined rows were accepted, for this `reason`. Does not append to the log, and
    may be called inside a transaction. Raises `NoSigningKey` or `CannotWrite`; then at most the
    export has been written.
    """
    key = key or signer()
    host = proof.host
    if host is None:
        raise NothingToCertify
    content = {
        "format": FORMAT,
        "recipe": RECIPE,
        "purpose": purpose,
        "issued_at": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "issued_by": both_names(actor),
        "code_version": code_version(),
        **_compared(verification, proof, host),
        **_read_how(verification),
        "problems": _problems(verification, proof, using),
        "quarantined": {
            "count": verification.quarantined,
            "accepted": accepted or 0,
            "reason": reason,
            "rows": [row._asdict() for row in proof.withheld],
        },
        "touched": asdict(touched) if touched else None,
        "export": proof.export.finish()._asdict() if proof.export else None,
        **_moved(verification, proof, purpose),
    }
    content["equal"] = _is_equal(content)
    return Issued(path, write_whole(path, signed("certificate", content, key)), content)


def _compared(found: Verification, proof: Evidence, host: HostSeen) -> dict[str, Any]:
    """The compared tables, and the counts."""
    states = found.projections
    return {
        "host": {**host._asdict(), "id": str(host.id), "source": host.source._asdict()},
        "log": {
            "position": proof.position,
            "chain_head": proof.chain_head.hex(),
            "heads": {str(position): head.hex() for position, head in proof.heads.items()},
        },
        "mappings": {label: state.version for label, state in states.items()},
        "scopes": {label: state.scope for label, state in states.items()},
        "host_tables": _host_tables(proof),
        "projections": {
            label: _projection(label, tally, states[label].position)
            for label, tally in found.tables.items()
        },
        "differences": {
            cause: found.differences.by_cause[cause]
            for cause in ("projection_wrong", "host_changed", "quarantined")
        },
    }


def _moved(found: Verification, proof: Evidence, purpose: Purpose) -> dict[str, Any]:
    """The rows that a migration of the host moved.

    Of a host that has moved none only a retirement says so.
    """
    moved = found.moved
    if moved is None:
        if purpose != "retire":
            return {}
        legacy = proof.host_tables.get(pair_of_tables("restore")[0].name)
        moved = CopiedRows({"restore": NO_PAIRS, "backup": NO_PAIRS})
        moved.count_not_moved("restore", legacy.rows if legacy else 0)
    subjects = {table.name: table.subject for table in TABLES.values() if table.origin == "legacy"}
    return {
        "moved": {
            "restores": len(moved.pairs["restore"]),
            "backups": len(moved.pairs["backup"]),
            "complete": moved.complete,
            "copies": {
                table.name: moved.copies.get(table.name, [])
                for table in TABLES.values()
                if table.origin == "consolidated"
            },
            "by_copy": {
                name: sorted(moved.by_copy.get(subject, ())) for name, subject in subjects.items()
            },
        }
    }


def _host_tables(proof: Evidence) -> dict[str, Any]:
    return {
        name: {
            "columns": table.columns,
            "types": table.types,
            "rows": table.rows,
            "digest": str(table.digest),
            "log_digest": proof.log_digests[name],
        }
        for name, table in proof.host_tables.items()
    }


def _projection(label: str, tally: Tally, position: int) -> dict[str, Any]:
    return {
        "columns": list(TABLES[label].columns),
        "rows": tally.found,
        "digest": str(tally.digest_found),
        "expected_rows": tally.expected,
        "expected_digest": str(tally.digest_expected),
        "position": position,
        "missing": tally.missing,
        "unexpected": tally.unexpected,
        "differing": tally.differing,
        "recorded_here": tally.recorded_here,
        "quarantined": tally.quarantined,
        "host_changed": tally.host_changed,
    }


def _read_how(found: Verification) -> dict[str, Any]:
    """How the host was read: the zone of its local times, which columns fill which, what was
    assumed for how many rows, and in how many an empty target counts as not specified."""
    return {
        "zone": found.zone,
        "columns": [
            {
                "table": label,
                "target": target,
                "columns": list(choice.sources),
                "how": choice.how,
                "reason": choice.reason,
            }
            for label, targets in (found.choices or {}).items()
            for target, choice in targets.items()
            if choice.how in ("proposed", "decided")
        ],
        "assumptions": [assumption._asdict() for assumption in found.assumptions],
        "empty_targets": found.empty_targets,
    }


def _problems(found: Verification, proof: Evidence, using: str) -> list[str]:
    """The problems that are not differences of rows."""
    problems = [str(state.problem) for state in found.projections.values() if not state.sound]
    chain = found.chain
    if not chain.ok:
        problems.append(f"The log's chain is broken at position {chain.first_bad}: {chain.problem}")
    elif not _leads_to(proof, chain.events, chain.head, using):
        problems.append(f"The log does not fit its chain after position {chain.events}")
    if found.reading:
        problems.append(str(found.reading))
    if found.legacy_as_certified is False:
        problems.append("The log no longer says of the legacy tables what was certified last")
    return problems


def _leads_to(proof: Evidence, events: int, head: str, using: str) -> bool:
    """Whether the recomputed chain leads to the position of the compared snapshot."""
    walk = ChainVerifier(events, bytes.fromhex(head))
    if events < proof.position:
        for records in Log(using).records(after=events, upto=proof.position):
            if walk.follow_all(records):
                return False
    return (walk.position, walk.hash) == (proof.position, proof.chain_head)


def _is_equal(content: dict[str, Any]) -> bool:
    """Whether there are no differences except the accepted number of quarantined rows."""
    differences, quarantined = content["differences"], content["quarantined"]
    others = differences["projection_wrong"] + differences["host_changed"]
    return (
        not others
        and not content["problems"]
        and quarantined["count"] in (0, quarantined["accepted"])
    )


def _digests(tables: dict[str, dict[str, Any]]) -> Tables:
    return {
        name: msgspec.convert({"rows": table["rows"], "digest": table["digest"]}, TableDigest)
        for name, table in tables.items()
    }
