"""The ASGI application, for a server to run: guarded, with a bounded pool of connections."""

import os

import django
from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
django.setup(set_prefix=False)

# After Django is set up:
from infrastructure.databases.own_settings import for_server  # noqa: E402
from infrastructure.event_store.head_file_updates import follow_in_background  # noqa: E402
from infrastructure.running.one_thread import OneThread  # noqa: E402
from infrastructure.running.starts import note_start_in_background  # noqa: E402

for_server(connections.settings["default"], settings.REQUESTS_AT_WORK)
# By name, since the layer of the guard is above this one.
application = import_string("api.serving.guarded")(OneThread(settings.REQUESTS_AT_WORK + 4))
follow_in_background()
note_start_in_background()
