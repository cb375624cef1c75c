from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "projections.engine"
    label = "engine"
    verbose_name = "Projections"

    def ready(self) -> None:
        from infrastructure.event_store.remembered_heads import register_memory
        from infrastructure.hosts.followers import register_follower
        from infrastructure.hosts.inspecting.inspection import register_judge
        from projections import extra_columns
        from projections.engine import checkpoints
        from projections.engine.following import follow_import, judge

        register_memory(checkpoints.not_in_log)
        register_judge(judge)
        register_follower(follow_import)
        extra_columns.listen()
