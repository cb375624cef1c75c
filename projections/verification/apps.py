from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "projections.verification"
    label = "verification"
