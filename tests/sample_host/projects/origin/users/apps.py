"""Users of the product."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    """Its table takes the place of `auth_user`."""

    name = "users"
    label = "users"
