"""Ways to send: which of them reach a country, and what they cost."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus

from django.conf import settings
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
    """Return the ways to send that reach a country. Raises NoDeliveryError, or NotReachedError where none does.

    "" is a country that nobody has said yet: the shop's own, or any, where the shop sends abroad alone.
    """
    offered = tuple(DeliveryOption.objects.filter(is_active=True))
    if not offered:
        raise NoDeliveryError
    reaching = _reaching(offered, country or settings.STORE_COUNTRY)
    if not reaching and country:
        raise NotReachedError
    return reaching or offered


def _reaching(options: Iterable[DeliveryOption], country: str) -> tuple[DeliveryOption, ...]:
    return tuple(option for option in options if not option.countries or country in option.countries)


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
