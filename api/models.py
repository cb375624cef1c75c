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


class FailedLogin(models.Model):
    """Failed logins of an account, or of a name without an account, from an address.

    See `api.access.failed_logins`. `tries` count towards a lock-out; `failures` and `refused` are
    those that no event tells of yet, and become one at `due_at`. `began_at` is the first of them,
    `last_at` the last attempt that was checked.
    """

    who = models.CharField(max_length=80)
    account_id = models.BigIntegerField(null=True)
    account = models.CharField(max_length=150, default="")
    address = models.CharField(max_length=64)
    tries = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)
    logged_in_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_failed_login"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["who", "address"], name="api_failed_login_one_per_pair")
        ]
        indexes = [models.Index(fields=["address"], name="api_failed_login_address")]

    def __str__(self) -> str:
        return f"{self.failures} failed logins"


class TrailReading(models.Model):
    """A reading of the whole log that goes on, until an event tells of it: `api.access.readings`.

    `account_id` is no foreign key: a reading is recorded even if the account was deleted meanwhile.
    """

    account_id = models.BigIntegerField()
    account = models.CharField(max_length=150)
    what = models.CharField(max_length=100)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    requests = models.PositiveIntegerField()

    class Meta:
        db_table = "api_trail_reading"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "what"], name="api_trail_reading_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} reads {self.what}"


class IdempotentResponse(models.Model):
    """The response to an account's request with an `Idempotency-Key`: see `api.v1.idempotency`.

    `asked` is the request's SHA-256; `body` is the response's, or the problem, as JSON in text: a
    JSON column of PostgreSQL would write large numbers in another way. `version` and `position` are
    those of the event that was recorded with it, in its stream and in the log; null for a refusal,
    which records no event.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    version = models.BigIntegerField(null=True)
    position = models.BigIntegerField(null=True)
    body = models.TextField()
    answered_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "api_answer"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="api_answer_one_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.status})"
