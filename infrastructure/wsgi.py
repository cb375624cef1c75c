"""The WSGI application, for a server to run."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
application = get_wsgi_application()

# After Django is set up.
from infrastructure.event_store.head_file_updates import follow_in_background  # noqa: E402
from infrastructure.running.starts import note_start_in_background  # noqa: E402

follow_in_background()
note_start_in_background()
