"""Links into Stripe's dashboard, or into the stand-in's."""

from django.conf import settings

STRIPE_API = "https://api.stripe.com"
STRIPE_DASHBOARD = "https://dashboard.stripe.com"


def dashboard_url(intent_id: str) -> str:
    """Return where a person sees a PaymentIntent: in Stripe's dashboard, or in that of the stand-in."""
    return _at_stripe(f"/payments/{intent_id}") if intent_id else ""


def refund_url(refund_id: str, intent_id: str) -> str:
    """Return where a person sees a refund. The stand-in shows it with its payment."""
    if not refund_id or not _is_stripe():
        return dashboard_url(intent_id)
    return _at_stripe(f"/refunds/{refund_id}")


def dispute_url(dispute_id: str) -> str:
    """Return where a person sees a dispute and answers it. The stand-in has one page for all."""
    return _at_stripe(f"/disputes/{dispute_id}" if _is_stripe() else "/disputes")


def event_url(event_id: str) -> str:
    """Return where a person sees an event and its deliveries."""
    return _at_stripe(f"/events/{event_id}")


def _is_stripe() -> bool:
    return settings.STRIPE.api_base == STRIPE_API


def _at_stripe(path: str) -> str:
    if not _is_stripe():
        return f"{settings.STRIPE.api_base}{path}"
    mode = "" if settings.STRIPE.livemode else "/test"
    return f"{STRIPE_DASHBOARD}{mode}{path}"
