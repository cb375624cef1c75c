"""Users of the origin host."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    """Its table takes the place of `auth_user`."""

    name = "tests.sample_host.origin.users"
    label = "users"
