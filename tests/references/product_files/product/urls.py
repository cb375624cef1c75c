"""The product's pages."""

from admin_modules.reports.views import restore_page
from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("restores/<int:pk>/", restore_page, name="restore"),
]
