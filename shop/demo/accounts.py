"""The two people of the demonstration. Their passwords are public, so they belong on development machines only."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User


@dataclass(frozen=True)
class Account:
    """A log-in, as it is told to whoever starts the shop."""

    role: str | Promise
    email: str
    password: str
    name: str
    is_staff: bool = False


ALL = (
    Account(_("Customer"), "alice@example.org", "alice-reads-books", "Alice Liddell"),
    Account(_("Staff"), "sam@example.org", "sam-minds-the-shop", "Sam Weller", is_staff=True),
)


def create_missing() -> list[Account]:
    """Create those whose e-mail has no account yet, and return them. An account that exists is left as it is."""
    taken = set(
        User.objects.filter(email__in=[account.email for account in ALL]).values_list("email", flat=True)
    )
    missing = [account for account in ALL if account.email not in taken]
    for account in missing:
        create = User.objects.create_superuser if account.is_staff else User.objects.create_user
        create(account.email, account.password, name=account.name)
    return missing
