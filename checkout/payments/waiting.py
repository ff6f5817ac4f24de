"""How long, and how many threads at a time, may wait for Stripe: whatever it does, every other page is answered.

- All that one request asks of Stripe shares the request's time (accounts/deadline.py).
- In requests, AT_ONCE threads of a process may wait, fewer than it has (config/gunicorn.py).
- After a few silences in a row nobody asks for a while: calls fail at once, in every process.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from accounts import deadline
from accounts.breaker import Breaker

if TYPE_CHECKING:
    import requests

AT_ONCE = 6
# So long one more waits for one of them to be done, in seconds: longer than a Stripe that is well takes to answer.
TURN_SECONDS = 0.5
# Customers are told to come back after as long as the pause; a try takes at most five seconds (gateway.py).
BREAKER = Breaker("Stripe", failures=3, pause=5, longest=6)

_turns = threading.BoundedSemaphore(AT_ONCE)


class Session:
    """What the SDK takes for its `requests.Session`: one of those for each thread, which waits no longer than it may."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def request(
        self, method: str, url: str, *, timeout: tuple[float, float], **kwargs: Any
    ) -> "requests.Response":
        """Ask once.

        Raises what requests raises: its Timeout and ConnectionError may be tried again, its RequestException, which tells
        that this was not asked at all, may not.
        """
        import requests

        with _turn():
            connect, read = (_at_most_what_is_left(seconds) for seconds in timeout)
            # Less than its time says nothing of Stripe: whoever sends a form slowly would close it for all.
            is_whole = (connect, read) == timeout
            if not BREAKER.admits():
                raise requests.RequestException("Stripe is left alone, since it did not answer")
            try:
                answer = self._session().request(method, url, timeout=(connect, read), **kwargs)
            except requests.RequestException as error:
                if is_whole and _is_silence(error):
                    BREAKER.failed()
                raise
            BREAKER.answered()
            return answer

    def _session(self) -> "requests.Session":
        import requests

        if not hasattr(self._of_thread, "session"):
            self._of_thread.session = requests.Session()
        session: requests.Session = self._of_thread.session
        return session


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for a turn among the threads of this process; whoever answers no request, a sweep say, needs none."""
    import requests

    if deadline.left() is None:
        yield
        return
    if not _turns.acquire(timeout=_at_most_what_is_left(TURN_SECONDS)):
        raise requests.RequestException("too many wait for Stripe already")
    try:
        yield
    finally:
        _turns.release()


def _at_most_what_is_left(seconds: float) -> float:
    import requests

    left = deadline.left()
    if left is not None and left <= 0:
        raise requests.RequestException("the time of this request is over")
    return seconds if left is None else min(seconds, left)


def _is_silence(error: "requests.RequestException") -> bool:
    """Tell whether somebody waited for nothing, also where an answer began and then stopped."""
    import requests
    from urllib3.exceptions import ReadTimeoutError

    return isinstance(error, requests.Timeout) or any(isinstance(arg, ReadTimeoutError) for arg in error.args)
