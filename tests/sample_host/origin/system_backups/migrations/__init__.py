"""The app's migrations, and those from elsewhere that the environment names."""

from tests.sample_host.further_migrations import folders

__path__ += folders("system_backups")
