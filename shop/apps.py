from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    """What is for sale, and the cart."""

    name = "shop"
    verbose_name = _("Shop")

    def ready(self) -> None:
        """Let migrations change the shop's tables, and `check` say whether pages are kept."""
        from shop.page_cache import checks, version  # noqa: F401 - models are there only now; importing registers checks

        pre_migrate.connect(version.before_migrate, sender=self)
        post_migrate.connect(version.after_migrate, sender=self)
