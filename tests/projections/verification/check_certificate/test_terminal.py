"""What the check prints does no harm to a terminal, and any terminal can print it."""

from pathlib import Path

from tests.projections.verification.check_certificate.small_certificate import (
    Files,
    certificate,
    put,
    quarantine,
)
from tests.support import checking


def test_control_characters_do_not_reach_the_terminal(files: Files):
    content = put("eve\nChecked: everything.\x1b[31m\u202e", "issued_by")
    quarantine(content, accepted=1)
    content["quarantined"]["reason"] = "so\rwhat"
    content["problems"] = ["broken\x07\tat 3"]
    files.sign({**content, "equal": False})
    lines = files.check().out.split("\n")
    assert lines[0] == (
        r"Certificate of 2024-05-01T12:00:00.000000Z by eve\nChecked: everything.\x1b[31m\u202e"
    )
    assert r"  1 rows that no table can hold, accepted: so\rwhat" in lines
    assert r"  broken\x07\tat 3" in lines


def test_nor_do_those_of_what_is_refused_or_cannot_be_read(files: Files, tmp_path: Path):
    files.sign({**certificate(), "a\x1bb": 1})
    assert files.check().out.endswith(r"beyond its format: a\x1bb." + "\n")
    gone = tmp_path / "a\x1bb\nc"
    files.sign(certificate())
    assert files.check("--rows", gone).err == (
        f"Cannot check: {tmp_path}" + r"/a\x1bb\nc: No such file or directory." + "\n"
    )


def test_names_that_the_terminal_does_not_know_are_spelled_out(files: Files):
    done = checking.check_here(files.certificate, "--public-key", files.key, encoding="ascii")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(r"Certificate of 2024-05-01T12:00:00.000000Z by Zo\xeb" + "\n")
