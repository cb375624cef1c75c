"""The permissions that roles consist of, tokens, and the responses of idempotent requests."""

from django.conf import settings
from django.db import models

from api.roles import PERMISSIONS


class Access(models.Model):
    """A model without a table, to which the permissions belong."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = list(PERMISSIONS.items())


class AccessToken(models.Model):
    """A token that a program logs in with: see `api.access.tokens`.

    `digest` is the SHA-256 of the token, which itself is not stored. `roles` limits it to what
    these roles may; empty means everything that the account may. An account has one for each label.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=100, blank=True, default="")
    digest = models.CharField(max_length=64, unique=True)
    roles = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_access_token"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "label"], name="api_access_token_one_per_label")
        ]

    def __str__(self) -> str:
        return f"Token {self.label}".strip()


class IdempotentResponse(models.Model):
    """The response to an account's request with an `Idempotency-Key`: see `api.v1.idempotency`.

    `asked` is the request's SHA-256; `body` is the response's, or the problem. `version` and
    `position` are those of the event that was recorded with it, in its stream and in the log; null
    for a refusal, which records no event.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    version = models.BigIntegerField(null=True)
    position = models.BigIntegerField(null=True)
    body = models.JSONField()
    answered_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "api_answer"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="api_answer_one_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.status})"
