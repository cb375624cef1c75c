"""The permissions that the roles are made of, and the answers that were given once."""

from django.conf import settings
from django.db import models

from api.roles import PERMISSIONS


class Access(models.Model):
    """What the permissions hang on. No table."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = list(PERMISSIONS.items())


class IdempotentResponse(models.Model):
    """The answer to an account's request with an `Idempotency-Key`: see `api.v1.idempotency`.

    `asked` is the SHA-256 of what was asked; `body` is the answer's, or the problem. `version` and
    `position` are those of the event that was recorded with it, of its stream and of the log; null
    for a refusal, which records none.
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
