"""TLS to a MySQL server: the options of a URL, and the context that enforces them.

It is built here, since PyMySQL's own options of these names verify less than they seem to.
"""

import ssl
from typing import Any, Literal, NamedTuple

from infrastructure.hosts.connecting.errors import BadSourceUrl
from infrastructure.hosts.connecting.options import truth

Mode = Literal["DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"]
"""MySQL's names; only PREFERRED connects without TLS if the server does not have it."""

MODES: tuple[Mode, ...] = ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
FILES = ("ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher")
SWITCHES = ("ssl_disabled", "ssl_verify_cert", "ssl_verify_identity")
SSL = (*FILES, *SWITCHES, "ssl_key_password", "ssl_mode")


class Tls(NamedTuple):
    """What is verified, and the files for it."""

    mode: Mode
    ca: str | None = None
    capath: str | None = None
    cert: str | None = None
    key: str | None = None
    key_password: str | None = None
    cipher: str | None = None


def asked_tls(given: dict[str, str]) -> Tls:
    """The TLS that these options request."""
    files = {name.removeprefix("ssl_"): given[name] for name in FILES if name in given}
    if "ssl_key_password" in given:
        files["key_password"] = given["ssl_key_password"]
    return Tls(_mode(given, bool(files)), **files)


def _mode(given: dict[str, str], files: bool) -> Mode:
    switches = {name: truth(name, given[name]) for name in SWITCHES if name in given}
    by_switches = _by_switches(switches, files)
    if "ssl_mode" not in given:
        return by_switches
    asked = given["ssl_mode"].upper().replace("-", "_")
    mode = next((mode for mode in MODES if mode == asked), None)
    if mode is None:
        raise BadSourceUrl(f"the option ssl-mode has to be one of {', '.join(MODES)}")
    weak = mode in ("DISABLED", "PREFERRED")
    if (weak and files) or (switches and by_switches != mode):
        raise BadSourceUrl(f"its ssl options contradict each other; one says {mode}")
    if mode == "REQUIRED" and ("ssl_ca" in given or "ssl_capath" in given):
        return "VERIFY_CA"  # As MySQL's own clients do.
    return mode


def _by_switches(switches: dict[str, bool], files: bool) -> Mode:
    """The mode if none is named: everything is verified except for what is switched off."""
    identity, certificate = switches.get("ssl_verify_identity"), switches.get("ssl_verify_cert")
    asked = files or identity or certificate
    if switches.get("ssl_disabled"):
        if asked:
            raise BadSourceUrl("its ssl options contradict each other; one says ssl_disabled")
        return "DISABLED"
    if not asked:
        return "PREFERRED"
    if identity or (files and identity is None and certificate is None):
        return "VERIFY_IDENTITY"
    return "REQUIRED" if certificate is False else "VERIFY_CA"


def parameters(tls: Tls) -> dict[str, Any]:
    """PyMySQL's parameters for it."""
    if tls.mode == "DISABLED":
        return {"ssl_disabled": True}
    return {} if tls.mode == "PREFERRED" else {"ssl": _context(tls)}


def _context(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca, capath=tls.capath)
        # Certificates that servers create for themselves do not follow every rule.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.check_hostname = tls.mode == "VERIFY_IDENTITY"
        context.verify_mode = ssl.CERT_NONE if tls.mode == "REQUIRED" else ssl.CERT_REQUIRED
        if tls.cert is not None:
            context.load_cert_chain(tls.cert, tls.key, tls.key_password)
        if tls.cipher is not None:
            context.set_ciphers(tls.cipher)
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or "unusable"
        raise BadSourceUrl(f"a file or cipher that its ssl options name: {why}") from error
    return context
