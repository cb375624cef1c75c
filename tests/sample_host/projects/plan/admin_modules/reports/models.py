"""What the reports app stores; its foreign key is one that a consolidation must not forget."""

from django.conf import settings
from django.db import models


class RestoreReview(models.Model):
    """Somebody looked at a legacy restore afterwards."""

    restore = models.ForeignKey(
        "database_management.RestoreLog", models.CASCADE, related_name="reviews"
    )
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    verdict = models.CharField(max_length=20, default="fine")
    note = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.restore_id}: {self.verdict}"
