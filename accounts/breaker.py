"""A circuit breaker: a machine that did not answer a few times in a row is left alone for a while, by all processes.

What is known of it is kept in the shared cache, and in each process's memory where there is none. It may be lost at any
time: then somebody waits once more. https://martinfowler.com/bliki/CircuitBreaker.html
"""

import logging
import time
from dataclasses import dataclass

from django.core.cache import cache

logger = logging.getLogger(__name__)

clock = time.time
# Silences further apart than this are none in a row, in seconds; after as long an open breaker is forgotten.
MEMORY = 3600


@dataclass(frozen=True)
class Breaker:
    """Opens after so many `failures` in a row, for `pause` seconds; then one call at a time, of at most `longest`, probes."""

    name: str
    failures: int
    pause: float
    longest: float

    def admits(self) -> bool:
        """Tell whether a call may be made now. Say afterwards `answered()` or `failed()`."""
        until: float | None = cache.get(self.key_of_open)
        if until is None:
            return True
        # Half open: whoever is the first to say so probes. One who dies at it has had his time.
        return clock() >= until and cache.add(f"{self.key_of_open}-probe-{until}", 1, self.longest)

    def answered(self) -> None:
        """Close it."""
        known = cache.get_many([self.key_of_open, self._failures])
        for key in known:
            cache.delete(key)
        if self.key_of_open in known:
            logger.warning("%s answers again", self.name)

    def failed(self) -> None:
        """Count a call that waited for nothing."""
        cache.add(self._failures, 0, MEMORY)
        try:
            failures = cache.incr(self._failures)
        except ValueError:  # forgotten meanwhile
            failures = 1
        if failures >= self.failures:
            cache.set(self.key_of_open, clock() + self.pause, MEMORY)
            logger.error("%s does not answer and is left alone for %s seconds", self.name, self.pause)

    @property
    def key_of_open(self) -> str:
        """Return under which key the cache keeps until when it is open."""
        return f"breaker-{self.name}-open"

    @property
    def _failures(self) -> str:
        return f"breaker-{self.name}-failures"
