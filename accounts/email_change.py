"""An account's e-mail address: changed in one place, and proven by who reads its mail.

The address stands in two tables, ours and allauth's `EmailAddress`. Only what is here, and allauth's own page of
addresses, writes it.
"""

from datetime import datetime

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts import mails, sessions
from accounts.models import User, check_email, normal_email

TAKEN = "taken"


def change_email(user: User, address: str, *, by: User, now: datetime) -> None:
    """Give an account another address, its only one; end its sessions, and tell the old address.

    The new one counts as unproven until its owner confirms it. Raises ValidationError for what is no address, or is
    another account's.
    """
    new, old = normal_email(address), User.objects.get(pk=user.pk).email
    check_email(new)
    if new == old:
        return
    if is_taken(new, but=user):
        raise ValidationError(_("There is already an account with this e-mail."), code=TAKEN)
    with transaction.atomic():
        EmailAddress.objects.filter(user=user).delete()
        User.objects.filter(pk=user.pk).update(email=new)
        EmailAddress.objects.create(user=user, email=new, primary=True, verified=False)
        # Sessions that allauth did not begin end too: their hash is of the old address.
        sessions.end(user)
        transaction.on_commit(lambda: _tell(old, new, by_staff=by.pk != user.pk, now=now), robust=True)
    user.email = new


def is_taken(address: str, *, but: User) -> bool:
    """Tell whether an address belongs to another account."""
    theirs = EmailAddress.objects.filter(email=address, verified=True).exclude(user=but)
    return theirs.exists() or User.objects.filter(email=address).exclude(pk=but.pk).exists()


def _tell(old: str, new: str, *, by_staff: bool, now: datetime) -> None:
    facts = {
        "store_name": settings.STORE_NAME,
        "from_email": old,
        "to_email": new,
        "by_staff": by_staff,
        "timestamp": now,
    }
    mails.queue(get_adapter().render_mail("account/email/email_replaced", old, facts), now=now)


def is_proven(user: User) -> bool:
    """Tell whether an account has an address that its owner confirmed; one made by staff or a command asks for none."""
    return has_proof(user) or not EmailAddress.objects.filter(user=user).exists()


def has_proof(user: User) -> bool:
    """Tell whether somebody confirmed an address of an account."""
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def take_as_proven(user: User, address: str) -> None:
    """Give an account what is due to it now that it has proven an address: the orders placed with that as a guest.

    Whoever keeps such things is named in settings, as this app knows nothing of them.
    """
    import_string(settings.ON_ADDRESS_PROVEN)(user, address)


def proven_owner(address: str) -> User | None:
    """Return the account that has proven an address. It waits for one that proves it just now, in a transaction."""
    rows = EmailAddress.objects.select_for_update(of=("self",)).filter(email=address).select_related("user")
    return next((row.user for row in rows if row.verified), None)


def prove_by_reset(user: User) -> None:
    """Take note that who reads an account's mail chose its password: the address is proven, if none was before."""
    if has_proof(user):
        return
    with transaction.atomic():
        drop_unproven(user, keep=user.email)
        address, _made = EmailAddress.objects.get_or_create(
            user=user, email=user.email, defaults={"primary": True}
        )
        address.set_verified()
        take_as_proven(user, address.email)


def drop_unproven(user: User, *, keep: str) -> None:
    """Take away what was added to an account before its first address was proven: other addresses, second factors.

    Whoever made the account may not have been the owner of that address.
    """
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        EmailAddress.objects.filter(user=user).exclude(email=keep).delete()
        EmailAddress.objects.filter(user=user, email=keep).update(primary=True)
        User.objects.filter(pk=user.pk).update(email=keep)
