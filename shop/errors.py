"""What a verb raises when it cannot do what was asked. Pages and JSON show the same code and words."""

from http import HTTPStatus

from django.utils.functional import Promise


class ShopError(Exception):
    """A refusal with a stable `code`, words for the customer, and the HTTP status that fits it."""

    code = "refused"
    status = HTTPStatus.CONFLICT
    # Seconds after which the same may be tried again, where waiting helps.
    retry_after: int | None = None

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = str(message)
