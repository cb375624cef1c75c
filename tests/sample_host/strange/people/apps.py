"""People of the strange host."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Its table takes the place of `auth_user`."""

    name = "tests.sample_host.strange.people"
    label = "people"
