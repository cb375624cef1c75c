"""The check opens a certificate only if the given key signed it as it is."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infrastructure.documents.signed import signed
from tests.projections.verification.check_certificate.small_certificate import (
    SIGNER,
    Json,
    certificate,
)


def opened(the_check: ModuleType, data: bytes) -> Json:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    content: Json = the_check.opened(data, key)
    return content


def document(**changes: Any) -> Json:
    """The signed certificate, with other entries beside or in place of its own."""
    return {**json.loads(signed("certificate", certificate(), SIGNER)), **changes}


def written(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def test_a_signed_certificate_is_read_as_it_was_written(the_check: ModuleType):
    assert opened(the_check, signed("certificate", certificate(), SIGNER)) == certificate()
    assert written(document()) == signed("certificate", certificate(), SIGNER)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "the certificate is not JSON in UTF-8"),
        (b"\xff\n", "the certificate is not JSON in UTF-8"),
        (b'{"certificate":NaN}\n', "the certificate is not JSON in UTF-8"),
        (b"{}", "the certificate is not in its canonical form"),
        (b"{ }\n", "the certificate is not in its canonical form"),
        (b'{"b":1,"a":1}\n', "the certificate is not in its canonical form"),
        (b'{"a":"\\u00eb"}\n', "the certificate is not in its canonical form"),
        (b'["certificate","signature"]\n', "the file is no certificate"),
        (b'{"anchor":{},"signature":{}}\n', "the file is no certificate"),
        (written(document(extra=1)), "the file is no certificate"),
        (
            written(document(signature=["algorithm", "key", "value"])),
            "the certificate has no signature",
        ),
        (
            written(document(signature={"algorithm": "Ed25519", "value": ""})),
            "the certificate has no signature",
        ),
    ],
)
def test_a_file_in_another_form_is_refused(the_check: ModuleType, data: bytes, why: str):
    with pytest.raises(the_check.Refused) as refused:
        opened(the_check, data)
    assert str(refused.value) == why


@pytest.mark.parametrize(("field", "other"), [("algorithm", "Ed448"), ("key", "0" * 64)])
def test_another_algorithm_or_key_is_not_the_given_key(
    the_check: ModuleType, field: str, other: str
):
    signature = {**document()["signature"], field: other}
    with pytest.raises(the_check.Refused, match="signed by another key"):
        opened(the_check, written(document(signature=signature)))


def other_last_bits(value: str) -> str:
    """Other Base64 for the very same bytes: the last digit's low bits are not used."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert value.endswith("==")
    return value[:-3] + digits[digits.index(value[-3]) + 1] + "=="


@pytest.mark.parametrize(
    "forge",
    [
        lambda value: "A" * 86 + "==",
        other_last_bits,
        lambda value: value + "\n",
        lambda value: value[:40] + "!" + value[40:],
        lambda value: value[:-2],
        lambda value: "é",
        lambda value: None,
        lambda value: 17,
    ],
)
def test_only_the_one_signature_in_its_one_form_will_do(
    the_check: ModuleType, forge: Callable[[str], Any]
):
    signature = document()["signature"]
    signature["value"] = forge(signature["value"])
    with pytest.raises(the_check.Refused, match="not that of the given key over this content"):
        opened(the_check, written(document(signature=signature)))


def test_a_signature_of_other_content_is_refused(the_check: ModuleType):
    content = {**certificate(), "equal": False}
    with pytest.raises(the_check.Refused, match="not that of the given key over this content"):
        opened(the_check, written(document(certificate=content)))


@pytest.mark.parametrize(
    "content",
    [
        ["format"],
        {"format": "restore-log-certificate/3"},
        {"format": ["restore-log-certificate/2"]},
        {"format": None},
        {},
    ],
)
def test_signed_content_of_another_format_is_refused(the_check: ModuleType, content: Any):
    with pytest.raises(the_check.Refused) as refused:
        opened(the_check, signed("certificate", content, SIGNER))
    assert str(refused.value) == (
        "this check knows certificates of the formats restore-log-certificate/1 and "
        "restore-log-certificate/2"
    )
