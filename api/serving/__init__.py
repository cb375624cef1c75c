"""Layers between the server and Django: a bounded body, shared probes, streams, bounded work.

Each is an ASGI application around another one. Files of pages go past the bounded work.
"""

from typing import Any

from django.conf import settings

from api.serving.accounts import Accounts
from api.serving.body import BoundedBody
from api.serving.probes import SharedProbes
from api.serving.rates import Rates
from api.serving.static_files import StaticFiles
from api.serving.streams import Streams
from api.serving.work import BoundedWork, Lanes


def guarded(django: Any) -> Any:
    """Django's application, guarded."""
    lanes = Lanes(settings.REQUESTS_AT_WORK, settings.REQUESTS_WAITING)
    accounts = Rates(settings.REQUESTS_PER_MINUTE)
    strangers = Rates(settings.STRANGER_REQUESTS_PER_MINUTE)
    work = BoundedWork(django, lanes, Accounts().whose, accounts, strangers)
    streams = Streams(work, settings.STREAMS)
    files = StaticFiles(streams, alone=django)
    return BoundedBody(SharedProbes(files, alone=django))
