"""Finds every page of the console by its links, one of each kind."""

from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.browser.chromium import Visitor
from tests.support.pages import is_page, kind_of_page


def pages(visitor: Visitor, *begin: str) -> Iterator[str]:
    """Follows links from the first page and these; yields each kind's first path, shown now."""
    seen, waiting = set[str](), deque(["/", *begin])
    while waiting:
        path = waiting.popleft()
        if kind_of_page(path) in seen:
            continue
        seen.add(kind_of_page(path))
        answer = visitor.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path} answers {answer.status}"
        yield path
        visitor.page.goto(path)
        found = visitor.page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
        for address in found:
            parts = urlsplit(address)
            own = f"{parts.scheme}://{parts.netloc}" == visitor.address
            if own and is_page(parts.path):
                waiting.append(parts.path)
