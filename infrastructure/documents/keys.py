"""The key that signs certificates and anchors: where it is, how it is made, what is public of it.

Ed25519 (RFC 8032). The private key stands unencrypted in a PEM file (PKCS 8) that only its owner
can read; nothing here ever prints it.
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
            f"There is a key in {path} already; it stays as it is. What it has signed could not "
            "be checked against another. Move it away first if it has to be replaced."
        )


class PublicKey:
    """What checks a signature. `id` is the SHA-256 of its 32 bytes, in hexadecimal."""

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
    """The private key, and what is public of it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    def sign(self, content: bytes) -> bytes:
        """The signature of these bytes; 64 bytes."""
        return self._key.sign(content)


def signer() -> Signer:
    """The key that the settings name. `NoSigningKey` or `UnusableKey` if there is none.

    When trying the service out (`DEBUG`), without `SIGNING_KEY_FILE`, one is made under `var/`.
    """
    path = key_file()
    if settings.SIGNING_KEY_IS_OURS and not path.exists():
        path.parent.mkdir(exist_ok=True)
        try:
            return make_key(path)
        except KeyExists:
            pass  # another process was faster: its key is the one
    return read_key(path)


def key_file() -> Path:
    """Where the settings say that the private key is."""
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
        # What the library says might quote the file.
        raise UnusableKey(path, "holds no private key in PEM, unencrypted") from error
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
        raise UnusableKey(path, "holds no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UnusableKey(path, "holds a key of another kind; Ed25519 is needed")
    return PublicKey(key)


def make_key(path: Path) -> Signer:
    """A new key in this file, readable by its owner alone. `KeyExists` if there is a file.

    The file appears whole: it is written beside, then linked, which fails if the name is taken,
    so that of two processes at once one makes the key.
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
