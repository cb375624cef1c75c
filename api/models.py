"""The permissions that roles consist of, and the stored responses of idempotent requests."""

from django.conf import settings
from django.db import models

from api.roles import PERMISSIONS


class Access(models.Model):
    """A model without a table, to which the permissions belong."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = list(PERMISSIONS.items())


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
