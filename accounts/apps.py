from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """E-mail log-in and the account page."""

    default = True
    name = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"


class StaffAdminConfig(admin.AdminConfig):
    """Django's admin with our site in the place of its own."""

    default = False
    default_site = "accounts.staff_site.StaffSite"
