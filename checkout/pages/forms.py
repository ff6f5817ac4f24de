"""The checkout form: address, delivery option, and the total that the customer was shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import addresses, countries
from accounts.address_form import AddressFields
from accounts.models import LONGEST_EMAIL, User, check_email, normal_email
from accounts.models import Address as SavedAddress
from accounts.text import OneLineField, one_line
from checkout.models import DeliveryOption, Order
from checkout.orders import access
from checkout.orders.address import Address
from checkout.orders.delivery import UnknownDeliveryError, price_of
from checkout.purchase.placing import Terms
from shop.errors import ShopError
from shop.i18n.stored_text import translate_value
from shop.money import written


class InvalidAddressError(ShopError):
    """An address that cannot be one; `fields` says what is wrong with which of them."""

    code = "invalid_address"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        super().__init__(_("Check the address."))
        self.fields = fields


@dataclass(frozen=True)
class Offer:
    """A way to send, as a row of the form: its code, its name, a note, and its price in words."""

    value: str
    words: str
    note: str
    price: str


class EmailField(forms.EmailField):
    """A guest's e-mail address, in the one spelling that we store."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("E-mail"),
            max_length=LONGEST_EMAIL,
            validators=[check_email],
            error_messages={
                "required": gettext_lazy("Enter your e-mail address"),
                "invalid": gettext_lazy("Write the e-mail address like name@example.org"),
            },
        )

    def clean(self, value: Any) -> str:
        """Return the address. Raises ValidationError."""
        return normal_email(super().clean(value))


class CheckoutForm(AddressFields):
    """Where it goes, how, and with which voucher. The fields' names are those of the address in the API.

    The ways to send and the voucher are not the form's to check: which are offered and what counts, `placing.agree`
    tells. The page that shows the form says so with `offer` and `refuse`.
    """

    email = EmailField()
    voucher = OneLineField(label=gettext_lazy("Voucher"), max_length=40, required=False)

    AUTOCOMPLETE = {**AddressFields.AUTOCOMPLETE, "email": "email", "voucher": "off"}
    # As they stand on the page: so they are named where they are wrong.
    field_order = (
        *("email", "full_name", "line1", "line2", "postal_code", "city", "region", "country", "phone"),
        "voucher",
    )
    # Most countries demand them, and some have none: nobody may call them optional.
    _BY_COUNTRY = ("postal_code", "city")

    # What is asked where nothing is sent: the tax depends on the country.
    _OF_FILES = frozenset({"email", "full_name", "country", "voucher"})

    def __init__(self, *args: Any, for_guest: bool = False, is_sent: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self._BY_COUNTRY:
            self.fields[name].by_country = True  # type: ignore[attr-defined]  # a mark for the template
        if not for_guest:  # an account has its address
            del self.fields["email"]
        if not is_sent:
            self.ask_for_files()
        self.offers: list[Offer] = []

    def ask_for_files(self) -> None:
        """Ask for nothing but what files need, as nothing is sent."""
        self.fields = {name: field for name, field in self.fields.items() if name in self._OF_FILES}

    @property
    def chosen_delivery(self) -> str | None:
        """Return the code of the way to send that was chosen, whether it is offered or not; None where none was."""
        return self.data.get("delivery") or None

    @property
    def offered(self) -> str:
        """Return the codes of the ways to send that are offered."""
        return " ".join(offer.value for offer in self.offers)

    def terms(self, user: User | None) -> Terms:
        """Return the terms that the form names so far, valid or not: what a page shows beside it is worked out for them."""
        said = self.data if self.is_bound else self.initial
        country = said.get("country") or ""
        email = user.email if user else normal_email(said.get("email") or "")
        return Terms(
            country=country if country in dict(countries.choices()) else "",
            delivery=said.get("delivery") or "",
            voucher=one_line(said.get("voucher") or "")[:40],
            user=user,
            email=email,
        )

    def refuse(self, error: ShopError) -> None:
        """Say beside its field why the terms cannot be had."""
        for name, sentences in error.fields.items():
            if name in self.fields:
                self.add_error(name, ValidationError(next(iter(sentences)), code=error.code))

    def offer(self, options: Sequence[DeliveryOption], subtotal: int) -> None:
        """Add the ways to send, none where nothing is sent, at their price for a subtotal; and the error of not choosing one."""
        self.offers = [_offer(option, subtotal) for option in options]
        if not self.offers:
            return
        missing = _("Choose how we send the books")
        self.fields["delivery"] = forms.CharField(
            label=_("Delivery"),
            widget=forms.RadioSelect(choices=[(offer.value, offer.words) for offer in self.offers]),
            initial=self.offers[0].value,
            error_messages={"required": missing},
        )
        if self.is_bound and self.chosen_delivery not in {offer.value for offer in self.offers}:
            self.add_error("delivery", ValidationError(missing, code=UnknownDeliveryError.code))

    def address(self) -> Address:
        """Return the address that was entered, once the form is valid."""
        return Address(**{name: self.cleaned_data.get(name, "") for name in Order.ADDRESS_FIELDS})

    @property
    def email_address(self) -> str:
        """Return a guest's e-mail address, once the form is valid; nothing for an account."""
        email: str = self.cleaned_data.get("email", "")
        return email


def _offer(option: DeliveryOption, subtotal: int) -> Offer:
    price = price_of(option, subtotal)
    name, note = translate_value(option.name), translate_value(option.note)
    return Offer(option.code, name, note, written(price) if price else _("Free"))


def beginning(user: User | None, saved: Sequence[SavedAddress]) -> dict[str, str]:
    """Return what the form begins with: the first of the account's saved addresses, else its last order's, else the name."""
    if saved:
        return {name: getattr(saved[0], name) for name in Order.ADDRESS_FIELDS}
    return (last_address(user) or {"full_name": user.name}) if user else {}


def last_address(user: User) -> dict[str, str] | None:
    """Return the address of an account's last order, None where there is none.

    What a guest ordered with the account's e-mail does not count: a stranger's address would stand in the form.
    """
    own = access.orders_of(user).filter(access.is_by_account())
    latest: dict[str, str] | None = own.values(*Order.ADDRESS_FIELDS).first()
    return latest


def with_saved_address(data: QueryDict, user: User | None) -> QueryDict:
    """Return what was sent, with the account's saved [`address`] in the place of what was typed.

    An id that the account does not have is as if it were not there.
    """
    saved = addresses.find(user, data.get("address", "")) if user else None
    if saved is None:
        return data
    filled = data.copy()
    for name in Order.ADDRESS_FIELDS:
        filled[name] = getattr(saved, name)
    return filled


def read_address(data: Mapping[str, str], *, guest_email: str | None, is_sent: bool) -> tuple[Address, str]:
    """Return the address that a program sent, checked as the form checks it, and a guest's e-mail address.

    `guest_email` is None for an account; where nothing `is_sent`, name and country are enough. Raises InvalidAddressError.
    """
    form = CheckoutForm(
        {**data, "email": guest_email or ""}, for_guest=guest_email is not None, is_sent=is_sent
    )
    if not form.is_valid():
        raise InvalidAddressError(
            {
                name if name == "email" else f"address.{name}": [str(text) for text in said]
                for name, said in form.errors.items()
            }
        )
    return form.address(), form.email_address
