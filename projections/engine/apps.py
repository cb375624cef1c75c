from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "projections.engine"
    label = "engine"
    verbose_name = "Projections"

    def ready(self) -> None:
        from infrastructure.event_store.memories import register_memory
        from infrastructure.hosts.followers import register_follower
        from infrastructure.hosts.inspection import register_judge
        from projections import extra
        from projections.engine import checkpoints
        from projections.engine.following import follow_import, judge

        register_memory(checkpoints.not_in_log)
        register_judge(judge)
        register_follower(follow_import)
        extra.listen()
