"""The ASGI application, for a server to run: guarded, with a bounded pool of connections."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connections
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
django = get_asgi_application()

from infrastructure.settings.database import pool  # noqa: E402  (after Django is set up)

pool(connections.settings["default"], settings.REQUESTS_AT_WORK)
# By name: what guards it stands above this layer.
application = import_string("api.serving.guarded")(django)
