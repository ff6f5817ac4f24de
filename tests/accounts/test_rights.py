"""What staff may do in the admin: each with a right of its own, and nobody more than they were given."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Group, Permission
from django.core import serializers
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from checkout.models import (
    DeliveryOption,
    Dispute,
    Mail,
    OutboundEvent,
    Payment,
    Refund,
    StripeEvent,
    Timeline,
    WebhookEndpoint,
)
from shop.models import Category, Product, StockMovement, Variant
from tests import orders
from tests.accounts.test_entering import log_in
from tests.conftest import PASSWORD, logged_in
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


def staff(*rights: str, email: str = "pam@example.org") -> User:
    """A member of staff with these rights, as in `accounts.change_user`."""
    user = User.objects.create_user(email, PASSWORD, is_staff=True)
    for right in rights:
        app, _dot, codename = right.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def page_of(user: User) -> str:
    return f"/admin/accounts/user/{user.pk}/change/"


ALL_RIGHTS = {"is_active": "on", "is_staff": "on", "is_superuser": "on"}


# --- Nobody gives what they do not have ---


@pytest.mark.parametrize(
    "rights", [["accounts.change_user"], ["accounts.change_user", "accounts.change_rights"]]
)
def test_f07_who_may_change_accounts_makes_nobody_more_than_themselves(
    alice: User, rights: list[str]
) -> None:
    pam = staff("accounts.view_user", *rights)
    group = Group.objects.create(name="Everything")
    group.permissions.set(Permission.objects.all())
    refund = Permission.objects.get(codename="change_refund")
    client = logged_in(pam)
    for user in (pam, alice):
        wanted = {"email": user.email, **ALL_RIGHTS, "groups": [group.pk], "user_permissions": [refund.pk]}
        client.post(page_of(user), wanted)
        now = User.objects.get(pk=user.pk)
        assert (now.is_superuser, now.groups.exists(), now.has_perm("checkout.change_refund")) == (False,) * 3
    assert User.objects.get(pk=alice.pk).is_staff is False or "accounts.change_rights" in rights


def test_f07_who_may_give_rights_gives_those_that_they_have(alice: User) -> None:
    pam = staff("accounts.view_user", "accounts.change_user", "accounts.change_rights")
    mine = Permission.objects.get(codename="view_user")
    answer = logged_in(pam).post(
        page_of(alice),
        {"email": alice.email, "is_active": "on", "is_staff": "on", "user_permissions": [mine.pk]},
    )
    assert answer.status_code == 302
    alice = User.objects.get(pk=alice.pk)
    assert (alice.is_staff, alice.get_all_permissions()) == (True, {"accounts.view_user"})


@pytest.mark.parametrize("path", ["change/", "password/", "delete/"])
def test_f07_an_account_with_more_rights_is_not_taken_over(sam: User, path: str) -> None:
    pam = staff("accounts.view_user", "accounts.change_user", "accounts.delete_user")
    mighty = staff("checkout.change_refund", email="max@example.org")
    for user in (sam, mighty):
        answer = logged_in(pam).post(
            page_of(user).replace("change/", path),
            {
                "email": "pam2@example.org",
                "password1": "a-second-horse",
                "password2": "a-second-horse",
                "usable_password": "true",
                "post": "yes",
            },
        )
        assert answer.status_code == 403
        now = User.objects.get(pk=user.pk)
        assert (now.email, now.check_password(PASSWORD)) == (user.email, True)


def test_f07_a_group_gets_no_right_that_its_maker_does_not_have() -> None:
    pam = staff("auth.view_group", "auth.add_group", "auth.change_group")
    mine, other = (Permission.objects.get(codename=name) for name in ("view_group", "change_refund"))
    pams = Group.objects.create(name="Pam's")
    pam.groups.add(pams)
    client = logged_in(pam)
    client.post(f"/admin/auth/group/{pams.pk}/change/", {"name": "Pam's", "permissions": [other.pk]})
    assert not pams.permissions.exists()
    client.post("/admin/auth/group/add/", {"name": "Viewers", "permissions": [mine.pk]})
    assert Group.objects.get(name="Viewers").permissions.get() == mine
    pams.permissions.add(other)
    Group.objects.filter(pk=pams.pk).update(name="Refunds")
    pam.groups.clear()
    assert client.post(f"/admin/auth/group/{pams.pk}/change/", {"name": "X"}).status_code == 403


def test_f07_rights_that_change_end_the_sessions(alice: User, as_sam: Client) -> None:
    client = Client()
    log_in(client)
    as_sam.post(page_of(alice), {"email": alice.email, "is_active": "on", "is_staff": "on"})
    assert client.get("/accounts/").status_code == 302


def test_f07_nobody_proves_an_address_in_the_place_of_its_owner(alice: User, as_sam: Client) -> None:
    address = EmailAddress.objects.create(user=alice, email=alice.email)
    as_sam.post(
        "/admin/account/emailaddress/", {"action": "make_verified", ACTION_CHECKBOX_NAME: [address.pk]}
    )
    address.refresh_from_db()
    assert not address.verified


def test_staff_take_away_a_lost_second_factor_and_never_see_its_secret(alice: User, as_sam: Client) -> None:
    secret = generate_totp_secret()
    factor = TOTP.activate(alice, secret).instance
    page = f"/admin/mfa/authenticator/{factor.pk}/"
    assert secret not in as_sam.get(f"{page}change/").text
    assert as_sam.post(f"{page}delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()


def test_staff_end_a_session(alice: User, as_sam: Client) -> None:
    client = Client()
    log_in(client)
    session = UserSession.objects.get()
    as_sam.post(f"/admin/usersessions/usersession/{session.pk}/delete/", {"post": "yes"})
    assert client.get("/accounts/").status_code == 302


# --- Who may only look does nothing, anywhere ---


@pytest.fixture
def looking(alice: User, standin: Any) -> Client:
    """Staff who may see everything and do nothing, in a shop where there is something of most kinds."""
    variant = VariantFactory(stock=5)
    orders.place(alice, (variant, 1))
    orders.fill_cart(alice, (variant, 1))
    EmailAddress.objects.create(user=alice, email=alice.email)
    TOTP.activate(alice, generate_totp_secret())
    Group.objects.create(name="Nobody")
    log_in(Client())
    WebhookEndpoint.objects.create(url="https://example.org/hook")
    pam = User.objects.create_user("pam@example.org", PASSWORD, is_staff=True)
    pam.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return logged_in(pam)


WATCHED = [User, Group, EmailAddress, Authenticator, UserSession, Category, Product, Variant, StockMovement]
WATCHED += [
    DeliveryOption,
    Payment,
    Refund,
    Dispute,
    Mail,
    StripeEvent,
    Timeline,
    WebhookEndpoint,
    OutboundEvent,
]


def everything() -> str:
    rows: Iterator[Model] = (row for model in WATCHED for row in model._default_manager.order_by("pk"))
    return serializers.serialize("json", rows)


def refused(answer: HttpResponse) -> bool:
    return answer.status_code in {302, 403, 404, 405}


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label)
def test_f07_who_may_only_look_adds_changes_and_deletes_nothing(looking: Client, model: type[Model]) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row = model._default_manager.first()
    before = everything()
    pages = [reverse(f"{name}_add")]
    if row is not None:
        pages += [reverse(f"{name}_{action}", args=[row.pk]) for action in ("change", "delete")]
    filled = {"post": "yes", "_save": "Save", "name": "X", "email": "x@example.org", "is_superuser": "on"}
    for page in pages:
        assert looking.post(page, filled).status_code == 403, page
    assert everything() == before


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label)
def test_f07_who_may_only_look_runs_no_action_and_no_page_that_acts(
    looking: Client, sam: User, model: type[Model]
) -> None:
    owner = admin.site._registry[model]
    row = model._default_manager.first()
    before = everything()
    request = RequestFactory().get("/admin/")
    request.user = sam
    changelist = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    edited = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-position": "9", "_save": "Save"}
    for action in [*owner.get_actions(request), "make_verified", "delete_selected"]:
        chosen = {"action": action, ACTION_CHECKBOX_NAME: [row.pk if row else 1], "post": "yes"}
        looking.post(changelist, {**chosen, **edited, "form-0-id": str(row.pk) if row else ""})
        assert everything() == before, action
    usual = {"changelist", "add", "history", "delete", "change", None}
    named = {pattern.name for pattern in owner.get_urls()}
    own = named - {f"{model._meta.app_label}_{model._meta.model_name}_{name}" for name in usual} - {None}
    for name in own - {"auth_user_password_change"}:
        pk = row.pk if row else 1
        tries = [_address(name, [pk] * count) for count in range(3)]
        address = next((found for found in tries if found), None)
        assert address is not None, name
        assert refused(
            looking.post(address, {"amount": "1", "tracking": "X", "reason": "X", "words": "X"})
        ), name
    assert everything() == before


def _address(name: str, args: list[Any]) -> str | None:
    from django.urls import NoReverseMatch

    try:
        return reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return None
