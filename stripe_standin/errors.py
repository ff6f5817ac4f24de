"""Refusals in Stripe's shape: `{"error": {"type", "code", "message", "param", …}}`."""

from typing import Any

DOCS = "https://stripe.com/docs/error-codes/"


class Refusal(Exception):  # noqa: N818 - Stripe's word for it is not "error" alone
    """A request that is answered with an error and changes nothing.

    `stored` says whether an idempotency key remembers it: a request that failed its checks before the
    endpoint began to work is forgotten, one that was refused by the state of things is remembered.
    """

    def __init__(self, status: int, kind: str, message: str, *, stored: bool = True, **fields: Any) -> None:
        super().__init__(message)
        self.status = status
        self.stored = stored
        self.fields = {"message": message, "type": kind, **fields}

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        return body(self.fields)


def body(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an error body without its empty fields, with the address of the code's page."""
    error = {key: value for key, value in fields.items() if value is not None}
    if "code" in error:
        error["doc_url"] = DOCS + error["code"].replace("_", "-")
    return {"error": error}


def invalid(message: str, param: str | None = None, code: str | None = None, *, status: int = 400) -> Refusal:
    """Return the refusal of a request whose parameters are wrong."""
    return Refusal(status, "invalid_request_error", message, stored=False, param=param, code=code)


def unknown_parameter(param: str) -> Refusal:
    """Return the refusal of a parameter the endpoint does not have."""
    return invalid(f"Received unknown parameter: {param}", param, "parameter_unknown")


def missing(param: str) -> Refusal:
    """Return the refusal of a request that lacks a required parameter."""
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def no_such(noun: str, object_id: str, param: str) -> Refusal:
    """Return Stripe's 404 for an id nobody knows."""
    message = f"No such {noun}: '{object_id}'"
    return Refusal(404, "invalid_request_error", message, code="resource_missing", param=param)


def card_error(message: str, code: str, *, stored: bool = True, **fields: Any) -> Refusal:
    """Return a 402 whose message may be shown to the shopper."""
    return Refusal(402, "card_error", message, stored=stored, code=code, **fields)
