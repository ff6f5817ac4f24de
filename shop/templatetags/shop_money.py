"""Money in templates: `{{ amount|money }}`."""

from django import template

from shop.money import written

register = template.Library()


@register.filter
def money(amount: int, currency: str | None = None) -> str:
    """Write an amount of minor units; without a currency, of the shop's."""
    return written(amount, currency)
