from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheckoutConfig(AppConfig):
    """From cart to money and back."""

    name = "checkout"
    verbose_name = _("Checkout")
