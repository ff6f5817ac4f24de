"""Idempotency keys: a request that is sent again is carried out once and answered the same.

A key is claimed before anything is done, by a row that only one can insert. A refusal changed nothing, so it gives the
key back. A worker that dies keeps its claim until that runs out; whoever comes then finds what was placed, if anything.
https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import re
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from checkout.models import IdempotencyKey, Order
from shop.errors import ShopError

KEPT = timedelta(hours=24)
# No request lives as long: Stripe has to answer within 12 seconds.
CLAIM = timedelta(seconds=60)


class KeyRequiredError(ShopError):
    """This write must carry an Idempotency-Key."""

    code = "idempotency_key_required"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__(_("Send an Idempotency-Key, so that nothing is ordered twice."))


class InvalidKeyError(ShopError):
    """A key that is too long, or not of plain characters."""

    code = "invalid_idempotency_key"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__(_("An Idempotency-Key has 1 to 200 characters from ! to ~."))


class KeyReusedError(ShopError):
    """The key was sent before, with something else."""

    code = "idempotency_key_reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was sent with another request. Take a new one."))


class StillRunningError(ShopError):
    """The first request with the key has not been answered yet."""

    code = "idempotency_key_in_use"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__(_("This is being done just now. Ask again in a moment."))


def claim(owner: str, key: str, request: str, body: bytes, *, now: datetime) -> IdempotencyKey:
    """Claim a key for a request, or return its row with the answer that was given.

    Raises InvalidKeyError, KeyReusedError for another request or body, StillRunningError while somebody else has the claim.
    """
    if not re.fullmatch(r"[!-~]{1,200}", key):
        raise InvalidKeyError
    digest = sha256(body).hexdigest()
    facts = {"request": request, "body_hash": digest, "claimed_at": now, "created_at": now}
    IdempotencyKey.objects.filter(owner=owner, key=key, created_at__lte=now - KEPT).delete()
    row, is_new = IdempotencyKey.objects.get_or_create(owner=owner, key=key, defaults=facts)
    if is_new:
        return row
    if (row.request, row.body_hash) != (request, digest):
        raise KeyReusedError
    if row.status is None and not _take_over(row, now=now):
        raise StillRunningError
    return row


def _take_over(row: IdempotencyKey, *, now: datetime) -> bool:
    """Claim what somebody else has claimed too long ago to be still at it."""
    if row.claimed_at > now - CLAIM:
        return False
    taken = _ours(row).update(claimed_at=now)
    row.claimed_at = now
    return bool(taken)


def _ours(row: IdempotencyKey) -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(pk=row.pk, claimed_at=row.claimed_at, status=None)


def note_order(row: IdempotencyKey, order: Order) -> None:
    """Write down what a claim placed, in the transaction that places it."""
    IdempotencyKey.objects.filter(pk=row.pk).update(order=order)


def keep_answer(row: IdempotencyKey, status: int, answer: str) -> None:
    """Keep what was answered, if the claim is still ours."""
    _ours(row).update(status=status, answer=answer)


def give_back(row: IdempotencyKey) -> None:
    """Let go of a claim that came to no answer. What it placed is not forgotten."""
    if not _ours(row).filter(order=None).delete()[0]:
        _ours(row).update(claimed_at=row.created_at - KEPT)


def forget(*, now: datetime) -> int:
    """Remove the keys that are older than a day; return how many."""
    return IdempotencyKey.objects.filter(created_at__lte=now - KEPT).delete()[0]
