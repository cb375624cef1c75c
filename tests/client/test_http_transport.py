"""Answers that the service itself never gives, but a proxy, a portal or a wrong address does."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.client.commands.registered import find_backup
from api.client.configuration import Configuration, NotConfigured, read_configuration
from api.client.http_transport import HttpTransport
from api.client.transport import NotReached, RefusedForGood

STREAM = "11111111-1111-4111-8111-111111111111"
PROBLEM = {"code": "restore_not_pending", "detail": "It cannot start."}


class Answering:
    """What the next requests are answered with, and what they were."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.address = ""


@contextmanager
def answering(context: ssl.SSLContext | None = None) -> Iterator[Answering]:
    state = Answering()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.requests.append((self.path, headers, json.loads(body or b"null")))
            status, headers, content = state.answers.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if context is None else "https"
    state.address = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def service() -> Iterator[Answering]:
    with answering() as state:
        yield state


def configured(address: str, folder: Path, **more: Any) -> HttpTransport:
    given = {"token": "Zu4eeN01", **more}
    return HttpTransport(Configuration(spool=folder, url=address, **given), timeout=5)


def send(transport: HttpTransport, command: str = "start") -> Any:
    return transport.send(STREAM, command, {"sequence": 2}, key="a-key")


def test_what_is_sent(service: Answering, tmp_path: Path):
    service.answers = [(201, {}, b'{"id": 7}'), (202, {}, b'{"id": 7, "position": 9}')]
    transport = configured(service.address, tmp_path)
    assert send(transport, "request") == {"id": 7}
    assert send(transport) == {"id": 7, "position": 9}
    paths = [path for path, _, _ in service.requests]
    assert paths == ["/api/v1/restores/", f"/api/v1/restores/{STREAM}/start/"]
    _, headers, body = service.requests[1]
    assert body == {"sequence": 2}
    assert headers["authorization"] == "Token Zu4eeN01"
    assert (headers["idempotency-key"], headers["x-request-id"]) == ("a-key", STREAM)


@pytest.mark.parametrize(
    ("status", "headers", "content", "wait", "said"),
    [
        (503, {"Retry-After": "7"}, b'{"code": "too_busy", "detail": "Later."}', 7, "Later"),
        (409, {"Retry-After": "1"}, b'{"code": "request_in_progress", "detail": "-"}', 1, "-"),
        (429, {"Retry-After": "999999"}, b"", 300, "429"),
        (503, {"Retry-After": "nan"}, b"", None, "it answered 503"),
        (503, {"Retry-After": "Wed, 99 Foo 2026 99:99:99 GMT"}, b"", None, "it answered 503"),
        (200, {}, b"[" * 100_000, None, "as a restore log"),
        (409, {}, b"[" * 100_000, None, "it answered 409"),
        (500, {}, b"<html>", None, "it answered 500"),
        (403, {}, b'{"code": "permission_denied", "detail": "You may not."}', None, "You may not"),
        (404, {}, b"<html>nothing here</html>", None, "it answered 404"),
        (400, {}, b"<html>a proxy's own</html>", None, "it answered 400"),
        (200, {}, b"<html>Please log in to the guest network</html>", None, "as a restore log"),
        (301, {"Location": "https://elsewhere/"}, b"", None, "redirects to https://elsewhere/"),
    ],
)  # fmt: skip
def test_an_answer_that_says_nothing_of_the_event_leaves_it_waiting(
    service: Answering,
    tmp_path: Path,
    status: int,
    headers: dict[str, str],
    content: bytes,
    wait: float | None,
    said: str,
):
    service.answers = [(status, headers, content)]
    with pytest.raises(NotReached) as caught:
        send(configured(service.address, tmp_path))
    assert caught.value.wait == wait
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_problem_with_a_code_is_for_good(service: Answering, tmp_path: Path, status: int):
    service.answers = [(status, {}, json.dumps(PROBLEM).encode())]
    with pytest.raises(RefusedForGood, match="It cannot start") as caught:
        send(configured(service.address, tmp_path))
    assert (caught.value.status, caught.value.code) == (status, "restore_not_pending")
    assert caught.value.ahead is not None
    assert abs(caught.value.ahead) < 5


@pytest.mark.parametrize("content", [b"{}", b'{"status": "ok"}', b"[]", b"<html>"])
def test_what_is_not_a_backup_is_not_restored(service: Answering, tmp_path: Path, content: bytes):
    service.answers.append((200, {}, content))
    with pytest.raises(NotReached, match="does not answer as a restore log does"):
        configured(service.address, tmp_path).backup_source("../x")
    assert service.requests[0][0] == "/api/v1/backups/..%2Fx/source/"


def test_a_busy_log_is_asked_again_for_the_backup(service: Answering, tmp_path: Path):
    busy = (503, {"Retry-After": "0"}, b'{"code": "too_busy", "detail": "Later."}')
    long = (503, {"Retry-After": "99"}, b'{"code": "too_busy", "detail": "Much later."}')
    service.answers = [busy, busy, (200, {}, b'{"file_path": "/b"}'), busy, long, long]
    log = configured(service.address, tmp_path)
    assert find_backup({"backup": STREAM, "words": []}, log) == {"file_path": "/b"}
    with pytest.raises(NotReached, match=r"Not started: .* Much later"):
        find_backup({"backup": STREAM, "words": []}, log)
    assert find_backup({"backup": 7, "words": ["true"]}, log) is None


def test_a_token_that_was_changed_is_read_again(service: Answering, tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("old\n")
    transport = configured(service.address, tmp_path, token="", token_file=str(file))
    service.answers = [
        (200, {}, b"{}"),
        (401, {}, b'{"code": "x", "detail": ""}'),
        (200, {}, b"{}"),
    ]
    send(transport)
    file.write_text("new\n")
    send(transport)
    tokens = [headers["authorization"] for _, headers, _ in service.requests]
    assert tokens == ["Token old", "Token old", "Token new"]


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for 127.0.0.1, and a server's context that uses it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here, now = x509.IPAddress(ip_address("127.0.0.1")), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "certificate.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, private)
    return file, context


def test_a_certificate_is_verified(tmp_path: Path):
    file, context = certificate(tmp_path)
    with answering(context) as service:
        with pytest.raises(NotReached, match=r"cannot be trusted: self.signed certificate"):
            send(configured(service.address, tmp_path))
        assert service.requests == []
        service.answers = [(200, {}, b"{}")]
        send(configured(service.address, tmp_path, ca_file=str(file)))
        assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "RESTORELOG_URL is not set"),
        ({"RESTORELOG_URL": "logs.example"}, "not an http or https address"),
        ({"RESTORELOG_URL": "https://[::1"}, "not an http or https address"),
        (
            {"RESTORELOG_URL": "https://x", "RESTORELOG_TOKEN_FILE": "~nobody-has-this/token"},
            "The token file /token cannot be read: No such file or directory.",
        ),
        ({"RESTORELOG_URL": "http://logs.example"}, "would send the token in clear text"),
        ({"RESTORELOG_URL": "https://ada:Zu4eeN01@logs.example"}, "must not contain a login"),
        ({"RESTORELOG_URL": "https://logs.example"}, "There is no token"),
        (
            {"RESTORELOG_URL": "https://x", "RESTORELOG_TOKEN_FILE": "/nowhere/token"},
            "The token file /nowhere/token cannot be read: No such file or directory.",
        ),
        (
            {"RESTORELOG_URL": "https://x", "RESTORELOG_TOKEN_COMMAND": "echo Zu4eeN01; exit 3"},
            "RESTORELOG_TOKEN_COMMAND ended with exit code 3.",
        ),
        (
            {"RESTORELOG_URL": "https://x", "RESTORELOG_TOKEN": "Zu4ee N01"},
            "RESTORELOG_TOKEN does not give a token",
        ),
        (
            {"RESTORELOG_URL": "https://x", "RESTORELOG_TOKEN": "a", "RESTORELOG_TOKEN_FILE": "b"},
            "Set only one of RESTORELOG_TOKEN and RESTORELOG_TOKEN_FILE.",
        ),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_used_is_said_in_one_line(
    settings: dict[str, str], said: str, tmp_path: Path
):
    configuration = read_configuration({"HOME": str(tmp_path), **settings})
    with pytest.raises(NotReached, match=r"RESTORELOG|token") as caught:
        send(HttpTransport(configuration))
    assert said in str(caught.value)
    assert "Zu4ee" not in str(caught.value)


def test_without_a_home_the_root_is_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.getuid", lambda: 4_000_000_000)
    assert read_configuration({}).spool == Path("/.local/state/restorelog/spool")


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path):
    file = tmp_path / ".config" / "restorelog.ini"
    file.parent.mkdir()
    file.write_text("[restorelog]\nurl = https://logs.example\ntoken_command = echo from%me\n")
    read = read_configuration({"HOME": str(tmp_path)})
    assert (read.address(), read.read_token()) == ("https://logs.example/api/v1/", "from%me")
    assert read.spool == tmp_path / ".local/state/restorelog/spool"
    read = read_configuration({"HOME": str(tmp_path), "RESTORELOG_TOKEN": "mine"})
    assert (read.address(), read.read_token()) == ("https://logs.example/api/v1/", "mine")


@pytest.mark.parametrize(
    ("mode", "text", "said"),
    [
        (0o644, "[restorelog]\ntoken = Zu4eeN01\n", "can be read by others: chmod 600"),
        (0o600, "[restorelog]\nulr = x\n", "has an unknown setting: ulr."),
        (0o600, "url = https://x\n", "it is not an INI file"),
    ],
)
def test_a_file_that_is_not_in_order_is_not_used(mode: int, text: str, said: str, tmp_path: Path):
    file = tmp_path / ".config" / "restorelog.ini"
    file.parent.mkdir()
    file.write_text(text)
    file.chmod(mode)
    use: Callable[[], str] = read_configuration({"HOME": str(tmp_path)}).address
    with pytest.raises(NotConfigured) as caught:
        use()
    assert said in str(caught.value)
    assert "Zu4ee" not in str(caught.value)
