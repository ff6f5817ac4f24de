"""The names of countries, for the shop and the checkout."""

from accounts.countries import choices, name

__all__ = ["choices", "name"]
