"""Events: what happened, as a snapshot of the object at that moment."""

from typing import Any

from stripe_standin import deliveries, errors, ids, lists
from stripe_standin.call import Answer, Call
from stripe_standin.settings import API_VERSION
from stripe_standin.store import Body

MOST_TYPES = 20


def record(call: Call, kind: str, subject: Body, previous: dict[str, Any] | None = None) -> Body:
    """Write an event of type `kind` about `subject`, and a delivery for each endpoint that wants it.

    `previous` are the old values of what an update changed.
    """
    data: Body = {"object": subject}
    if previous is not None:
        data["previous_attributes"] = previous
    wanted = deliveries.endpoints_for(call, kind)
    event: Body = {
        "id": ids.new("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": call.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": len(wanted),
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": kind,
    }
    call.store.add(event)
    for endpoint in wanted:
        deliveries.plan(call, event["id"], endpoint)
    return event


def shown(call: Call, event: Body) -> Body:
    """Return an event that tells how many endpoints still wait for it."""
    event["pending_webhooks"] = deliveries.waiting_for(call, event["id"])
    return event


def retrieve(call: Call) -> Answer:
    """`GET /v1/events/{id}`."""
    return Answer(shown(call, call.find(call.path["id"], "event", "id")))


def listing(call: Call) -> Answer:
    """`GET /v1/events`. Raises `Refusal` 400 for `type` and `types` together, or too many types."""
    types = call.params.get("types")
    if types and call.params.get("type"):
        raise errors.invalid("You may only specify one of these parameters: type, types.", "types")
    if types and len(types) > MOST_TYPES:
        raise errors.invalid(f"You may only specify up to {MOST_TYPES} types.", "types")
    where, values = [], []
    if types:
        where.append(f"type IN ({', '.join('?' * len(types))})")
        values.extend(types)
    if call.params.get("type"):
        where.append("type GLOB ?")
        values.append(call.params.pop("type"))
    if "delivery_success" in call.params:
        where.append(f"id {'NOT ' if call.params['delivery_success'] else ''}IN ({deliveries.UNDELIVERED})")
    condition = (" AND ".join(where), tuple(values)) if where else None
    page = lists.page(call, "event", "/v1/events", (), condition)
    page["data"] = [shown(call, event) for event in page["data"]]
    return Answer(page)
