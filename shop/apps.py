from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    """What is for sale, and the cart."""

    name = "shop"
    verbose_name = _("Shop")

    def ready(self) -> None:
        """Let `migrate` leave the database with its triggers."""
        from shop.page_cache import triggers  # models are there only now

        pre_migrate.connect(triggers.before_migrate, sender=self)
        post_migrate.connect(triggers.after_migrate, sender=self)
