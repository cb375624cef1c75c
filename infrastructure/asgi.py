"""The ASGI application, for a server to run."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
application = get_asgi_application()
