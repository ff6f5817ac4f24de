"""Ways to send: which of them reach a country, and what they cost."""

from collections.abc import Sequence
from http import HTTPStatus

from django.utils.translation import gettext as _

from checkout.models import DeliveryOption
from shop.errors import ShopError


class UnknownDeliveryError(ShopError):
    """Products are to be sent, and no way to send them that reaches the country was chosen."""

    code = "unknown_delivery"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__(_("Choose how we send the books."))


class NoDeliveryError(UnknownDeliveryError):
    """No way to send is offered at all."""


class NotReachedError(UnknownDeliveryError):
    """No way to send reaches the country."""

    def __init__(self) -> None:
        ShopError.__init__(self, _("We do not send to this country."))
        self.fields = {"country": [self.message]}


def options_to(country: str) -> tuple[DeliveryOption, ...]:
    """Return the ways to send that reach a country. Raises NoDeliveryError, or NotReachedError where none does."""
    offered = tuple(DeliveryOption.objects.filter(is_active=True))
    if not offered:
        raise NoDeliveryError
    reaching = tuple(option for option in offered if not option.countries or country in option.countries)
    if not reaching:
        raise NotReachedError
    return reaching


def chosen(options: Sequence[DeliveryOption], code: str | None) -> DeliveryOption:
    """Return the option with a code, the first for "". Raises UnknownDeliveryError."""
    option = next((option for option in options if code in ("", option.code)), None)
    if option is None:
        raise UnknownDeliveryError
    return option


def price_of(option: DeliveryOption | None, subtotal: int) -> int:
    """Return what a way to send costs for a subtotal: its flat price, or nothing from its free amount on."""
    if option is None or (option.free_from is not None and subtotal >= option.free_from):
        return 0
    return option.price
