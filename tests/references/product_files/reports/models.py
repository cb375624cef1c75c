"""Reviews of legacy restores."""

from django.db import models


class RestoreReview(models.Model):
    """Somebody looked at a legacy restore afterwards."""

    restore = models.ForeignKey(
        "database_management.RestoreLog", models.CASCADE, related_name="reviews"
    )
    verdict = models.CharField(max_length=20, default="fine")
