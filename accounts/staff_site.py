"""The admin's own doors: who may come in, the log-in, and the password."""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.second_factor import must_set_up


class StaffLoginForm(AdminAuthenticationForm):
    """The admin's log-in under the limits of the shop's: who fails too often waits, at both doors."""

    def clean(self) -> dict[str, Any]:
        """Find the member of staff through allauth, which counts failures by account and by address."""
        facts = {"email": self.cleaned_data.get("username"), "password": self.cleaned_data.get("password")}
        if all(facts.values()):
            self.user_cache = get_adapter(self.request).authenticate(self.request, **facts)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


class StaffLoginView(LoginView):
    """The page of that form. What follows the password (a second step) is allauth's, as at the shop's door."""

    authentication_form = StaffLoginForm
    template_name = "admin/login.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Log in, or go on to the second step."""
        user, email = form.get_user(), form.cleaned_data["username"]
        login = Login(user=user, email=email, redirect_url=self.get_success_url())
        response: HttpResponse = perform_password_login(self.request, {"email": email}, login)
        return response


class StaffSite(AdminSite):
    """Django's admin, with a second factor where staff must have one."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Tell whether who asks may come in at all."""
        return super().has_permission(request) and not must_set_up(request)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the log-in; lead staff who are logged in, and lack a second factor, to where they set it up."""
        if must_set_up(request):
            messages.warning(request, _("Staff log in by two steps. Set up the second one here. Then go on."))
            return redirect("mfa_index")
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            REDIRECT_FIELD_NAME: request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"),
            **(extra_context or {}),
        }
        response = StaffLoginView.as_view(extra_context=context)(request)
        return cast("HttpResponse", response)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Change one's own password, as seldom as in the shop."""
        stopped: TemplateResponse | None = ratelimit.consume_or_429(
            request, action="change_password", user=request.user
        )
        return stopped or super().password_change(request, extra_context)
