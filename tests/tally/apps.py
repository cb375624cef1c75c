from django.apps import AppConfig


class TallyConfig(AppConfig):
    name = "tests.tally"
    label = "tally"

    def ready(self) -> None:
        from projections.engine.registry import AggregateProjection, register
        from tests.tally.models import Restores
        from tests.tally.projector import contribute

        register(
            AggregateProjection(
                model=Restores,
                of="system_backups.RestoreLog",
                key_columns=2,
                contribute=contribute,
                own_version=1,
            )
        )
