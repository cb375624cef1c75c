"""The login page, and the admin's form: they say when somebody has to wait."""

import math
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from infrastructure.databases.own_database import refuses_writes


class LoginPage(LoginView):
    """Django's login, with 429 while an account or an address is locked."""

    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page; 503 on a replica, whose database takes no sessions."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except DatabaseError as error:
            if not refuses_writes(error):
                raise
            return render(request, self.template_name, {"is_replica": True}, status=503)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With `wait_minutes` while they are locked."""
        return {**super().get_context_data(**kwargs), "wait_minutes": wait_minutes(self.request)}

    def form_invalid(self, form: Any) -> HttpResponse:
        """200 for a wrong password, as before; 429 while they are locked."""
        response: HttpResponse = super().form_invalid(form)
        if minutes := wait_minutes(self.request):
            response.status_code = 429
            response["Retry-After"] = str(minutes * 60)
        return response


class AdminLoginForm(AdminAuthenticationForm):
    """Django's, which says why the right password is refused, too."""

    def get_invalid_login_error(self) -> ValidationError:
        """Why the login was refused."""
        if minutes := wait_minutes(self.request):
            return ValidationError(f"Too many failed logins. Try again in {minutes} min.")
        error: ValidationError = super().get_invalid_login_error()
        return error


def wait_minutes(request: Any) -> int | None:
    """How long this client has to wait; None if its password was checked."""
    until = getattr(request, "locked_until", None)
    if until is None:
        return None
    return max(math.ceil((until - timezone.now()).total_seconds() / 60), 1)
