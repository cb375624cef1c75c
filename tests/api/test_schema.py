"""The OpenAPI document is valid, and what the API answers is what it says."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from tests.api.conftest import Reader
from tests.api.rows import backup, legacy, put, restore
from tests.builders import completed, imported, requested, started


@pytest.fixture(scope="module")
def document() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def matches(document: Any) -> Callable[[str, Any], None]:
    """Asserts that a response is what the document says of this path."""

    def check(path: str, response: Any) -> None:
        answers = document["paths"][f"/api/v1/{path}"]["get"]["responses"]
        told = answers[str(response.status_code)]["content"]
        schema = told[response["Content-Type"].split(";")[0]]["schema"]
        whole = {**schema, "components": document["components"]}
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(response.json())

    return check


def test_the_document_is_valid_openapi_3_1_without_warnings(document: Any, tmp_path: Any):
    assert document["openapi"] == "3.1.0"
    validate_schema(document)
    file = tmp_path / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
    assert "nullable" not in file.read_text()


def test_it_names_every_route(document: Any):
    assert sorted(document["paths"]) == [
        "/api/v1/",
        "/api/v1/audit/events/",
        "/api/v1/audit/events/export/",
        "/api/v1/audit/events/{position}/",
        "/api/v1/audit/events/{position}/state/",
        "/api/v1/backups/",
        "/api/v1/backups/{id}/",
        "/api/v1/backups/{id}/expire/",
        "/api/v1/backups/{id}/extra/",
        "/api/v1/backups/{id}/restores/",
        "/api/v1/backups/{id}/source/",
        "/api/v1/backups/{id}/verify/",
        "/api/v1/consolidation/",
        "/api/v1/consolidation/cut_over/",
        "/api/v1/consolidation/retire/",
        "/api/v1/consolidation/roll_back/",
        "/api/v1/exports/",
        "/api/v1/exports/audit-events/",
        "/api/v1/exports/backups/",
        "/api/v1/exports/legacy-restores/",
        "/api/v1/exports/restores/",
        "/api/v1/legacy/restores/",
        "/api/v1/legacy/restores/{id}/",
        "/api/v1/legacy/restores/{id}/extra/",
        "/api/v1/legacy/restores/{id}/message/",
        "/api/v1/projections/",
        "/api/v1/restores/",
        "/api/v1/restores/{id}/",
        "/api/v1/restores/{id}/amend/",
        "/api/v1/restores/{id}/cancel/",
        "/api/v1/restores/{id}/complete/",
        "/api/v1/restores/{id}/events/",
        "/api/v1/restores/{id}/events/{position}/state/",
        "/api/v1/restores/{id}/extra/",
        "/api/v1/restores/{id}/fail/",
        "/api/v1/restores/{id}/heartbeat/",
        "/api/v1/restores/{id}/message/",
        "/api/v1/restores/{id}/progress/",
        "/api/v1/restores/{id}/start/",
        "/api/v1/restores/{id}/validate/",
        "/api/v1/schema/",
        "/api/v1/statistics/",
    ]


def test_it_marks_the_legacy_routes_alone_as_deprecated(document: Any):
    deprecated = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if operation.get("deprecated")
    }
    assert deprecated == {path for path in document["paths"] if "/legacy/" in path}
    told = document["paths"]["/api/v1/legacy/restores/"]["get"]["responses"]["200"]["headers"]
    assert set(told) == {"Deprecation", "Sunset", "Link"}


def test_it_names_every_parameter_that_is_known(document: Any, viewer: Reader):
    known = viewer.problem("restores/", 400, nothing="1")["detail"].split("Known: ")[1]
    named = {p["name"] for p in document["paths"]["/api/v1/restores/"]["get"]["parameters"]}
    assert named | {"format"} == set(known.rstrip(".").split(", "))


def parameters(document: Any, path: str) -> dict[str, Any]:
    return {p["name"]: p for p in document["paths"][f"/api/v1/{path}"]["get"]["parameters"]}


def test_it_says_which_words_orderings_and_moments_there_are(document: Any):
    restores = parameters(document, "restores/")
    assert set(restores["origin"]["schema"]["enum"]) == {"legacy", "consolidated", "recorded"}
    topics = parameters(document, "audit/events/")["topic"]["schema"]["enum"]
    assert "restore.Amended" in topics
    ordering = re.compile(restores["ordering"]["schema"]["pattern"])
    for text in ("id", "-created_at", "status,-name", "-duration_seconds,status,id"):
        assert ordering.fullmatch(text), text
    for text in ("", "nothing", "message", "extra", "id,", ",id", "--id", "id;name"):
        assert not ordering.fullmatch(text), text
    moment = re.compile(parameters(document, "restores/{id}/")["as_of"]["schema"]["pattern"])
    for text in (
        "now",
        "0",
        "17",
        "2024-05-01",
        "2024-05-01T12:00:00Z",
        "2024-05-01T12:00:00.5+02:00",
    ):
        assert moment.fullmatch(text), text
    for text in ("", "-1", "yesterday", "12:00"):
        assert not moment.fullmatch(text), text
    extra = parameters(document, "legacy/restores/")["extra"]
    assert "{" in extra["schema"]["pattern"]
    assert "JSON object" in extra["description"]
    assert "is_overwrite" in parameters(document, "legacy/restores/")["extra.NAME"]["description"]


def test_it_says_what_bodies_refuse(document: Any):
    schemas = document["components"]["schemas"]
    body = {**schemas["RequestBodyRequest"], "components": document["components"]}
    validator = Draft202012Validator(body, format_checker=FormatChecker())
    over = {"name": "r", "status": "completed", "started_at": "2026-03-01T12:00:00Z"}
    for good in (
        {"name": "r", "reason": None},
        {"name": "r", "requested_at": "2026-03-01T12:00:00.5+14:00"},
        over,
        {**over, "status": "failed", "signal": "SIGKILL"},
    ):
        assert list(validator.iter_errors(good)) == [], good
    for bad in (
        {"name": "r", "nothing": 1},
        {"name": "a\0b"},
        {"name": "r", "output": "x"},
        {"name": "r", "requested_at": "2026-03-01T12:00:00+14:30"},
        {"name": "r", "status": "cancelled", "command": "pg_restore"},
        {**over, "signal": "SIGINT"},
        {**over, "status": "cancelled", "exit_code": 1},
    ):
        assert list(validator.iter_errors(bad)) != [], bad


def test_every_operation_says_what_it_answers_when_it_cannot(document: Any):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            assert {"400", "401", "403", "404", "503"} <= set(answers), (path, method)
            assert "Retry-After" in answers["503"]["headers"], (path, method)
            if method == "post":
                assert {"413", "415"} <= set(answers), path


def test_an_unknown_format_is_answered_as_it_says(viewer: Reader, matches: Any):
    for path in ("restores/", "projections/", "backups/"):
        matches(path, viewer.get(path, expect=404, format="yml"))
        matches(path, viewer.get(path, expect=404, format=""))


def test_it_is_served_to_those_who_have_logged_in(viewer: Reader):
    assert viewer.json("schema/?format=json")["openapi"] == "3.1.0"
    assert viewer.get("schema/").content.startswith(b"openapi: 3.1.0")


def test_lists_and_rows_are_as_it_says(viewer: Reader, matches: Any):
    put(restore(1, message="x" * 600), restore(2, source_backup_id=5, extra='{"a":[1]}'))
    put(legacy(1), legacy(2))
    put(backup(1), backup(2))
    for path in ("restores/", "legacy/restores/", "backups/"):
        matches(path, viewer.get(path))
        matches(path, viewer.get(path, page_size="1"))
    matches("restores/{id}/", viewer.get("restores/1/"))
    matches("restores/{id}/", viewer.get("restores/2/"))
    matches("legacy/restores/{id}/", viewer.get("legacy/restores/1/"))


def test_events_and_states_are_as_it_says(reader_of: Any, matches: Any):
    Log().append([new_event(e) for e in (imported(2), requested(1), started(1), completed(1))])
    catch_up()
    reader = reader_of("auditor")
    matches("", reader.get(""))
    matches("projections/", reader.get("projections/"))
    matches("consolidation/", reader.get("consolidation/"))
    matches("audit/events/", reader.get("audit/events/"))
    matches("restores/{id}/events/", reader.get("restores/2000000000002/events/"))
    matches("restores/{id}/", reader.get("restores/2000000000002/", as_of="3"))


def test_problems_are_as_it_says(viewer: Reader, matches: Any):
    matches("restores/", viewer.get("restores/?id=x", expect=400))
    matches("restores/", viewer.get("restores/?x=x", expect=400))
    matches("restores/{id}/", viewer.get("restores/1/", expect=404))
    matches("audit/events/", viewer.get("audit/events/", expect=403))


def test_a_row_that_is_not_as_it_says_would_be_noticed(viewer: Reader, matches: Any):
    put(restore(1))
    response = viewer.get("restores/1/")
    response.json = lambda: {"id": "one"}
    with pytest.raises(ValidationError):
        matches("restores/{id}/", response)
