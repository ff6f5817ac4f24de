"""Errors of the API: one shape with a stable code, whatever went wrong."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from pydantic import Field

from accounts.database import is_away
from config.errors import RETRY_AFTER_SECONDS
from shop.api.auth import LoginRequiredError
from shop.api.schemas import ChangeOut, change_out
from shop.errors import ShopError

logger = logging.getLogger(__name__)

PREFIX = "/api/"


class Problem(Schema):
    """What was wrong, for programs and for people."""

    code: str = Field(description="Stable; each is listed in docs/api.md.", examples=["not_enough_stock"])
    message: str = Field(
        description="A sentence for the customer, in the language that was asked for.",
        examples=["There are only 3 of Middlemarch, paperback. Choose 3 or fewer."],
    )
    fields: dict[str, list[str]] = Field(
        description="What is wrong with each field, as in `address.postal_code`.", examples=[{}]
    )
    lines: list[ChangeOut] = Field(description="What changed in the cart, line by line.", examples=[[]])


class ErrorOut(Schema):
    """Every answer of 400 and above."""

    error: Problem


class InvalidRequestError(ShopError):
    """The request does not fit its schema; `fields` says where."""

    code = "invalid_request"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__(_("Check the marked fields."))
        self.fields = fields


# What stands for an answer that is none of ours: an unknown address, a body that cannot be read.
_OF_STATUS = {
    HTTPStatus.BAD_REQUEST: ("bad_request", _lazy("We could not read this.")),
    HTTPStatus.FORBIDDEN: ("forbidden", _lazy("You may not do that.")),
    HTTPStatus.NOT_FOUND: ("not_found", _lazy("There is nothing here.")),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", _lazy("That cannot be done here.")),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too_large", _lazy("That is too much at once.")),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "unsupported_media_type",
        _lazy("Send JSON, with the header Content-Type: application/json."),
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "server_error",
        _lazy("Something broke on our side, and we have been told."),
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "unavailable",
        _lazy("The shop is busy just now. Nothing was changed; try again in a moment."),
    ),
}
CODES = frozenset(code for code, _words in _OF_STATUS.values())


def _of_status(status: HTTPStatus) -> ShopError:
    """Return the error that stands for a status."""
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    usual = HTTPStatus.INTERNAL_SERVER_ERROR if broken else HTTPStatus.BAD_REQUEST
    code, words = _OF_STATUS.get(status, _OF_STATUS[usual])
    error = ShopError(words)
    error.code, error.status = code, status
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        error.retry_after = RETRY_AFTER_SECONDS
    return error


def error_response(error: ShopError) -> JsonResponse:
    """Return the answer that tells an error."""
    problem = Problem(
        code=error.code,
        message=error.message,
        fields={name: list(sentences) for name, sentences in error.fields.items()},
        lines=[change_out(change) for change in error.changes],
    )
    response = JsonResponse({"error": problem.model_dump()}, status=error.status)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


class JsonParser(Parser):
    """Takes nothing but JSON, and called so: no form of another website can send that."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body. Raises HttpError for one that says it is something else, ValueError for no JSON."""
        if request.content_type != "application/json":
            raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not JSON")
        try:
            return json.loads(request.body)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


def install(api: NinjaAPI) -> None:
    """Let an API tell all its errors in our shape."""

    def tell(kind: type[Exception], read: Callable[[Any], ShopError]) -> None:
        api.add_exception_handler(kind, lambda _request, error: error_response(read(error)))

    tell(ShopError, lambda error: error)
    tell(AuthenticationError, lambda _error: LoginRequiredError())
    tell(ValidationError, _read_validation)
    tell(Http404, lambda _error: _of_status(HTTPStatus.NOT_FOUND))
    tell(HttpError, _read_http)
    tell(RequestDataTooBig, lambda _error: _of_status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
    tell(SuspiciousOperation, lambda _error: _of_status(HTTPStatus.BAD_REQUEST))
    # Half of a surrogate pair, in a field that takes any text.
    tell(UnicodeEncodeError, lambda _error: _of_status(HTTPStatus.BAD_REQUEST))
    tell(Exception, _read_broken)


def _read_http(error: HttpError) -> ShopError:
    # What the parser raises, ninja wraps into a 400.
    cause = error.__cause__ if isinstance(error.__cause__, HttpError) else error
    return _of_status(HTTPStatus(cause.status_code))


def _read_validation(error: ValidationError) -> ShopError:
    fields: dict[str, list[str]] = {}
    for found in error.errors:
        fields.setdefault(_name(found["loc"]), []).append(found["msg"])
    return InvalidRequestError(fields)


def _name(place: Sequence[str | int]) -> str:
    """Return the name of a field from where pydantic found it: without `body` and the handler's own argument."""
    source, *path = place
    return ".".join(map(str, path[1:] if source in {"body", "query"} and len(path) > 1 else path))


def _read_broken(error: Exception) -> ShopError:
    if is_away(error):
        logger.error("The database could not be used: %s", error)
        return _of_status(HTTPStatus.SERVICE_UNAVAILABLE)
    logger.error("The API broke", exc_info=error)
    return _of_status(HTTPStatus.INTERNAL_SERVER_ERROR)


class JsonErrors:
    """Gives our shape to errors under /api/ that no handler of the API answered: an unknown address, a wrong method."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Refuse JSON nested too deep, with half of a surrogate pair or an infinite number: django-allauth does not."""
        is_bad = isinstance(exception, (RecursionError, UnicodeEncodeError, OverflowError))
        return HttpResponseBadRequest() if is_bad and request.content_type == "application/json" else None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the view answer, then look at what it says."""
        response = self.get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST or not request.path_info.startswith(PREFIX):
            return response
        if response["Content-Type"].startswith("application/json"):
            return response
        told = error_response(_of_status(HTTPStatus(response.status_code)))
        for header in ("Allow", "Retry-After"):
            if header in response:
                told[header] = response[header]
        return told
