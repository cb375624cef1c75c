"""The pages of the console by their kinds."""

import re

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+|[0-9a-f]{64}")
ELSEWHERE = ("/admin/", "/api/", "/login/", "/logout/", "/static/")
"""What is no page of the console, or ends the session."""
FILES = ("/file/",)
"""How addresses end that are files."""


def kind_of_page(path: str) -> str:
    """The kind of page at a path: its ids, positions and digests left out."""
    return "/".join("<id>" if ID.fullmatch(part) else part for part in path.split("/"))


def is_page(path: str) -> bool:
    """Whether a path of the service is that of a page of the console."""
    return not path.startswith(ELSEWHERE) and not path.endswith(FILES)
