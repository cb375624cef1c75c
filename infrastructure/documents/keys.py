"""The key that signs certificates and anchors: its file, its creation, and its public key.

Ed25519 (RFC 8032). The private key is in an unencrypted PEM file (PKCS 8) that only its owner can
read; it is never printed.
"""

import os
import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from domain.errors import RestoreLogError
from domain.messages import Remedy, remedy


class NoSigningKey(RestoreLogError):
    code = "no_signing_key"

    def __init__(self) -> None:
        super().__init__(
            "SIGNING_KEY_FILE is not set, so nothing can be signed. Set it to a file that only "
            "the service can read, then make the key: ",
            remedy("signing_key", create=True),
        )


class UnusableKey(RestoreLogError):
    code = "unusable_key"

    def __init__(self, path: Path, why: str, *instead: str | Remedy) -> None:
        super().__init__(f"The key file {path} {why}.", *instead)


class KeyExists(RestoreLogError):
    code = "signing_key_exists"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is a key in {path} already; it was not changed. Documents that it has signed "
            "cannot be checked with another key. To replace it, move it away first."
        )


class PublicKey:
    """A key that checks signatures. `id` is the SHA-256 of its 32 bytes, in hexadecimal."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.id = sha256(raw).hexdigest()

    @property
    def pem(self) -> bytes:
        """The key as a PEM file holds it (SubjectPublicKeyInfo)."""
        return self._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def signed(self, signature: bytes, content: bytes) -> bool:
        """Whether the owner of the private key signed exactly these bytes."""
        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


class Signer:
    """The private key, with its public key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    def sign(self, content: bytes) -> bytes:
        """The signature of these bytes; 64 bytes."""
        return self._key.sign(content)


def signer() -> Signer:
    """The key that the settings name. Raises `NoSigningKey` or `UnusableKey`.

    With `DEBUG` and without `SIGNING_KEY_FILE`, a key is created under `var/`.
    """
    path = key_file()
    if settings.SIGNING_KEY_IS_OURS and not path.exists():
        path.parent.mkdir(exist_ok=True)
        try:
            return make_key(path)
        except KeyExists:
            pass  # another process was faster: its key is used
    return read_key(path)


def key_file() -> Path:
    """The path of the private key, from the settings."""
    if not settings.SIGNING_KEY_FILE:
        raise NoSigningKey
    return Path(settings.SIGNING_KEY_FILE)


def read_key(path: Path) -> Signer:
    """The private key in this file."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        make = remedy("signing_key", create=True)
        raise UnusableKey(path, "is not there", " To make a key: ", make) from error
    except OSError as error:
        raise UnusableKey(path, f"cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        # The library's message might quote the file.
        raise UnusableKey(path, "does not contain an unencrypted private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableKey(path, "holds a key of another kind; Ed25519 is needed")
    return Signer(key)


def read_public_key(path: Path) -> PublicKey:
    """The public key in this file."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise UnusableKey(path, f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UnusableKey(path, "does not contain a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UnusableKey(path, "holds a key of another kind; Ed25519 is needed")
    return PublicKey(key)


def make_key(path: Path) -> Signer:
    """Create a key in this file, readable only by its owner. `KeyExists` if the file exists.

    The key is written to a temporary file, then linked to its name. That fails if the name is
    taken, so if two processes do this at the same time, one of them creates the key.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError as error:
        raise KeyExists(path) from error
    except OSError as error:
        raise UnusableKey(path, f"cannot be made: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)
    return Signer(key)
