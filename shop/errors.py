"""Errors that verbs raise. Pages and API show the same code and message."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise


class ShopError(Exception):
    """A refusal with a stable `code`, words for the customer, and the HTTP status that fits it."""

    code = "refused"
    status = HTTPStatus.CONFLICT
    # Seconds after which the same may be tried again, where waiting helps.
    retry_after: int | None = None
    # What is wrong with a field, by its name, and what changed in a cart, line by line.
    fields: Mapping[str, Sequence[str]] = MappingProxyType({})
    changes: Sequence[Any] = ()

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = str(message)
