from django.apps import AppConfig


class ConsolidationConfig(AppConfig):
    name = "projections.consolidation"
    label = "consolidation"
