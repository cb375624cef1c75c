"""Finds every page of the console by its links, one of each kind."""

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.browser.chromium import Visitor

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ELSEWHERE = ("/admin/", "/api/", "/login/", "/logout/", "/static/")
"""What is no page of the console, or ends the session."""


def kind(path: str) -> str:
    """The kind of page at a path: its ids and positions left out."""
    parts = ["<id>" if UUID.fullmatch(part) or part.isdigit() else part for part in path.split("/")]
    return "/".join(parts)


def pages(visitor: Visitor, *begin: str) -> Iterator[str]:
    """Follows links from the first page and these; yields each kind's first path, shown now."""
    seen, waiting = set[str](), deque(["/", *begin])
    while waiting:
        path = waiting.popleft()
        if kind(path) in seen:
            continue
        seen.add(kind(path))
        answer = visitor.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path} answers {answer.status}"
        yield path
        visitor.page.goto(path)
        found = visitor.page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
        for address in found:
            parts = urlsplit(address)
            own = f"{parts.scheme}://{parts.netloc}" == visitor.address
            if own and not parts.path.startswith(ELSEWHERE):
                waiting.append(parts.path)
