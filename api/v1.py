"""The routes of `/api/v1/`."""

from django.urls import path, re_path

from api.audit.views import AuditEvents
from api.backups.views import BackupList
from api.consolidation.views import ConsolidationState, CutOverView, RetireView, RollBackView
from api.nowhere import Nowhere
from api.projections.views import Projections
from api.restores.trail import RestoreTrail
from api.restores.views import (
    LegacyRestoreDetail,
    LegacyRestoreList,
    RestoreDetail,
    RestoreList,
)
from api.root import Root
from api.schema import Schema

urlpatterns = [
    path("", Root.as_view(), name="root"),
    path("restores/", RestoreList.as_view(), name="restores"),
    path("restores/<str:id>/", RestoreDetail.as_view(), name="restore"),
    path("restores/<str:id>/events/", RestoreTrail.as_view(), name="restore-events"),
    path("legacy/restores/", LegacyRestoreList.as_view(), name="legacy-restores"),
    path("legacy/restores/<str:id>/", LegacyRestoreDetail.as_view(), name="legacy-restore"),
    path("backups/", BackupList.as_view(), name="backups"),
    path("audit/events/", AuditEvents.as_view(), name="audit-events"),
    path("projections/", Projections.as_view(), name="projections"),
    path("consolidation/", ConsolidationState.as_view(), name="consolidation"),
    path("consolidation/cut_over/", CutOverView.as_view(), name="cut-over"),
    path("consolidation/roll_back/", RollBackView.as_view(), name="roll-back"),
    path("consolidation/retire/", RetireView.as_view(), name="retire"),
    path("schema/", Schema.as_view(), name="schema"),
    # Only with a slash at the end, so that a forgotten one still redirects.
    re_path(r".*/$", Nowhere.as_view(), name="nowhere"),
]
