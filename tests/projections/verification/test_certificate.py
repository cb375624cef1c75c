"""What a certificate says, and that the one-file check refuses whatever was changed."""

import argparse
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from django.db import connections

from infrastructure.documents.keys import make_key, read_key
from infrastructure.documents.signed import signed
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.verification import verify as verification
from projections.verification.actual.readers import open_service
from projections.verification.certificate.evidence import Evidence
from projections.verification.certificate.issue import CertifiedDelta, issue
from projections.verification.certificate.log_digests import logged_digests
from projections.verification.expected.rows_from_log import LoggedRows
from projections.verification.expected.schema import TABLES, ExpectedTable
from projections.verification.expected.violations import FORM
from projections.verification.log_index import LogIndex
from projections.verification.verify import verify
from tests.builders import requested
from tests.conftest import use
from tests.projections.verification.conftest import ROWS, Made, Service
from tests.support import checking, forging, here, raw
from tests.support.shell import ME

Json = dict[str, Any]
CHANGED = (
    "UPDATE system_backups_restorelog SET name = 'new' WHERE id ="
    " (SELECT max(id) FROM system_backups_restorelog)"
)
VERIFIED = "consolidation.Verified"


class Files(NamedTuple):
    """What `verify --certificate --export` leaves, and the key to check it with."""

    certificate: Path
    rows: Path
    key: Path

    def content(self) -> Json:
        content: Json = json.loads(self.certificate.read_bytes())["certificate"]
        return content


def run(service: Service, *options: str, check: bool = True) -> Any:
    """`verify` at the service, as an operator runs it."""
    use(service.url)
    done = here.run("verify", *options, source=service.host, zone=service.zone, check=check)
    connections.close_all()
    return done


@pytest.fixture
def files(public_key: Path, tmp_path: Path) -> Files:
    return Files(tmp_path / "certificate.json", tmp_path / "rows.ndjson", public_key)


@pytest.fixture
def certified(service: Service, files: Files) -> Files:
    """The files of an equal service, with a verdict of the same."""
    run(service, *options_of(files), "--actor", "ada")
    return files


def options_of(files: Files) -> list[str]:
    return ["--certificate", str(files.certificate), "--export", str(files.rows)]


@pytest.fixture
def checker() -> ModuleType:
    """The one file, loaded by its path as a script is."""
    return checking.loaded()


@pytest.fixture
def refusal(checker: ModuleType) -> Callable[..., str]:
    """Why the check refuses these files; '' if it does not."""

    def why(files: Files, **options: Any) -> str:
        arguments = argparse.Namespace(
            certificate=files.certificate,
            public_key=files.key,
            **dict.fromkeys(("host_digests", "events", "anchor", "against"))
            | {"rows": files.rows, **options},
        )
        try:
            checker.check(arguments, [], [])
        except checker.Refused as refused:
            return str(refused)
        return ""

    return why


def events(url: str, topic: str) -> list[Json]:
    found = raw.rows(
        url, f"SELECT position, state FROM event_store_event WHERE topic = '{topic}' ORDER BY 1"
    )
    return [{"position": position, **json.loads(bytes(state))} for position, state in found]


def read_from(service: Service) -> Json:
    """What a certificate has to say of where the host was read."""
    url = urlsplit(service.host)
    nothing = dict.fromkeys(("server", "database", "schema", "path", "role"))
    if service.vendor == "sqlite":
        return {**nothing, "vendor": "sqlite", "path": str(Path(url.path[1:]).resolve())}
    return {
        **nothing,
        "vendor": "postgresql",
        "server": f"{url.hostname}:{url.port}",
        "database": url.path[1:],
        "schema": "public",
        "role": url.username,
    }


def sign_again(files: Files, content: Json) -> None:
    """Sign what was changed with the service's own key, as its owner could."""
    key = read_key(files.key.with_name("private.pem"))
    files.certificate.write_bytes(signed("certificate", content, key))


# --- what it says ---------------------------------------------------------------------------


def test_it_says_what_was_compared(service: Service, certified: Files):
    content = certified.content()
    ((position, head),) = raw.rows(
        service.url,
        "SELECT position, hash FROM event_store_event WHERE position ="
        " (SELECT max(position) - 1 FROM event_store_event)",
    )
    (adopted,) = events(service.url, "consolidation.HostAdopted")
    assert content["format"] == "restore-log-certificate/2"
    assert content["recipe"] == "host-digest/1"
    assert (content["purpose"], content["issued_by"], content["equal"]) == (
        "verify",
        f"{ME} as ada",
        True,
    )
    heads = content["log"].pop("heads")
    assert content["log"] == {"position": position, "chain_head": bytes(head).hex()}
    stored = raw.rows(service.url, "SELECT position, hash FROM event_store_event")
    hashes = {str(at): bytes(hash_).hex() for at, hash_ in stored}
    assert heads == {at: hashes[at] for at in heads}
    assert {"1", "64", "96", str(position)} <= heads.keys()
    assert content["host"] == {
        "id": adopted["host_id"],
        "fingerprint": adopted["fingerprint"],
        "id_offset": adopted["id_offset"],
        "vendor": service.vendor,
        "source": read_from(service),
    }
    assert content["scopes"] == {
        label: "all" if table.origin == "consolidated" else "native"
        for label, table in TABLES.items()
    }
    assert set(content["mappings"]) == set(TABLES)
    assert content["differences"] == {"projection_wrong": 0, "host_changed": 0, "quarantined": 0}
    assert content["problems"] == []
    for name, table in content["host_tables"].items():
        assert table["rows"] == raw.value(service.host, f"SELECT count(*) FROM {name}")
    for label, table in content["projections"].items():
        name = label.replace(".", "_").lower()
        assert table["rows"] == raw.value(service.url, f"SELECT count(*) FROM {name}")
        assert table["digest"] == table["expected_digest"]


def test_the_log_names_the_files_hash(service: Service, certified: Files):
    (event,) = events(service.url, VERIFIED)
    content = certified.content()
    assert event["certificate"] == sha256(certified.certificate.read_bytes()).hexdigest()
    assert (event["purpose"], event["equal"], event["quarantined"]) == ("verify", True, 0)
    assert event["log_position"] == content["log"]["position"] == event["position"] - 1
    assert event["tables"]["system_backups.RestoreLog"] == {
        "rows": 2 * ROWS,
        "digest": content["projections"]["system_backups.RestoreLog"]["digest"],
    }
    assert run(service, "--json").json["projections"][0]["lag"] == 0


def test_it_keeps_what_the_log_keeps_of_each_host_table(service: Service, certified: Files):
    service.host_sql(CHANGED)
    service.host_sql("DELETE FROM database_management_backuplog WHERE id = 1")
    service.import_again(allow_deletions=1)
    second = certified._replace(certificate=certified.certificate.with_name("second.json"))
    run(service, *options_of(second))
    kept: dict[str, dict[int, bytes]] = {}
    for topic, stream, state in raw.rows(
        service.url, "SELECT topic, stream_id, state FROM event_store_event ORDER BY position"
    ):
        text = bytes(state).decode()
        if topic.endswith((".Imported", ".ChangedInHost")) and '"columns"' in text:
            said = json.loads(text)
            start = text.index('"columns":') + len('"columns":')
            _, end = json.JSONDecoder().raw_decode(text, start)
            name = "database_management" if said["origin"] == "legacy" else "system_backups"
            rows = kept.setdefault(f"{name}_{topic.partition('.')[0]}log", {})
            rows[said["columns"]["id"]] = sha256(text[start:end].encode()).digest()
        elif topic == "backup.VanishedFromHost":
            del kept["database_management_backuplog"][1]
        assert stream
    for name, table in second.content()["host_tables"].items():
        hashes = b"".join(hash_ for _, hash_ in sorted(kept[name].items()))
        assert table["log_digest"] == sha256(hashes).hexdigest(), name
        assert table["rows"] == len(kept[name])


def digest_stream_by_stream(log: LogIndex, table: ExpectedTable) -> str:
    """A host table's digest by the log, as a retired migration is verified."""
    rows = LoggedRows(log, table, table)
    for _ in rows.chunks():
        pass
    return rows.digest


def test_one_pass_over_the_log_and_stream_by_stream_are_the_same(service: Service):
    service.host_sql(CHANGED)
    service.host_sql("DELETE FROM database_management_backuplog WHERE id = 1")
    service.import_again(allow_deletions=1)
    use(service.url)
    reader = open_service(connections["default"].settings_dict, ())
    log = LogIndex(reader)
    found = logged_digests(log)
    assert found == {table.name: digest_stream_by_stream(log, table) for table in TABLES.values()}
    reader.close()


def test_a_verification_that_finds_a_difference_gets_one_too(service: Service, files: Files):
    service.sql(CHANGED)
    done = run(service, *options_of(files), check=False)
    assert done.code == 1
    content = files.content()
    assert content["equal"] is False
    assert content["differences"]["projection_wrong"] == 1
    assert content["projections"]["system_backups.RestoreLog"]["differing"] == 1
    assert [event["equal"] for event in events(service.url, VERIFIED)] == [False]
    checked = checking.check(files.certificate, files.key, "--rows", files.rows)
    assert checked.code == 0
    assert "NOT EQUAL" in checked.out


def test_a_broken_chain_makes_it_not_equal(service: Service, files: Files, refusal):
    forging.forge(
        service.url, "UPDATE event_store_event SET recorded_at = recorded_at - 1 WHERE position = 3"
    )
    assert run(service, *options_of(files), check=False).code == 1
    content = files.content()
    assert content["equal"] is False
    assert "position 3" in content["problems"][0]
    assert refusal(files) == ""


def test_quarantined_rows_stand_in_it_with_the_reason(
    copies: Made, vendor: str, files: Files, refusal
):
    service = copies(vendor, bad=8)
    assert run(service, *options_of(files), check=False).code == 1
    quarantined = files.content()["quarantined"]
    assert (quarantined["count"], quarantined["accepted"], quarantined["reason"]) == (8, 0, None)
    assert len(quarantined["rows"]) == 16  # each stands in neither of two tables
    first = quarantined["rows"][0]
    column, reason = {
        "sqlite": ("name", "characters, and the column holds 255"),
        "postgresql": ("completed_at", f"not a time like {FORM}"),
    }[vendor]
    assert (first["table"], first["pk"]) == ("database_management.RestoreLog", 900_000_000)
    assert first["column"] == column
    assert reason in first["reason"]
    assert files.content()["equal"] is False
    assert refusal(files) == ""


@pytest.mark.parametrize(("accepted", "equal"), [(8, True), (7, False), (None, False)])
def test_it_is_equal_if_just_the_quarantined_rows_were_accepted(
    copies: Made, vendor: str, files: Files, refusal, accepted: int | None, equal: bool
):
    service = copies(vendor, bad=8)
    use(service.url)
    proof = Evidence()
    issued = issue(
        verify(service.host, proof=proof),
        proof,
        purpose="cut_over",
        actor="ada",
        path=files.certificate,
        accepted=accepted,
        reason="they are from before 1970",
        touched=CertifiedDelta(rows=3, position=99),
    )
    assert issued.sha256 == sha256(files.certificate.read_bytes()).hexdigest()
    assert issued.facts()["equal"] is equal
    content = files.content()
    assert (content["equal"], content["purpose"]) == (equal, "cut_over")
    assert content["quarantined"]["reason"] == "they are from before 1970"
    assert content["touched"] == {"rows": 3, "position": 99}
    assert refusal(files, rows=None) == ""


def test_what_was_appended_after_the_chain_was_walked_is_walked_too(
    service: Service, files: Files, monkeypatch: pytest.MonkeyPatch
):
    def walk_and_append(log: Log) -> Any:
        report = walk(log)
        log.append([new_event(requested(5))])
        return report

    walk = verification.verify_chain
    monkeypatch.setattr(verification, "verify_chain", walk_and_append)
    use(service.url)
    end = Log().head().position
    proof = Evidence()
    found = verify(service.host, proof=proof)
    content = issue(found, proof, purpose="verify", actor="ada", path=files.certificate).content
    assert content["log"]["position"] == end + 1
    assert content["log"]["chain_head"] == Log().head().hash.hex()
    assert content["problems"] == []


# --- what is left behind ---------------------------------------------------------------------


def test_plain_verify_records_nothing(service: Service, files: Files):
    run(service)
    run(service, *options_of(files), "--dry-run")
    assert events(service.url, VERIFIED) == []
    assert not files.certificate.exists()
    assert not files.rows.exists()


def test_if_it_cannot_be_written_nothing_is_recorded(service: Service, files: Files):
    nowhere = str(files.certificate.parent / "nowhere" / "file")
    for options in (
        ["--certificate", nowhere],
        ["--certificate", str(files.certificate), "--export", nowhere],
        ["--certificate", str(files.certificate.parent)],
        ["--export", str(files.rows)],
    ):
        done = run(service, *options, check=False)
        assert (done.code, done.out) == (2, "")
        assert len(done.err.splitlines()) == 1
    assert events(service.url, VERIFIED) == []
    left = {file.name for file in files.certificate.parent.iterdir()}
    assert not {name for name in left if "certificate" in name or "rows" in name}


@pytest.mark.parametrize("left", [b"{}", b'{"origin": "consolidated"}', None])
def test_a_log_that_cannot_be_read_to_its_end_gets_none(
    service: Service, files: Files, left: bytes | None
):
    """Of a host's row that changed its event is read; without all its fields it cannot be."""
    service.host_sql(CHANGED)
    forging.unlock(service.url)
    for position, state in raw.rows(
        service.url, "SELECT position, state FROM event_store_event WHERE topic LIKE '%.Imported'"
    ):
        said = json.loads(bytes(state))
        del said["assumed"]
        service.sql(
            f"UPDATE event_store_event SET state = ? WHERE position = {position}",
            left or json.dumps(said).encode(),
        )
    done = run(service, *options_of(files), check=False)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("The log cannot be read, so no tables were compared")
    assert not files.certificate.exists()
    assert not files.rows.exists()


# --- what the check refuses ------------------------------------------------------------------


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bits", [0x01, 0x20, 0xFF])
def test_any_changed_byte_is_refused(certified: Files, checker: ModuleType, bits: int):
    key = checker.read_key(certified.key)
    whole = certified.certificate.read_bytes()
    assert checker.opened(whole, key)["equal"] is True
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= bits
        with pytest.raises(checker.Refused):
            checker.opened(bytes(changed), key)


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_so_is_any_byte_less_or_more(certified: Files, checker: ModuleType):
    key = checker.read_key(certified.key)
    whole = certified.certificate.read_bytes()
    for changed in (
        whole[:-1], whole[1:], whole[:-40], b"", whole + b"\n", b" " + whole, whole * 2,
        b"[" * 100_000, b"\xef\xbb\xbf" + whole,
    ):  # fmt: skip
        with pytest.raises(checker.Refused):
            checker.opened(changed, key)


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_one_that_was_signed_by_another_key_is_refused(certified: Files, tmp_path: Path, refusal):
    private = tmp_path / "other-private.pem"
    other = make_key(private)
    document = json.loads(certified.certificate.read_bytes())
    theirs = signed("certificate", document["certificate"], other)
    certified.certificate.write_bytes(theirs)
    assert "another key" in refusal(certified)
    # With the right key's name in it, and with the other's whole public key beside.
    forged = json.loads(theirs)
    forged["signature"]["key"] = document["signature"]["key"]
    certified.certificate.write_bytes(canonical(forged))
    assert "not that of the given key" in refusal(certified)
    forged["signature"]["public"] = other.public.pem.decode()
    certified.certificate.write_bytes(canonical(forged))
    assert "no signature" in refusal(certified)


def canonical(document: Json) -> bytes:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def test_the_rows_of_another_export_are_refused(service: Service, certified: Files, refusal):
    assert refusal(certified) == ""
    first = certified.content()
    service.host_sql(CHANGED)
    service.import_again()
    second = certified._replace(
        certificate=certified.certificate.with_name("second.json"),
        rows=certified.rows.with_name("second.ndjson"),
    )
    run(service, *options_of(second))
    assert refusal(second) == ""
    assert second.content()["export"]["lines"] == first["export"]["lines"]
    assert refusal(second, rows=certified.rows)
    assert refusal(certified, rows=second.rows)
    # Signed again by an owner who names the other export, too.
    sign_again(certified, {**first, "export": second.content()["export"]})
    assert "not those that the certificate counts" in refusal(certified, rows=second.rows)


def swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


def altered(lines: list[bytes]) -> list[bytes]:
    row = json.loads(lines[5])
    at = next(n for n, cell in enumerate(row["cells"]) if cell.startswith("t"))
    row["cells"][at] = "t1:x"
    return [*lines[:5], json.dumps(row).encode() + b"\n", *lines[6:]]


def moved(lines: list[bytes]) -> list[bytes]:
    """A row said to be of the other side."""
    row = json.loads(lines[-1])
    row["side"], row["table"] = "host", "system_backups_restorelog"
    return [*lines[:-1], json.dumps(row).encode() + b"\n"]


CHANGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "reordered": swapped,
    "duplicated": lambda lines: [lines[0], *lines],
    "dropped": lambda lines: lines[:7] + lines[8:],
    "cut off": lambda lines: lines[:-1],
    "altered": altered,
    "moved": moved,
    "no JSON": lambda lines: [*lines, b"x\n"],
    "another key": lambda lines: [lines[0].replace(b'"pk":', b'"pk":1'), *lines[1:]],
    "another table": lambda lines: [lines[0].replace(b'"table":"', b'"table":"x'), *lines[1:]],
    "white space": lambda lines: [lines[0].replace(b'"pk":', b'"pk": '), *lines[1:]],
    "a cell more": lambda lines: [lines[0].replace(b'"]', b'","-"]'), *lines[1:]],
    "run together": lambda lines: [lines[0].replace(b'","', b"", 1), *lines[1:]],
}


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
@pytest.mark.parametrize("change", CHANGES)
def test_changed_rows_are_refused_even_if_the_export_is_signed_again(
    certified: Files, refusal, change: str
):
    lines = CHANGES[change](certified.rows.read_bytes().splitlines(keepends=True))
    data = b"".join(lines)
    certified.rows.write_bytes(data)
    assert refusal(certified)
    content = certified.content()
    content["export"] = {"lines": len(lines), "sha256": sha256(data).hexdigest()}
    sign_again(certified, content)
    if change == "white space":  # the same rows, written in another way
        assert refusal(certified) == ""
    else:
        assert refusal(certified)


def other_digest(content: Json) -> None:
    content["projections"]["system_backups.RestoreLog"]["expected_digest"] = "0" * 64


def hidden_difference(content: Json) -> None:
    content["differences"]["projection_wrong"] = 1


def hidden_problem(content: Json) -> None:
    content["problems"] = ["The log's chain is broken at position 3"]


def said_unequal(content: Json) -> None:
    content["equal"] = False


def missing_row(content: Json) -> None:
    content["projections"]["system_backups.RestoreLog"]["missing"] = 1


def unlisted_quarantine(content: Json) -> None:
    content["differences"]["quarantined"] = 1


def counted_quarantine(content: Json) -> None:
    content["projections"]["system_backups.RestoreLog"]["quarantined"] = 1


def without_counts(content: Json) -> None:
    del content["projections"]["system_backups.RestoreLog"]["rows"]


def of_another_format(content: Json) -> None:
    content["format"] = "restore-log-certificate/3"


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "lie",
    [
        other_digest,
        hidden_difference,
        hidden_problem,
        said_unequal,
        missing_row,
        unlisted_quarantine,
        counted_quarantine,
        without_counts,
        of_another_format,
    ],
)
def test_a_verdict_that_does_not_follow_is_refused_although_it_is_signed(
    certified: Files, refusal, lie: Callable[[Json], None]
):
    content = certified.content()
    lie(content)
    sign_again(certified, content)
    assert refusal(certified, rows=None)


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_rows_without_an_export_in_the_certificate_are_refused(
    service: Service, certified: Files, refusal
):
    without = certified._replace(certificate=certified.certificate.with_name("second.json"))
    run(service, "--certificate", str(without.certificate))
    assert without.content()["export"] is None
    assert "names no export" in refusal(without)
