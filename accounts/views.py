from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import sessions as logged_in
from accounts.forms import NameForm
from accounts.models import User

# An id of more digits fits no column.
LONGEST_ID = 19


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show who is logged in and where to change it; POST [`name`] changes the name."""
    # A copy from the database: a form that does not validate must not change the name in the header.
    user = User.objects.get_by_natural_key(request.user.get_username())
    form = NameForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your name is saved."))
        return redirect("account")
    return render(request, "account/account.html", {"form": form})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """Show where the account is logged in; POST [`session`] logs out there, without it everywhere but here."""
    user, here = cast("User", request.user), request.session.session_key
    if request.method == "POST":
        chosen = request.POST.get("session", "")
        only = (int(chosen) if chosen.isdecimal() and len(chosen) < LONGEST_ID else -1) if chosen else None
        ended = logged_in.end(user, only=only, but=here)
        messages.success(
            request, ngettext("Logged out at %d place.", "Logged out at %d places.", ended) % ended
        )
        return redirect("account_sessions")
    return render(request, "account/sessions.html", {"places": logged_in.places(user, here)})
