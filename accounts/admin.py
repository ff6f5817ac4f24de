"""Accounts in the admin. Nobody gives a right that they do not have, or acts on who has more rights than they."""

from typing import Any, ClassVar, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import email_change, rights, sessions, text
from accounts.fresh_forms import FreshAdmin, FreshForm
from accounts.models import User

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class UserAddForm(AdminUserCreationForm):  # type: ignore[type-arg]  # Django's own is not generic
    """Makes an account for somebody, with a password or without."""

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("email",)
        field_classes: ClassVar[dict[str, type]] = {}


class UserEditForm(FreshForm[User], UserChangeForm):  # type: ignore[type-arg]
    """Changes an account; the password has a page of its own."""

    class Meta(UserChangeForm.Meta):
        model = User
        field_classes: ClassVar[dict[str, type]] = {}

    def clean_email(self) -> str:
        """Refuse an address that another account has confirmed."""
        email: str = self.cleaned_data["email"]
        if email_change.is_taken(email.strip().lower(), but=self.instance):
            raise forms.ValidationError(_("There is already an account with this e-mail."))
        return email


class WithinOwnRights(FreshAdmin[Any]):
    """What may be changed or deleted only by who has all the rights that it gives."""

    formfield_overrides = text.IN_ADMIN

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse what has more rights than who asks."""
        return super().has_change_permission(request, obj) and rights.covers(_asking(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse what has more rights than who asks."""
        return super().has_delete_permission(request, obj) and rights.covers(_asking(request), obj)

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Offer the rights that who asks has."""
        if db_field.remote_field.model is Permission:
            kwargs["queryset"] = rights.permissions_of(_asking(request)).select_related("content_type")
        elif db_field.remote_field.model is Group:
            kwargs["queryset"] = rights.groups_within(_asking(request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def _asking(request: HttpRequest) -> User:
    return cast("User", request.user)


@admin.register(User)
class UserAdmin(WithinOwnRights, DjangoUserAdmin):  # type: ignore[type-arg]
    """Django's own user admin, for users that have an e-mail and no username."""

    form = UserEditForm
    add_form = UserAddForm
    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_active", "date_joined")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Rights"), {"fields": ("is_active", *RIGHTS)}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show rights to who may not give them."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        if _asking(request).is_superuser:
            return fixed
        if request.user.has_perm("accounts.change_rights"):
            return (*fixed, "is_superuser")
        return (*fixed, *RIGHTS)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Write the account. Another address, or the rights of staff, end its sessions."""
        address = obj.email
        if change:
            obj.email = User.objects.get(pk=obj.pk).email
        super().save_model(request, obj, form, change)
        if change:
            email_change.change_email(obj, address, by=_asking(request), now=timezone.now())
            if {"is_staff", "is_superuser", "is_active"} & set(form.changed_data):
                sessions.end(obj, but=request.session.session_key)


admin.site.unregister([Group, EmailAddress, Authenticator, UserSession])


@admin.register(Group)
class GroupAdmin(WithinOwnRights, DjangoGroupAdmin):
    """Django's own group admin."""


class OfAccounts(admin.ModelAdmin[Any]):
    """What belongs to an account: staff see it, and may take it away from who has no more rights than they."""

    search_fields = ("user__email",)
    list_select_related = ("user",)
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Refuse: only the account's owner adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Refuse: only the account's owner changes one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse where the account has more rights than who asks."""
        return super().has_delete_permission(request, obj) and rights.covers(
            _asking(request), obj.user if obj else None
        )


@admin.register(EmailAddress)
class EmailAddressAdmin(OfAccounts):
    """The addresses of accounts. They are changed at the account, and proven by their owners alone."""

    list_display = ("email", "user", "primary", "verified")
    fields = list_display

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Refuse: an account is changed as a whole."""
        return False


@admin.register(Authenticator)
class AuthenticatorAdmin(OfAccounts):
    """Second factors, without their secrets. One that was lost can be taken away."""

    list_display = ("user", "type", "created_at", "last_used_at")
    fields = list_display


@admin.register(UserSession)
class UserSessionAdmin(OfAccounts):
    """Where accounts are logged in. To delete one logs out there."""

    list_display = ("user", "created_at", "ip", "user_agent")
    fields = list_display

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:  # noqa: ARG002 - Django's signature
        """End the session itself."""
        obj.end()

    def get_queryset(self, request: HttpRequest) -> QuerySet[UserSession]:
        """Return the latest first."""
        return super().get_queryset(request).order_by("-pk")
