"""The time that a request has for all that it asks of other machines, together: then its page says what is known."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

# A page is promised within 12; the rest is for the page itself.
SECONDS = 11.0

clock = time.monotonic
_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def of_request() -> Iterator[None]:
    """Let what is called inside share SECONDS."""
    token = _ends_at.set(clock() + SECONDS)
    try:
        yield
    finally:
        _ends_at.reset(token)


def left() -> float | None:
    """Return how many seconds the request has left, 0 or less for none; None outside of a request, where nobody waits."""
    ends_at = _ends_at.get()
    return None if ends_at is None else ends_at - clock()


class RequestDeadline:
    """Gives each request that reaches a view its time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request within its time."""
        with of_request():
            return self.get_response(request)
