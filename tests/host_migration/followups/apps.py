"""What comes after a restore."""

from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    """An app that refers to legacy rows in every way there is."""

    name = "followups"
