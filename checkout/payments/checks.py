"""Checks of the Stripe settings at start, and of the Stripe account by `manage.py check --tag stripe`.

`manage.py check` looks at what needs no network, `manage.py check --deploy --tag stripe` asks Stripe too, and `/readyz`
tells both.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from babel import Locale
from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError
from django.db.models import Q
from django.db.models.functions import Mod
from django.utils import timezone

from checkout.models import DeliveryOption
from checkout.payments import gateway
from shop import money
from shop.models import Variant

CLOCK_SECONDS = 60
# How long `/readyz` believes what it heard: it is asked every few seconds, and Stripe should not be.
REMEMBER_SECONDS = 30

Apps = Sequence[AppConfig] | None


@register("stripe")
def the_currency_is_known(app_configs: Apps, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Check that the shop's currency is one that exists."""
    if settings.STORE_CURRENCY.upper() in Locale("en").currencies:
        return []
    hint = "Use an ISO 4217 code in lower case, as in eur."
    return [
        checks.Error(
            f"STORE_CURRENCY “{settings.STORE_CURRENCY}” is no currency.", hint=hint, id="checkout.E001"
        )
    ]


@register("stripe")
def webhooks_have_a_secret(app_configs: Apps, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Check for the webhook secret: without it delivery is refused, and only sweeps settle what is left."""
    if settings.STRIPE_WEBHOOK_SECRETS:
        return []
    hint = "Make an endpoint for /webhooks/stripe/ in Stripe's dashboard and put its whsec_… here."
    return [checks.Warning("STRIPE_WEBHOOK_SECRET is not set.", hint=hint, id="checkout.W002")]


@register(Tags.database)
def prices_can_be_charged(app_configs: Apps, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Check that no price is above what Stripe takes in one payment, or so low that one copy alone could not be paid."""
    smallest = money.smallest_charge(settings.STORE_CURRENCY)
    outside = Q(price__gt=money.LARGEST_CHARGE) | Q(price__gt=0, price__lt=smallest, is_digital=True)
    found = Variant.objects.filter(outside, product__is_published=True).values_list("sku", flat=True)
    try:
        skus = list(found[:5])
    except DatabaseError:
        return []  # `migrate` checks before it makes the tables and columns that this asks for
    return [
        checks.Warning(
            f"The price of {sku} is outside what Stripe charges in one payment.", id="checkout.W003"
        )
        for sku in skus
    ]


@register(Tags.database)
def prices_have_digits_that_stripe_takes(app_configs: Apps, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Check that no order would be placed that Stripe then refuses: some currencies are charged in steps."""
    step = money.CHARGED_IN_STEPS.get(settings.STORE_CURRENCY)
    if not step:
        return []
    try:
        variants = Variant.objects.annotate(rest=Mod("price", step)).filter(rest__gt=0)
        options = DeliveryOption.objects.annotate(rest=Mod("price", step)).filter(rest__gt=0)
        names = [*variants.values_list("sku", flat=True)[:5], *options.values_list("code", flat=True)[:5]]
    except DatabaseError:
        return []  # as above
    hint = (
        f"Stripe charges {settings.STORE_CURRENCY.upper()} in steps of {step} minor units: change the price."
    )
    return [
        checks.Error(f"Stripe would refuse the price of {name}.", hint=hint, id="checkout.E004")
        for name in names
    ]


@register("stripe", deploy=True)
def stripe_answers(app_configs: Apps, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Check that Stripe takes our key, and that its clock is ours."""
    word = ask_stripe(now=timezone.now())
    if word == "ok":
        return []
    if word == "no answer":
        return [
            checks.Warning(
                "Stripe did not answer.", hint="Orders are kept until it does.", id="checkout.W004"
            )
        ]
    hint = "Nobody can pay until this is put right."
    return [checks.Error(f"Stripe and this shop do not fit: {word}.", hint=hint, id="checkout.E005")]


def ask_stripe(*, now: datetime) -> str:
    """Return “ok”, “no answer”, or what is wrong: a refused key, or a clock that is off."""
    try:
        skew = abs((gateway.server_time() - now).total_seconds())
    except gateway.StripeUnavailableError:
        return "no answer"
    except gateway.StripeRefusedError as error:
        return f"the key was refused ({error.reason})"
    return "ok" if skew <= CLOCK_SECONDS else f"the clocks differ by {skew:.0f} seconds"


def stripe_health(*, now: datetime) -> str:
    """Return what `ask_stripe` does, asked at most twice a minute."""
    word: str = cache.get("stripe-health", "")
    if not word:
        word = ask_stripe(now=now)
        cache.set("stripe-health", word, REMEMBER_SECONDS)
    return word
