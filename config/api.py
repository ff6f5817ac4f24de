"""The JSON API: its root, its routers, and what wraps every operation."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_cache_control
from ninja import Router, Schema
from ninja.throttling import BaseThrottle
from pydantic import Field

from accounts import countries
from accounts.api import router as accounts_router
from checkout.api.addresses import router as addresses_router
from checkout.api.idempotent import once
from checkout.api.routes import delivery_router
from checkout.api.routes import router as checkout_router
from checkout.payments import limits
from config import api_errors
from config.openapi import Api
from shop import money
from shop.api.auth import LOGGED_IN, identify
from shop.api.routes import cart_router, catalogue_router, public

Run = Callable[..., HttpResponse]
_gzip = GZipMiddleware(lambda _request: HttpResponse())
router = Router(tags=["Shop"])


class LanguageOut(Schema):
    """A language that the shop speaks. Ask for it by `Accept-Language`."""

    code: str = Field(examples=["en"])
    name: str = Field(examples=["English"])


class CountryOut(Schema):
    """A country that an address may be in."""

    code: str = Field(description="ISO 3166-1.", examples=["NL"])
    name: str = Field(examples=["Netherlands"])


class ConfigOut(Schema):
    """What a client must know of the shop."""

    store_name: str = Field(examples=["Folio"])
    currency: str = Field(description="ISO 4217, in lower case.", examples=["eur"])
    decimals: int = Field(description="How many decimals the currency's minor unit has.", examples=[2])
    publishable_key: str = Field(description="For Stripe.js.", examples=["pk_test_…"])
    stripe_js_url: str = Field(
        description="Load Stripe.js from here.", examples=["https://js.stripe.com/endive/stripe.js"]
    )
    stripe_api_base: str = Field(
        description="For apps that confirm without Stripe.js.", examples=["https://api.stripe.com"]
    )
    test_mode: bool = Field(description="No real money moves.")
    max_line_quantity: int = Field(description="The most of one variant in one cart.", examples=[99])
    order_ttl_minutes: int = Field(description="How long an order keeps its products unpaid.", examples=[30])
    languages: list[LanguageOut]
    countries: list[CountryOut]


@router.get("/config", response=ConfigOut, operation_id="get_config", summary="What a client must know first")
@public
def get_config(request: HttpRequest) -> ConfigOut:  # noqa: ARG001 - ninja's signature
    """Return the shop's name, currency, keys for Stripe.js, limits, languages and countries."""
    return ConfigOut(
        store_name=settings.STORE_NAME,
        currency=settings.STORE_CURRENCY,
        decimals=money.exponent(settings.STORE_CURRENCY),
        publishable_key=settings.STRIPE.publishable_key,
        stripe_js_url=settings.STRIPE.js_url,
        stripe_api_base=settings.STRIPE.api_base,
        test_mode=not settings.STRIPE.livemode,
        max_line_quantity=settings.MAX_LINE_QUANTITY,
        order_ttl_minutes=settings.ORDER_TTL_MINUTES,
        languages=[LanguageOut(code=code, name=str(name)) for code, name in settings.LANGUAGES],
        countries=[CountryOut(code=code, name=name) for code, name in countries.choices()],
    )


class Limited(BaseThrottle):
    """Counts what is not the same for everybody against the API's own limit."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Count a request. Raises TooManyTriesError."""
        limits.check_asking(request, identify(request))
        return True


def _tell_limits(request: HttpRequest, response: HttpResponse) -> None:
    """Let a client see its limits before it meets them.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """
    usages = limits.usages(request)
    if usages:
        response["RateLimit-Policy"] = ", ".join(
            f'"{usage.name}";q={usage.limit.most};w={usage.limit.seconds}' for usage in usages
        )
        response["RateLimit"] = ", ".join(
            f'"{usage.name}";r={usage.left};t={usage.resets}' for usage in usages
        )


def _around(run: Run) -> Run:
    """Answer a key that was answered before, tell every error in our shape, and let nobody keep what is one customer's."""
    run_once = once(run)

    @wraps(run)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = run_once(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - told, and logged where it is our fault
            response = api.on_exception(request, error)
        if "Cache-Control" in response:  # the same for everybody
            return response
        _tell_limits(request, response)
        patch_cache_control(response, private=True, no_store=True)
        return cast("HttpResponse", _gzip.process_response(request, response))

    return answer


class HeadAsGet:
    """Lets HEAD ask whatever GET may: ninja knows only the methods that operations name.

    The server sends the headers alone. https://www.rfc-editor.org/rfc/rfc9110#name-head
    """

    def __init__(self, get_response: Run) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Ask the operation as if by GET."""
        if request.method != "HEAD" or not request.path_info.startswith(api_errors.PREFIX):
            return self.get_response(request)
        request.method = "GET"
        response = self.get_response(request)
        request.method = "HEAD"
        return response


api = Api(
    title="Folio",
    version="1.0.0",
    description="A shop that takes money with Stripe. The tour, errors, paging and versions: docs/api.md.",
    urls_namespace="api",
    parser=api_errors.JsonParser(),
)
api_errors.install(api)
api.add_decorator(_around, mode="view")
api.add_router("", router)
api.add_router("", catalogue_router)
api.add_router("", delivery_router)
api.add_router("", cart_router, throttle=Limited())
api.add_router("", checkout_router, throttle=Limited())
api.add_router("", addresses_router, throttle=Limited())
api.add_router("", accounts_router, auth=LOGGED_IN, throttle=Limited())
