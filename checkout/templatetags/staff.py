"""Tags and filters of the admin's templates."""

from typing import Any

from django import template
from django.template import RequestContext
from django.utils import timezone

from checkout.admin.dashboard import Dashboard
from checkout.admin.dashboard import dashboard as make_dashboard

register = template.Library()

# The order of a working day, not of the alphabet.
FIRST = (
    "Order Payment Refund Dispute StripeEvent OutboundEvent Timeline Mail WebhookEndpoint DeliveryOption",
    "Product Variant Category StockMovement Cart",
    "User EmailAddress Group",
)
FIRST_MODELS = " ".join(FIRST).split()


@register.simple_tag(takes_context=True)
def dashboard(context: RequestContext) -> Dashboard:
    """Return what the first page shows to whoever asks."""
    return make_dashboard(context["request"].user, now=timezone.now())


@register.filter
def by_use(apps: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return `(name, models)` of the admin's apps, what staff use most first; apps of one name stand as one."""
    named: dict[str, list[dict[str, Any]]] = {}
    for app in apps:
        named.setdefault(str(app["name"]), []).extend(app["models"])
    groups = [(name, sorted(models, key=_use)) for name, models in named.items()]
    return sorted(groups, key=lambda group: _use(group[1][0]))


def _use(model: dict[str, Any]) -> int:
    name = model["object_name"]
    return FIRST_MODELS.index(name) if name in FIRST_MODELS else len(FIRST_MODELS)


@register.filter
def signed(number: int) -> str:
    """Write a change with its sign, a real minus included."""
    return f"{number:+d}".replace("-", "−")
