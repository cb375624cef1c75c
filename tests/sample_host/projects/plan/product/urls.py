"""The product's pages: its admin and one report."""

from admin_modules.reports.views import restores_by_status
from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("reports/restores-by-status/", restores_by_status, name="restores-by-status"),
]
