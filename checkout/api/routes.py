"""Orders and payments as JSON. Each handler parses, calls one verb, and renders."""

from typing import Annotated, Any, cast

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view
from pydantic import BaseModel, Field

from accounts.models import User
from checkout.api import idempotent
from checkout.api.auth import HOLDS_ORDER
from checkout.api.schemas import (
    DeliveryOptionOut,
    DeliveryOptionsOut,
    FileOut,
    OrderDetailOut,
    OrderIn,
    OrderOut,
    OrdersOut,
    PaymentOut,
    PlacedOrderOut,
    QuoteOut,
    SentenceOut,
    StatusOut,
    StepOut,
    TaxOut,
)
from checkout.fulfilment import downloads
from checkout.messages import order_text
from checkout.messages.order_json import order_json
from checkout.models import DeliveryOption, Order, OrderLine
from checkout.orders import access
from checkout.orders.access import account_of
from checkout.pages import presentation
from checkout.pages.forms import read_address
from checkout.payments import limits, paying
from checkout.purchase import again, closing, placing
from checkout.purchase.placing import Terms
from shop.api.auth import ANYONE, LOGGED_IN
from shop.api.routes import Notices, public
from shop.api.schemas import CartOut, Text, cart_out, change_out, cover_out
from shop.cart import lines as carts
from shop.cart.page import cart_page
from shop.cart.review import PICTURES
from shop.cart.session import find_cart
from shop.i18n.links import absolute

router = Router(tags=["Orders"], auth=LOGGED_IN)
delivery_router = Router(tags=["Orders"])


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


@delivery_router.get(
    "/delivery-options",
    response=DeliveryOptionsOut,
    operation_id="list_delivery_options",
    summary="List the ways to send products",
)
@public
def list_delivery_options(request: HttpRequest) -> DeliveryOptionsOut:  # noqa: ARG001 - ninja's signature
    """Return the ways to send products. `GET /quote` says what one costs for the cart."""
    options = DeliveryOption.objects.filter(is_active=True)
    return DeliveryOptionsOut(items=[DeliveryOptionOut.from_orm(option) for option in options])


class QuoteIn(Schema):
    """What the price depends on, beside the cart."""

    delivery: Text = Field("", description="A delivery option's code; empty: the first offered.")
    voucher: Text = Field("")
    country: Annotated[Text, Field(max_length=2)] = Field(
        "", description="Where it goes; empty: the shop's own country.", examples=["NL"]
    )


@router.get(
    "/quote",
    response=QuoteOut,
    auth=ANYONE,
    operation_id="get_quote",
    summary="What the cart would cost",
    openapi_extra={"x-errors": [409]},
)
def get_quote(request: HttpRequest, wanted: Query[QuoteIn]) -> QuoteOut:
    """Return what the cart costs, sent in a way, without placing anything."""
    user = account_of(request)
    if wanted.voucher:
        limits.check_voucher(request, user)
    terms = Terms(wanted.country.upper(), wanted.delivery, wanted.voucher, user, user.email if user else "")
    agreement = placing.agree(find_cart(request), terms)
    totals = agreement.totals
    return QuoteOut(
        **totals.as_fields(),
        taxes=[TaxOut(**vars(part)) for part in totals.taxes],
        voucher=agreement.voucher.code if agreement.voucher else "",
        country=agreement.country,
        currency=settings.STORE_CURRENCY,
        needs_delivery=agreement.review.needs_delivery,
        delivery_code=agreement.delivery.code if agreement.delivery else None,
        changes=[change_out(change) for change in agreement.review.changes],
    )


@router.post(
    "/orders",
    response={201: PlacedOrderOut},
    auth=ANYONE,
    operation_id="place_order",
    summary="Place the order",
)
@decorate_view(idempotent.required)
def place_order(request: HttpRequest, wanted: OrderIn) -> dict[str, Any]:
    """Place what is in the cart, for the total that the customer saw, and begin its payment.

    The same cart, placed again, is the same order. With the same `Idempotency-Key` and body, the same answer comes again.
    A guest sends an e-mail address and gets the `key` that opens the order.
    """
    now, user = timezone.now(), account_of(request)
    cart = find_cart(request)
    address, email = read_address(
        wanted.address.model_dump(), guest_email=None if user else wanted.email, is_sent=carts.is_sent(cart)
    )
    limits.check_placing(request, user, email)
    if wanted.voucher:
        limits.check_voucher(request, user)
    order = placing.place(
        user=user,
        email=email,
        cart=cart,
        address=address,
        delivery=wanted.delivery,
        voucher=wanted.voucher,
        total_shown=wanted.total,
        now=now,
        claim=idempotent.claim_of(request),
    )
    # A browser may go on to our pages.
    if user is None and settings.CART_COOKIE_NAME in request.COOKIES:
        access.remember(request, order)
    paying.begin(order, now=now)
    return {**order_json(order), "key": None if user else order.key}


class FindOrderIn(BaseModel):
    """What only the customer of an order knows."""

    number: Annotated[Text, Field(max_length=40)] = Field(examples=["FQ7K-3MWD"])
    email: Annotated[Text, Field(max_length=254)] = Field(examples=["alice@example.org"])


class AskedOut(Schema):
    """The answer, whether there is such an order or not."""

    message: str


@router.post(
    "/orders/find",
    response={202: AskedOut},
    auth=ANYONE,
    operation_id="find_order",
    summary="Have the link to an order mailed",
)
def find_order(request: HttpRequest, wanted: FindOrderIn) -> AskedOut:
    """Mail the link to an order to its customer, where number and e-mail address belong together."""
    limits.check_finding(request, wanted.email)
    access.send_link(wanted.number, wanted.email, now=timezone.now())
    return AskedOut(message=_("If number and address belong together, the link is on its way."))


class OrdersIn(Schema):
    """Which part of the list."""

    cursor: Text = Field("", description="`next` of the part before; empty for the first.")


@router.get("/orders", response=OrdersOut, operation_id="list_orders", summary="List the orders")
def list_orders(request: HttpRequest, wanted: Query[OrdersIn]) -> OrdersOut:
    """Return the customer's orders, newest first, a part at a time."""
    found, following = presentation.orders_after(_user(request), wanted.cursor)
    return OrdersOut(items=[OrderOut(**order_json(order)) for order in found], next=following)


@router.get(
    "/orders/{number}",
    response=OrderDetailOut,
    auth=HOLDS_ORDER,
    operation_id="get_order",
    summary="Show one order",
)
def get_order(request: HttpRequest, number: str) -> OrderDetailOut:
    """Return an order as it was last known, with its story."""
    order = access.order_for(request, number)
    presentation.complete(order)
    return OrderDetailOut(**_detail(order))


def _detail(order: Order) -> dict[str, Any]:
    """Return an order with its story. All that its page shows must be prefetched."""
    lines = list(order.lines.all())
    prefetch_related_objects(lines, PICTURES)
    facts = order_json(order)
    return {
        **facts,
        "lines": [{**told, **_product(line)} for told, line in zip(facts["lines"], lines, strict=True)],
        "steps": [
            StepOut(kind=step.kind, words=step.words, at=step.at) for step in presentation.steps(order)
        ],
        "refunds": order_text.refunded(order),
        "paid_with": order_text.method_line(order.current_payment),
    }


def _product(line: OrderLine) -> dict[str, Any]:
    if line.variant is None:
        return {"slug": None, "cover": None}
    product = line.variant.product
    return {"slug": product.slug, "cover": cover_out(next(iter(product.image_list), None))}


@router.get(
    "/orders/{number}/files",
    response=list[FileOut],
    auth=HOLDS_ORDER,
    operation_id="list_order_files",
    summary="List the files of an order",
    openapi_extra={"x-errors": [403, 410]},
)
def list_order_files(request: HttpRequest, number: str) -> list[FileOut]:
    """Return the files of a paid order. Each `url` may be opened ten times; to continue a download does not count."""
    order = access.order_for(request, number)
    return [
        FileOut(
            line=found.line.pk,
            name=found.name,
            size=found.size,
            url=absolute(found.line.get_keyed_file_url()),
        )
        for found in downloads.all_of(order)
    ]


@router.post(
    "/orders/{number}/cancel",
    response=OrderOut,
    auth=HOLDS_ORDER,
    operation_id="cancel_order",
    summary="Cancel an unpaid order",
)
def cancel_order(request: HttpRequest, number: str) -> dict[str, Any]:
    """Cancel an order that awaits payment, at Stripe first, and give its products back. A closed order stays closed."""
    order = access.order_for(request, number)
    closing.cancel_own(order, user=account_of(request), now=timezone.now())
    return order_json(order)


@router.post(
    "/orders/{number}/again",
    response=CartOut,
    auth=HOLDS_ORDER,
    operation_id="order_again",
    summary="Put what an order held into the cart",
)
def order_again(request: HttpRequest, number: str) -> CartOut:
    """Let the cart hold what the order held, as far as it is still sold. `changes` says line by line what is not as it was.

    Asked twice, it changes nothing more. A guest sends the cart's `X-Cart-Token` along, or gets a new one.
    """
    notices = Notices()
    changes = again.order_again(request, access.order_for(request, number), tell=notices.tell)
    cart = find_cart(request, tell=notices.tell)
    answer = cart_out(cart, cart_page(cart), notices)
    answer.changes += [change_out(change) for change in changes]
    return answer


@router.post(
    "/orders/{number}/payment",
    response=PaymentOut,
    auth=HOLDS_ORDER,
    operation_id="pay_order",
    summary="Get a client secret to pay with",
)
def pay_order(request: HttpRequest, number: str) -> PaymentOut:
    """Return what Stripe.js needs: the client secret of the order's PaymentIntent, made or asked about just now.

    After a decline the same PaymentIntent is used for the next try.
    """
    now = timezone.now()
    order = access.order_for(request, number)
    limits.check_paying(request, account_of(request), order, now=now)
    intent = paying.payable(order, now=now)
    return PaymentOut(
        order=order.number,
        intent_id=intent.id,
        status=intent.status,
        amount=intent.amount,
        currency=intent.currency,
        client_secret=intent.client_secret,
        publishable_key=settings.STRIPE.publishable_key,
        declined=order_text.decline_notice(intent.error.code) if intent.error else "",
    )


@router.get(
    "/orders/{number}/status",
    response=StatusOut,
    auth=HOLDS_ORDER,
    operation_id="get_order_status",
    summary="Where the money is",
)
def get_order_status(request: HttpRequest, number: str) -> StatusOut:
    """Ask Stripe, reconcile, and say in one sentence where the money is. Safe to ask again and again."""
    now = timezone.now()
    order = access.order_for(request, number)
    answered = limits.may_look(request, order) and paying.look_or_know(order, now=now)
    presentation.complete(order)
    sentence = order_text.sentence(order, order.current_payment, answered=answered)
    return StatusOut(
        **_detail(order),
        message=SentenceOut(heading=sentence.heading, text=sentence.text),
        answered=answered,
        can_pay=bool(sentence.pay),
        look_again_after=presentation.seconds_to_next_look(order, now=now) if sentence.look_again else None,
    )
