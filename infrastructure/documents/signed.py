"""Signed documents in a canonical form, and files that are written completely or not at all.

    {"NAME": content, "signature": {"algorithm": "Ed25519", "key": …, "value": …}}

in JSON with sorted keys, no spaces, UTF-8, and one newline at the end. The signature covers the
canonical bytes of the content. A reader refuses a file that is not in its canonical form, so for
each content and key there is exactly one file.
"""

import fcntl
import json
import os
from base64 import b64decode, b64encode
from contextlib import suppress
from errno import EISDIR
from glob import escape
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from domain.errors import RestoreLogError
from infrastructure.documents.keys import PublicKey, Signer

ALGORITHM = "Ed25519"


class CannotWrite(RestoreLogError):
    code = "cannot_write"

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path} cannot be written: {error.strerror or error}. Nothing was done.")


class NotTrusted(RestoreLogError):
    """A document that is not what it claims to be. The message says why."""

    code = "document_not_trusted"


def canonical(content: Any) -> bytes:
    """The canonical form of this content, in bytes."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def signed(name: str, content: dict[str, Any], signer: Signer) -> bytes:
    """The file of a signed document."""
    signature = {
        "algorithm": ALGORITHM,
        "key": signer.public.id,
        "value": b64encode(signer.sign(canonical(content))).decode(),
    }
    return canonical({name: content, "signature": signature}) + b"\n"


def open_signed(name: str, data: bytes, key: PublicKey) -> dict[str, Any]:
    """The content of a signed document; `NotTrusted` unless the owner of this key signed it."""
    try:
        document = json.loads(data)
        whole = canonical(document) + b"\n" == data
    except (ValueError, RecursionError) as error:
        raise NotTrusted(f"This is no {name}: it is not JSON.") from error
    if not whole or not isinstance(document, dict) or set(document) != {name, "signature"}:
        raise NotTrusted(f"This is no {name}, or it was changed after it was signed.")
    content, signature = document[name], document["signature"]
    expected = {"algorithm": ALGORITHM, "key": key.id}
    if not isinstance(signature, dict) or signature != {
        **expected,
        "value": signature.get("value"),
    }:
        raise NotTrusted(f"The {name} was not signed by the given key.")
    try:
        value = b64decode(signature["value"], validate=True)
    except (TypeError, ValueError):
        value = b""
    if b64encode(value).decode() != signature["value"] or not key.signed(value, canonical(content)):
        raise NotTrusted(f"The {name} was changed after it was signed, or signed by another key.")
    if not isinstance(content, dict):
        raise NotTrusted(f"This is no {name}.")
    return content


def write_whole(path: Path, data: bytes) -> str:
    """Write all of these bytes to the file on disk, or none; returns their SHA-256."""
    beside = partial(path)
    try:
        with begun(path) as file:
            file.write(data)
            put_in_place(file, beside, path)
    except OSError as error:
        raise CannotWrite(path, error) from error
    finally:
        discard(beside)
    return sha256(data).hexdigest()


def refuse_unwritable(path: Path) -> None:
    """Raise `CannotWrite` if this file cannot be written. Call it before the work, not after."""
    beside = partial(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, "it is a folder")
        beside.touch()
    except OSError as error:
        raise CannotWrite(path, error) from error
    finally:
        discard(beside)


def partial(path: Path) -> Path:
    """The temporary path to which this process writes a file until it is complete."""
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def begun(path: Path, *, private: bool = False) -> IO[bytes]:
    """A new file, open at `partial(path)`. What dead processes left there for it is removed.

    It is locked until it is closed, so that other processes know that it is being written. A
    private file can be read only by its owner.
    """
    remove_abandoned(path.parent, path.name)
    flags, mode = os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o666
    file = os.fdopen(os.open(partial(path), flags, mode), "wb")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def discard(path: Path) -> None:
    """Remove the file if it exists. An error is ignored: then it was not written either."""
    with suppress(OSError):
        path.unlink()


def remove_abandoned(folder: Path, name: str | None = None) -> None:
    """Remove partial files of dead processes from this folder: those of that name, or all."""
    for left in folder.glob(f".{escape(name) if name else '*'}.*.partial"):
        # A locked file is being written; one that does not exist was just put in place.
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def put_in_place(file: Any, beside: Path, path: Path) -> None:
    """Write an open file to disk, then give it its final name."""
    file.flush()
    os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
