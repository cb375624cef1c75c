"""The product's pages: its admin and one report."""

from django.contrib import admin
from django.urls import path
from reports.views import restores_by_status

urlpatterns = [
    path("admin/", admin.site.urls),
    path("reports/restores-by-status/", restores_by_status, name="restores-by-status"),
]
