"""The ways to an order without an account: its link, and a mail with that link for who knows number and e-mail."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.text import OneLineField
from checkout.orders import access
from checkout.pages.forms import EmailField
from checkout.payments import limits
from shop.cart.header import personal_half
from shop.errors import ShopError


class FindForm(forms.Form):
    """Number and e-mail address of an order."""

    number = OneLineField(
        label=gettext_lazy("Order number"),
        max_length=40,
        error_messages={"required": gettext_lazy("Enter the order number")},
    )
    email = EmailField()


@require_safe
def by_key(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Let this browser see an order, and lead to it. The key stays out of other sites' logs and of caches."""
    order = access.by_key(number, key)
    access.remember(request, order)
    response = redirect(order)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Send the link to an order by mail. The answer is the same whether there is such an order or not."""
    form = FindForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "personal": personal_half(request), "is_asked": False}
    if not form.is_valid():
        status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
        return render(request, "checkout/find.html", context, status=status)
    email = form.cleaned_data["email"]
    try:
        limits.check_finding(request, email)
    except ShopError as error:
        context["problem"] = error
        return render(request, "checkout/find.html", context, status=error.status)
    access.send_link(form.cleaned_data["number"], email, now=timezone.now())
    return render(request, "checkout/find.html", {**context, "is_asked": True})
