"""No tables: only the permissions that the roles are made of."""

from django.db import models

from api.roles import PERMISSIONS


class Access(models.Model):
    """What the permissions hang on."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = list(PERMISSIONS.items())
