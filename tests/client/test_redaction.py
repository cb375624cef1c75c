"""No secret is shown, whatever it is written in; and what is not secret stays readable."""

import time

import pytest

from api.client.output import LIMIT, CommandOutput
from api.client.redaction import Redactor
from tests.client.secret_cases import CASES, SecretCase


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.secret[:12])
def test_a_secret_is_hidden_and_the_rest_is_not(case: SecretCase):
    redactor = Redactor(case.environment)
    shown = redactor.command(case.words) + redactor.output(case.output.encode())
    assert case.secret not in shown
    assert case.shown
    assert case.shown in shown


@pytest.mark.parametrize("case", [case for case in CASES if case.words], ids=lambda c: c.secret)
def test_a_secret_of_the_command_is_hidden_in_its_output_too(case: SecretCase):
    redactor = Redactor()
    redactor.command(case.words)
    assert case.secret not in redactor.output(f"there was {case.secret}, here".encode())


@pytest.mark.parametrize(
    "words",
    [
        ("pg_restore", "-d", "orders", "--password", "-v", "/backups/orders.dump"),
        ("psql", "-h", "db", "-p", "5432", "orders"),
        ("mysql", "-P", "3306", "-uada", "orders"),
        ("tar", "-xzpf", "/backups/orders.tar.gz", "-C", "/srv/orders"),
        ("sh", "-c", "gunzip < dump.gz | psql orders"),
        ("rsync", "-a", "ada@db:/backups/", "/srv/"),
    ],
)
def test_a_command_without_a_secret_is_shown_as_it_is(words: tuple[str, ...]):
    assert "***" not in Redactor({"HOME": "/root", "PWD": "/srv", "LANG": "C"}).command(words)


def test_members_with_a_secret_name_are_hidden_and_remembered():
    redactor = Redactor()
    shown = redactor.value({"attributes": {"db_password": "Zu4een", "ticket": "OPS-17"}})
    assert shown == {"attributes": {"db_password": "***", "ticket": "OPS-17"}}
    assert redactor.text("it is Zu4een") == "it is ***"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 1000])
def test_a_secret_that_comes_in_pieces_is_hidden(size: int):
    written = b"begin\npassword=Zu4eeN01 --token Zu4eeN01 https://ada:Zu4eeN01@db/\r\nend\n"
    output = CommandOutput(Redactor())
    for begin in range(0, len(written), size):
        output.feed("stdout", written[begin : begin + size])
        output.feed("stderr", b"of another stream\n")
    output.finish()
    assert "Zu4eeN01" not in output.tail()
    assert "begin" in output.tail()
    assert "end" in output.tail()


@pytest.mark.parametrize("before", range(LIMIT - 40, LIMIT + 40, 7))
def test_where_the_beginning_is_cut_off_no_half_of_a_secret_is_left(before: int):
    output = CommandOutput(Redactor())
    output.feed("stdout", b"first\nhere: password=Zu4eeN01Zu4eeN01 and more\n")
    output.feed("stdout", b"line of text\n" * (before // 13) + b"." * (before % 13) + b"\n")
    assert "eeN01" not in output.tail()
    assert len(output.tail().encode()) <= LIMIT


def test_a_line_that_never_ends_is_not_kept_in_part():
    output = CommandOutput(Redactor())
    for _ in range(40):
        output.feed("stderr", b"token=" + b"Zu4ee" * 1000)
    output.feed("stderr", b" end\nthe next\n")
    assert output.tail() == "[a line of more than 65,536 bytes]\nthe next\n"


@pytest.mark.parametrize(
    "hostile",
    ["a" * LIMIT, "password" * 8000, "a://u:" * 11000, "password='" * 6500, "--token " * 8000,
     "mysql -p" * 8000, '\\"' * 30000, "'" * LIMIT, "identified by " * 4600,
     "-----BEGIN PRIVATE KEY-----" * 2400, "a:1:b:c:" * 8000, "A" * 60 + "\n" * 60000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_pattern_backtracks_for_ever_on_a_hostile_output(hostile: str):
    began = time.process_time()
    Redactor({"PGPASSWORD": "Zu4eeN01"}).output(hostile.encode())
    assert time.process_time() - began < 10
