"""The product's own users: Django's, with an address that is theirs alone."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who logs in to the host."""

    email = models.EmailField(unique=True)
