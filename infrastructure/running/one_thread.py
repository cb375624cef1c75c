"""Django's ASGI handler, with all of a request's middleware and its view in one thread."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections


class OneThread(ASGIHandler):
    """Our middleware and views are plain functions: a request's run in one of some threads.

    Django would adapt its own middleware to asynchronous code and back, with an event loop and a
    thread more for every request, and its connections would end with that thread. Ours stay, and so
    does what SQLite knows of the database's tables: to read that takes as long as a row.
    """

    _middleware_chain: Any

    def __init__(self, threads: int) -> None:
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        super().__init__()

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)
        answered = self._middleware_chain

        def answer(request: Any) -> Any:
            close_old_connections()
            try:
                return answered(request)
            finally:
                close_old_connections()

        self._middleware_chain = sync_to_async(
            answer, thread_sensitive=False, executor=self.threads
        )
