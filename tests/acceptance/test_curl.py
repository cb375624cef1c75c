"""The curl lines of the docs do what the page says. They are read here, and sent in this process:
curl is not on every machine."""

import re
import shlex
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from api import accounts
from tests.acceptance.pages import DOCS, blocks_of


def lines_of(page: Any) -> list[str]:
    """The lines of its blocks in `sh`; another block shows what cannot be sent to an empty log."""
    blocks = [text for language, text in blocks_of(page) if language == "sh"]
    return [line for text in blocks for line in text.replace("\\\n", " ").splitlines() if line]


PAGES = [
    page
    for page in sorted(DOCS.glob("how-to/*.md"))
    if any(line.startswith("curl ") for line in lines_of(page))
]


def sent(line: str, named: dict[str, str]) -> Any:
    """The response to a line of curl; the shell's variables have these values."""
    line = line.replace("$(cat ~/.restorelog-token)", "$TOKEN")
    words = shlex.split(re.sub(r"\$(\w+)", lambda found: named[found[1]], line))
    assert words.pop(0) == "curl"
    headers, body, address = {}, None, ""
    while words:
        match words.pop(0):
            case "--fail-with-body" | "--fail" | "--silent" | "--show-error":
                pass
            case "-o" | "--output":
                words.pop(0)
            case "-H" | "--header":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d" | "--data":
                body = words.pop(0)
            case word:
                address = word.removeprefix("https://restorelog.example")
    if body is None:
        return Client().get(address, headers=headers)
    return Client().post(address, body, content_type=headers["Content-Type"], headers=headers)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_curl_lines_of_a_page_are_answered(page: Any, database: str):
    token = str(accounts.new_token(accounts.create("ada", roles=["operator", "auditor"])))
    given = {"LOG": "/api/v1", "TOKEN": token}
    named = {"TOKEN": token}
    answers = []
    for line in lines_of(page):
        if assigned := re.fullmatch(r"(\w+)=(.*)", line):
            name, value = assigned.groups()
            value = str(uuid4()) if value.startswith("$(") else value
            (word,) = shlex.split(re.sub(r"\$(\w+)", lambda found: named[found[1]], value))
            named[name] = given.get(name, word)
            continue
        if not line.startswith("curl "):
            continue  # The client's tests run what the page says of restorelog.pyz.
        response = sent(line, named)
        assert response.status_code in (200, 201), (line, response.getvalue())
        answers.append(response if response.streaming else response.json())
    assert answers
    if page.stem == "record_over_rest":
        assert answers[3]["status"] == "completed"
        assert [event["topic"] for event in answers[4]["results"]] == [
            "restore.Requested",
            "restore.Started",
            "restore.Completed",
        ]
        assert answers[6]["target_database"] == "orders"
        assert answers[-1] == answers[-2]
        (found,) = answers[12]["results"]
        assert (found["validation"], found["warnings_count"]) == ("passed", 12)
        assert UUID(named["RESTORE"]) == UUID(answers[14]["restore_id"])
