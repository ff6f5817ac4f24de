from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheckoutConfig(AppConfig):
    """From cart to money and back."""

    name = "checkout"
    verbose_name = _("Checkout")

    def ready(self) -> None:
        """Register the checks."""
        from checkout.payments import checks  # noqa: F401 - importing registers them
