from django.apps import AppConfig


class ConsolidationConfig(AppConfig):
    name = "projections.consolidation"
    label = "consolidation"

    def ready(self) -> None:
        from domain.consolidation.values import Scope
        from projections.consolidation.scope_in_force import scope_in_force
        from projections.engine.scopes import Scopes, register_scopes

        register_scopes(Scopes(tuple(Scope), scope_in_force))
