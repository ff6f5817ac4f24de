from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    """What is for sale, and the cart."""

    name = "shop"
    verbose_name = _("Shop")
