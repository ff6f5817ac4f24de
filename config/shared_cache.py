"""The cache that processes share, which nothing depends on: while Redis is away, each process has its own memory.

What is kept there may be lost at any time: counters of limits, answers ready to send, what `/readyz` heard.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# So long Redis may take to be reached and to answer, in seconds; who waits for it is a customer.
TIMEOUTS = {"socket_connect_timeout": 0.3, "socket_timeout": 0.5}
# So long it is left alone after it did not answer, in seconds.
PAUSE = 5
# When each server is asked again, by its address: Django makes a cache for each thread.
_asked_again_at: dict[str, float] = {}


class RedisOrMemory(BaseCache):
    """Redis, and this process's memory while it does not answer."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._location = location
        options = {**TIMEOUTS, **params.get("OPTIONS", {})}
        self._redis = RedisCache(location, {**params, "OPTIONS": options})
        self._memory = LocMemCache(location, params)

    @property
    def is_away(self) -> bool:
        """Tell whether Redis did not answer a moment ago."""
        return time.monotonic() < _asked_again_at.get(self._location, 0)

    def _ask(self, of: Callable[[BaseCache], Any]) -> Any:
        if not self.is_away:
            try:
                return of(self._redis)
            except RedisError as error:
                _asked_again_at[self._location] = time.monotonic() + PAUSE
                logger.error("Redis does not answer; each process has its own cache for now: %s", error)  # noqa: TRY400 - no fault of the code
        return of(self._memory)

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep a value where there is none; tell whether it was kept."""
        return self._ask(lambda cache: cache.add(key, value, *args, **kwargs))

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        """Return what is kept, or the default."""
        return self._ask(lambda cache: cache.get(key, *args, **kwargs))

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep a value."""
        return self._ask(lambda cache: cache.set(key, value, *args, **kwargs))

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep a value for longer; tell whether there is one."""
        return self._ask(lambda cache: cache.touch(key, *args, **kwargs))

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        """Forget a value; tell whether there was one."""
        return self._ask(lambda cache: cache.delete(key, *args, **kwargs))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> Any:
        """Count. Raises ValueError where there is no such key, as Django's caches do."""
        return self._ask(lambda cache: cache.incr(key, delta, version))

    def clear(self) -> None:
        """Forget everything."""
        self._ask(lambda cache: cache.clear())
