"""Where events are sent: made by API, by the dashboard or by a start option."""

from urllib.parse import urlsplit

from stripe_standin import deliveries, errors, ids, lists, params
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body


def make(
    call: Call, url: str, enabled: list[str], secrets: tuple[str, ...], endpoint_id: str | None = None
) -> Body:
    """Write an endpoint; `secrets` all sign at once, as while one is being rolled."""
    endpoint: Body = {
        "id": endpoint_id or ids.new("we"),
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": call.now,
        "description": None,
        "enabled_events": enabled,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }
    return call.store.add(endpoint, {"secrets": list(secrets)})


def given_at_start(call: Call) -> None:
    """Make the endpoints of the start options; those of an earlier start are replaced."""
    call.store.db.execute("DELETE FROM objects WHERE kind = 'webhook_endpoint' AND id LIKE 'we_start_%'")
    for number, (url, secrets) in enumerate(call.settings.webhooks, 1):
        make(call, url, ["*"], secrets, f"we_start_{number}")


def checked_url(url: str) -> str:
    """Return an address that events can be sent to. Raises `Refusal` 400."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise errors.invalid(
            f"Invalid URL: {url}. An explicit scheme (such as https) must be provided.", "url", "url_invalid"
        )
    return url


def create(call: Call) -> Answer:
    """`POST /v1/webhook_endpoints`: the only answer that shows the secret."""
    given = call.params
    secret = f"whsec_{ids.word(32)}"
    if not given["enabled_events"]:
        raise errors.invalid(
            "You must enable at least one event.", "enabled_events", "parameter_invalid_empty"
        )
    endpoint = make(call, checked_url(given["url"]), given["enabled_events"], (secret,))
    endpoint.update(
        api_version=given.get("api_version"),
        description=given.get("description"),
        metadata=params.merge_metadata({}, given.get("metadata") or {}),
    )
    call.store.save(endpoint)
    return Answer({**endpoint, "secret": secret})


def load(call: Call) -> Body:
    """Return the endpoint named in the path."""
    return call.find(call.path["webhook_endpoint"], "webhook_endpoint", "webhook_endpoint")


def retrieve(call: Call) -> Answer:
    """`GET /v1/webhook_endpoints/{webhook_endpoint}`."""
    return Answer(load(call))


def update(call: Call) -> Answer:
    """`POST /v1/webhook_endpoints/{webhook_endpoint}`; a disabled one is not sent what happens meanwhile."""
    endpoint, given = load(call), call.params
    if "url" in given:
        endpoint["url"] = checked_url(given["url"])
    for name in ("enabled_events", "description"):
        if name in given:
            endpoint[name] = given[name]
    if "metadata" in given:
        endpoint["metadata"] = params.merge_metadata(endpoint["metadata"], given["metadata"])
    if "disabled" in given:
        endpoint["status"] = "disabled" if given["disabled"] else "enabled"
        if given["disabled"]:
            deliveries.forget_endpoint(call, endpoint["id"])
    return Answer(call.store.save(endpoint))


def delete(call: Call) -> Answer:
    """`DELETE /v1/webhook_endpoints/{webhook_endpoint}`."""
    endpoint = load(call)
    deliveries.forget_endpoint(call, endpoint["id"])
    call.store.db.execute("DELETE FROM objects WHERE id = ?", (endpoint["id"],))
    return Answer({"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True})


def listing(call: Call) -> Answer:
    """`GET /v1/webhook_endpoints`."""
    return Answer(lists.page(call, "webhook_endpoint", "/v1/webhook_endpoints"))
