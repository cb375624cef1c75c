"""The routes of `/api/v1/`."""

from django.urls import path, re_path

from api.error_handlers import Nowhere
from api.v1.audit.detail import AuditEvent
from api.v1.audit.views import AuditEvents, AuditEventState, AuditExport
from api.v1.backups.restores import BackupRestores
from api.v1.backups.sources import BackupSourceView
from api.v1.backups.views import BackupDetail, BackupList, ExpireBackup, VerifyBackup
from api.v1.consolidation.views import ConsolidationDetail, CutOverView, RetireView, RollBackView
from api.v1.exports.views import EXPORTS, Exports
from api.v1.projections.views import Projections
from api.v1.restores.commands import (
    AmendRestore,
    CancelRestore,
    CompleteRestore,
    FailRestore,
    ProgressRestore,
    StartRestore,
    ValidateRestore,
)
from api.v1.restores.heartbeats import RestoreHeartbeat
from api.v1.restores.long_values import (
    BackupExtra,
    LegacyRestoreExtra,
    LegacyRestoreMessage,
    RestoreExtra,
    RestoreMessage,
)
from api.v1.restores.trail import RestoreTrail, TrailEventState
from api.v1.restores.views import (
    LegacyRestoreDetail,
    LegacyRestoreList,
    RestoreDetail,
    RestoreList,
)
from api.v1.root import Root
from api.v1.schema import Schema
from api.v1.statistics.views import Statistics

urlpatterns = [
    path("", Root.as_view(), name="root"),
    path("restores/", RestoreList.as_view(), name="restores"),
    path("restores/<str:id>/", RestoreDetail.as_view(), name="restore"),
    path("restores/<str:id>/start/", StartRestore.as_view(), name="restore-start"),
    path("restores/<str:id>/progress/", ProgressRestore.as_view(), name="restore-progress"),
    path("restores/<str:id>/heartbeat/", RestoreHeartbeat.as_view(), name="restore-heartbeat"),
    path("restores/<str:id>/complete/", CompleteRestore.as_view(), name="restore-complete"),
    path("restores/<str:id>/fail/", FailRestore.as_view(), name="restore-fail"),
    path("restores/<str:id>/cancel/", CancelRestore.as_view(), name="restore-cancel"),
    path("restores/<str:id>/validate/", ValidateRestore.as_view(), name="restore-validate"),
    path("restores/<str:id>/amend/", AmendRestore.as_view(), name="restore-amend"),
    path("restores/<str:id>/events/", RestoreTrail.as_view(), name="restore-events"),
    path(
        "restores/<str:id>/events/<int:position>/state/",
        TrailEventState.as_view(),
        name="restore-event-state",
    ),
    path("restores/<str:id>/message/", RestoreMessage.as_view(), name="restore-message"),
    path("restores/<str:id>/extra/", RestoreExtra.as_view(), name="restore-extra"),
    path("legacy/restores/", LegacyRestoreList.as_view(), name="legacy-restores"),
    path("legacy/restores/<str:id>/", LegacyRestoreDetail.as_view(), name="legacy-restore"),
    path(
        "legacy/restores/<str:id>/message/",
        LegacyRestoreMessage.as_view(),
        name="legacy-restore-message",
    ),
    path(
        "legacy/restores/<str:id>/extra/",
        LegacyRestoreExtra.as_view(),
        name="legacy-restore-extra",
    ),
    path("backups/", BackupList.as_view(), name="backups"),
    path("backups/<str:id>/", BackupDetail.as_view(), name="backup"),
    path("backups/<str:id>/restores/", BackupRestores.as_view(), name="backup-restores"),
    path("backups/<str:id>/source/", BackupSourceView.as_view(), name="backup-source"),
    path("backups/<str:id>/expire/", ExpireBackup.as_view(), name="backup-expire"),
    path("backups/<str:id>/verify/", VerifyBackup.as_view(), name="backup-verify"),
    path("backups/<int:id>/extra/", BackupExtra.as_view(), name="backup-extra"),
    path("audit/events/", AuditEvents.as_view(), name="audit-events"),
    path("audit/events/<int:position>/", AuditEvent.as_view(), name="audit-event"),
    path("audit/events/export/", AuditExport.as_view(), name="audit-export"),
    path(
        "audit/events/<int:position>/state/",
        AuditEventState.as_view(),
        name="audit-event-state",
    ),
    path("statistics/", Statistics.as_view(), name="statistics"),
    path("exports/", Exports.as_view(), name="exports"),
    *(
        path(f"exports/{name}/", view.as_view(), name=f"export-{name}")
        for name, view in EXPORTS.items()
    ),
    path("projections/", Projections.as_view(), name="projections"),
    path("consolidation/", ConsolidationDetail.as_view(), name="consolidation"),
    path("consolidation/cut_over/", CutOverView.as_view(), name="cut-over"),
    path("consolidation/roll_back/", RollBackView.as_view(), name="roll-back"),
    path("consolidation/retire/", RetireView.as_view(), name="retire"),
    path("schema/", Schema.as_view(), name="schema"),
    # Only with a slash at the end, so that a forgotten one still redirects.
    re_path(r".*/$", Nowhere.as_view(), name="nowhere"),
]
