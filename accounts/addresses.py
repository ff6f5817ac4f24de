"""An account's addresses, of which exactly one is the default.

Whoever changes them holds the account's row, so that two at once leave one default, and the constraint is only the
last guard. On SQLite one writer at a time does the same.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction
from django.http import Http404

from accounts.models import Address, User

MOST = 50
# An id of more digits fits no column.
_LONGEST_ID = 19


class TooManyAddressesError(Exception):
    """The account has as many addresses as it may."""


def of(user: User) -> list[Address]:
    """Return an account's addresses, the default first."""
    return list(user.addresses.all())


def own(user: User, pk: int | str) -> Address:
    """Return an address of an account by its id. Raises Http404: somebody else's is as if it were not there."""
    found = find(user, str(pk))
    if found is None:
        raise Http404
    return found


def find(user: User, pk: str) -> Address | None:
    """Return an address of an account by its id, None for what is no such id."""
    is_id = pk.isascii() and pk.isdecimal() and len(pk) < _LONGEST_ID
    return user.addresses.filter(pk=pk).first() if is_id else None


def add(user: User, fields: Mapping[str, str], *, is_default: bool = False) -> Address:
    """Add an address, or return the one that says the same; the first of all is the default. Raises TooManyAddressesError."""
    with _held(user) as kept:
        values = {name: fields[name] for name in Address.FIELDS}
        same = next((each for each in kept if all(getattr(each, n) == v for n, v in values.items())), None)
        if same is None and len(kept) >= MOST:
            raise TooManyAddressesError
        address = same or Address.objects.create(user=user, **values)
        if is_default or not kept:
            _make_default(address)
    return address


def change(address: Address, fields: Mapping[str, str], *, is_default: bool = False) -> None:
    """Write fields of an address, and make it the default if wished. Raises Http404 where it is gone meanwhile."""
    with _held(address.user):
        for name, value in fields.items():
            setattr(address, name, value)
        if fields and not Address.objects.filter(pk=address.pk).update(**fields):
            raise Http404
        if is_default:
            _make_default(address)


def remove(address: Address) -> None:
    """Remove an address; after the default, the newest that is left is it."""
    with _held(address.user):
        Address.objects.filter(pk=address.pk).delete()
        left = Address.objects.filter(user=address.user_id)
        newest = left.first()
        if newest and not newest.is_default:
            _make_default(newest)


def _make_default(address: Address) -> None:
    others = Address.objects.filter(user=address.user_id, is_default=True).exclude(pk=address.pk)
    others.update(is_default=False)
    if not Address.objects.filter(pk=address.pk).update(is_default=True):
        raise Http404
    address.is_default = True


@contextmanager
def _held(user: User) -> Iterator[list[Address]]:
    """Hold an account's addresses in a transaction, and yield them."""
    with transaction.atomic():
        _hold(user)
        yield of(User(pk=user.pk))


def _hold(user: User) -> None:
    User.objects.select_for_update().get(pk=user.pk)
