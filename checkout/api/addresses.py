"""The addresses of an account as JSON."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Router, Schema
from pydantic import BaseModel, Field

from accounts import addresses
from accounts.address_pages import AddressForm
from accounts.models import Address, User
from checkout.api.schemas import AddressIn, AddressOut, Line
from checkout.pages.forms import InvalidAddressError, last_address
from shop.api.auth import LOGGED_IN
from shop.api.schemas import PathId
from shop.errors import ShopError

router = Router(tags=["Addresses"], auth=LOGGED_IN)


class UnknownAddressError(ShopError):
    """The account has no such address."""

    code = "unknown_address"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("You have no such address."))


class TooManyAddressesError(ShopError):
    """The account has as many addresses as it may."""

    code = "too_many_addresses"

    def __init__(self) -> None:
        super().__init__(_("You have as many addresses as we keep. Remove one first."))


class KeptAddressIn(AddressIn):
    """An address to keep."""

    is_default: bool = Field(
        default=False, description="Begin orders with it. The first of all is the default anyway."
    )


class AddressChangeIn(BaseModel):
    """What shall be different in an address; what is left out stays."""

    full_name: Line | None = None
    line1: Line | None = None
    line2: Line | None = None
    city: Line | None = None
    region: Line | None = None
    postal_code: Line | None = None
    country: Line | None = None
    phone: Line | None = None
    is_default: bool = Field(default=False, description="True makes it the default; there is always one.")


class KeptAddressOut(AddressOut):
    """An address that the account keeps."""

    id: int | None = Field(description="Null: of the last order, where no address is kept.", examples=[7])
    is_default: bool


class KeptAddressesOut(Schema):
    """The addresses of an account, the default first."""

    items: list[KeptAddressOut]


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _own(request: HttpRequest, pk: int) -> Address:
    address = addresses.find(_user(request), str(pk))
    if address is None:
        raise UnknownAddressError
    return address


def _checked(values: Mapping[str, str]) -> dict[str, str]:
    """Return the fields as they are stored. Raises InvalidAddressError."""
    form = AddressForm(values)
    if not form.is_valid():
        raise InvalidAddressError({name: [str(text) for text in said] for name, said in form.errors.items()})
    return {name: form.cleaned_data[name] for name in Address.FIELDS}


@router.get(
    "/addresses", response=KeptAddressesOut, operation_id="list_addresses", summary="List the addresses"
)
def list_addresses(request: HttpRequest) -> KeptAddressesOut:
    """Return the customer's addresses, the default first.

    Where there are none, the one of the last order, to begin with.
    """
    kept = [KeptAddressOut.from_orm(address) for address in addresses.of(_user(request))]
    latest = None if kept else last_address(_user(request))
    return KeptAddressesOut(items=[KeptAddressOut(**latest, id=None, is_default=False)] if latest else kept)


@router.post(
    "/addresses", response={201: KeptAddressOut}, operation_id="add_address", summary="Add an address"
)
def add_address(request: HttpRequest, wanted: KeptAddressIn) -> Address:
    """Keep an address; one that says the same is not added again."""
    fields = _checked(wanted.model_dump(exclude={"is_default"}))
    try:
        return addresses.add(_user(request), fields, is_default=wanted.is_default)
    except addresses.TooManyAddressesError as error:
        raise TooManyAddressesError from error


@router.patch(
    "/addresses/{id}",
    response=KeptAddressOut,
    operation_id="change_address",
    summary="Change an address",
    openapi_extra={"x-errors": [404]},
)
def change_address(request: HttpRequest, id: Path[PathId], wanted: AddressChangeIn) -> Address:  # noqa: A002 - its name in the address
    """Change what is sent of an address, or make it the default."""
    address = _own(request, id)
    stored = {name: getattr(address, name) for name in Address.FIELDS}
    sent = wanted.model_dump(exclude={"is_default"}, exclude_none=True)
    try:
        addresses.change(address, _checked(stored | sent) if sent else {}, is_default=wanted.is_default)
    except Http404 as error:
        raise UnknownAddressError from error
    return address


@router.delete(
    "/addresses/{id}",
    response={204: None},
    operation_id="remove_address",
    summary="Remove an address",
    openapi_extra={"x-errors": [404]},
)
def remove_address(request: HttpRequest, id: Path[PathId]) -> None:  # noqa: A002 - its name in the address
    """Remove an address. After the default, the newest that is left is it."""
    addresses.remove(_own(request, id))
