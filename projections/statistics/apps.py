from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    name = "projections.statistics"
    label = "statistics"
    verbose_name = "Statistics"

    def ready(self) -> None:
        from projections.engine.registry import AggregateProjection, register
        from projections.statistics.contribution import VERSION, contribute, contribute_all
        from projections.statistics.models import RestoreSums

        register(
            AggregateProjection(
                model=RestoreSums,
                of="system_backups.RestoreLog",
                key_columns=5,
                contribute=contribute,
                contribute_all=contribute_all,
                own_version=VERSION,
                every_scope=True,
            )
        )
