"""Every route of the service."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from api.access.login import AdminLoginForm, LoginPage
from api.admin import change_own_password
from api.console.anchor_check import check_anchor
from api.console.audit.views import audit_event_page, audit_page, event_page
from api.console.backups.views import backup_page, backups_page
from api.console.certificates import certificate_download, certificate_page, legacy_gaps_page
from api.console.components import components
from api.console.icon import favicon
from api.console.integrity import integrity_page, issue_anchor
from api.console.overview.views import home
from api.console.projections import projections_page
from api.console.restores.acting import act
from api.console.restores.views import restore_page, restores_page
from api.console.steps import steps_page, take
from api.operations.health import healthz, readyz
from api.operations.metrics import Metrics

admin.site.site_header = "Restore log"
admin.site.site_title = "Restore log"
admin.site.login_form = AdminLoginForm

# DRF's browsable pages link to a login by this namespace.
login = (
    [
        path("login/", LoginPage.as_view(), name="login"),
        path("logout/", LogoutView.as_view(), name="logout"),
    ],
    "rest_framework",
)

urlpatterns = [
    path("", home, name="home"),
    path("restores/", restores_page, name="restores"),
    path("restores/<str:id>/", restore_page, name="restore"),
    path(
        "restores/<uuid:id>/events/<int:position>/",
        event_page,
        {"kind": "restore"},
        name="restore-event",
    ),
    path("restores/<uuid:id>/<str:action>/", act, name="restore-action"),
    path("backups/", backups_page, name="backups"),
    path("backups/<str:id>/", backup_page, name="backup"),
    path(
        "backups/<uuid:id>/events/<int:position>/",
        event_page,
        {"kind": "backup"},
        name="backup-event",
    ),
    path("audit/", audit_page, name="audit"),
    path("audit/events/<int:position>/", audit_event_page, name="audit-event"),
    path("consolidation/", steps_page, name="steps"),
    path("consolidation/unrepresentable/", legacy_gaps_page, name="legacy-gaps"),
    path("consolidation/<str:name>/", take, name="step"),
    path("consolidation/certificates/<str:sha256>/", certificate_page, name="certificate"),
    path(
        "consolidation/certificates/<str:sha256>/file/",
        certificate_download,
        name="certificate-file",
    ),
    path("integrity/", integrity_page, name="integrity"),
    path("integrity/anchor/", issue_anchor, name="integrity-anchor"),
    path("integrity/anchor/check/", check_anchor, name="integrity-anchor-check"),
    path("projections/", projections_page, name="projections"),
    path("components/", components, name="components"),
    path("favicon.ico", favicon, name="favicon"),
    path("", include(login)),
    path("admin/password_change/", admin.site.admin_view(change_own_password)),
    path("admin/", admin.site.urls),
    path("api/v1/", include(("api.v1.urls", "v1"))),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", Metrics.as_view(), name="metrics"),
]

handler404 = "api.error_handlers.not_found"
handler500 = "api.error_handlers.failed"
