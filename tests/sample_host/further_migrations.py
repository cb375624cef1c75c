"""Migrations that lie outside the host, such as those that the service writes for it."""

import os


def folders(app_label: str) -> list[str]:
    """The folders that SAMPLE_HOST_MIGRATIONS names for an app; its migrations package asks."""
    named = os.environ.get("SAMPLE_HOST_MIGRATIONS", "")
    pairs = (entry.partition("=") for entry in named.split(os.pathsep) if entry)
    return [folder for label, _, folder in pairs if label == app_label]
