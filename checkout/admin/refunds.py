"""The refund form: what staff typed, a preview of its effects, and the refund."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.text import one_line
from checkout.admin import order_page, tags
from checkout.admin.actions import NO, page_of, user_of
from checkout.messages import order_text
from checkout.models import Order, OrderLine, Payment, Refund
from checkout.payments import refunds
from checkout.payments.gateway import StripeUnavailableError
from checkout.payments.refunds import RefundAmountError, Wanted
from checkout.purchase.attention import Preview
from shop import money
from shop.errors import ShopError
from shop.i18n.stored_text import inside_sentence
from shop.money import written

LONGEST_REASON = 200
LINE = "line_"
# More digits than any charge of Stripe's has.
_WHOLE = re.compile(r"[0-9]{1,10}")


class UnreadableError(ShopError):
    """The form says something that is no refund at all."""

    code = "unreadable"
    status = HTTPStatus.BAD_REQUEST


@dataclass(frozen=True)
class LineLeft:
    """A line of which copies may still go back on the shelf: how many are out, and how many this refund names."""

    line: OrderLine
    out: int
    chosen: int


@dataclass(frozen=True)
class Box:
    """The refund form: what was received, given back and left (minor units), and what stands in its fields."""

    received: int
    returned: int
    left: int
    money: str
    reason: str
    restock: bool
    lines: tuple[LineLeft, ...]
    disputed: bool


def box(page: order_page.OrderPage, typed: QueryDict | None = None) -> Box:
    """Return the refund form of an order, with what was typed, or with all that is left for a start."""
    given = typed or QueryDict()
    begin = given.get("money", "") or _plain(_minor_typed(given), page.order.currency)
    named = {name: given.get(name, "") for name in given if name.startswith(LINE)}
    return Box(
        received=page.received,
        returned=page.returned,
        left=page.left,
        money=begin or _plain(_suggested(page), page.order.currency),
        reason=given.get("reason", ""),
        restock=given.get("restock", "no").strip().lower() not in NO,
        lines=tuple(
            LineLeft(line, out, _quantity(named.get(f"{LINE}{line.pk}", "")) if named else out)
            for line, out in _lines_out(page)
        ),
        disputed=page.is_disputed,
    )


def _suggested(page: order_page.OrderPage) -> int:
    """Return what a refund begins with, in minor units: what was paid too much, else all that is left."""
    too_much = page.left - page.order.total
    return too_much if page.order.is_paid and too_much > 0 else page.left


def _lines_out(page: order_page.OrderPage) -> list[tuple[OrderLine, int]]:
    """Return the lines of which the order still holds copies, with how many."""
    if page.order.is_closed:
        return []
    back: dict[int, int] = {}
    for row in page.refunds:
        for line in row.refund.lines.all():
            if row.refund.counts or line.restocked:
                back[line.line_id] = back.get(line.line_id, 0) + line.quantity
    out = [(line, line.quantity - back.get(line.pk, 0)) for line in page.lines]
    return [(line, copies) for line, copies in out if copies > 0]


def refund(request: HttpRequest, order: Order) -> HttpResponse:
    """Show the form with what it would do; on POST refund at once.

    `amount` is in minor units (`money`, in the main unit, is what people type), beside `reason`, `restock`, a quantity
    `line_<id>` for each line that goes back on the shelf, and a `key` that makes two clicks one refund.
    """
    if request.method != "POST":
        return _page(request, order, request.GET)
    try:
        row = refunds.refund(order, _wanted(request.POST, order), user=user_of(request), now=timezone.now())
    except StripeUnavailableError:
        messages.warning(request, _("No answer from Stripe. The refund is kept and asked for again by itself, "
                                    "under the same key: it happens once. Do not begin it anew."))  # fmt: skip
    except ShopError as error:
        if error.status == HTTPStatus.BAD_REQUEST:
            return _page(request, order, request.POST, problem=error.message, status=error.status)
        messages.error(request, error.message)
    else:
        _tell(request, order, row)
    return redirect(page_of(order))


def _wanted(form: QueryDict, order: Order) -> Wanted:
    """Return what a form asks for. Raises UnreadableError or RefundAmountError."""
    reason = one_line(form.get("reason", ""))
    if len(reason) > LONGEST_REASON:
        raise UnreadableError(_("Write the reason in %d letters or fewer.") % LONGEST_REASON)
    restock = form.get("restock", "no").strip().lower() not in NO
    return Wanted(_amount(form, order), reason, restock, _lines(form), _key(form.get("key", "")))


def _amount(form: QueryDict, order: Order) -> int:
    if "amount" in form:
        amount = _minor_typed(form)
        if amount is None:
            raise RefundAmountError
        return amount
    try:
        return money.read(form.get("money", ""), order.currency)
    except ValueError as error:
        raise UnreadableError(_("Write the amount like this: %s.") % _plain(1650, order.currency)) from error


def _minor_typed(form: QueryDict) -> int | None:
    text = form.get("amount", "").strip()
    return int(text) if _WHOLE.fullmatch(text) else None


def _plain(amount: int | None, currency: str) -> str:
    """Return an amount as one types it: 1650 eur → “16.50”."""
    return "" if amount is None else money.typed(amount, currency)


def _lines(form: QueryDict) -> dict[int, int]:
    named = {name.removeprefix(LINE): form.get(name, "").strip() for name in form if name.startswith(LINE)}
    if not all(_WHOLE.fullmatch(pk) and (not text or _WHOLE.fullmatch(text)) for pk, text in named.items()):
        raise UnreadableError(_("Write how many copies go back as whole numbers."))
    return {int(pk): _quantity(text) for pk, text in named.items()}


def _quantity(text: str) -> int:
    return int(text) if _WHOLE.fullmatch(text.strip()) else 0


def _key(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise UnreadableError(_("The key is a UUID.")) from error


def _page(
    request: HttpRequest,
    order: Order,
    typed: QueryDict,
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    page = order_page.order_page(order)
    wanted, preview = None, None
    if not problem and ("amount" in typed or "money" in typed):
        try:
            wanted = _wanted(typed, order)
            preview = _preview(page, wanted, refunds.plan(order, wanted))
        except ShopError as error:
            problem = error.message
    context = {
        **site.each_context(request),
        "title": _("Refund of order %s") % order.number,
        "page": page,
        "order": order,
        "order_url": page_of(order),
        "box": box(page, typed),
        "wanted": wanted,
        "preview": preview,
        "key": uuid4(),
        "problem": problem,
    }
    return TemplateResponse(request, "admin/checkout/order/refund.html", context, status=status)


def _preview(page: order_page.OrderPage, wanted: Wanted, lines: Mapping[int, int]) -> Preview:
    order = page.order
    paid = [attempt for attempt in page.attempts if attempt.payment.status == Payment.SUCCEEDED]
    facts = {
        "amount": written(wanted.amount, order.currency),
        "way": order_text.paid_with(paid[-1].payment) if paid else "",
        "left": written(page.left - wanted.amount, order.currency),
    }
    back = [
        _("%(quantity)d × %(title)s, %(edition)s")
        % {"quantity": lines[line.pk], "title": line.title, "edition": inside_sentence(line.edition)}
        for line in page.lines
        if line.pk in lines
    ]
    return Preview(
        money=_("%(amount)s goes back to the customer, through Stripe (%(way)s). %(left)s stays.") % facts
        if facts["way"]
        else _("%(amount)s goes back to the customer, through Stripe. %(left)s stays.") % facts,
        stock=_("Back on the shelf: %s.") % "; ".join(back) if back else _("No book goes back on the shelf."),
        mail=_("%s is told by mail that the money is on its way.") % order.email,
    )


def _tell(request: HttpRequest, order: Order, row: Refund) -> None:
    facts = {
        "amount": written(row.amount, row.currency),
        "left": written(refunds.left(order), order.currency),
    }
    if not row.counts:
        messages.error(request, _("Stripe did not make the refund of %(amount)s.") % facts)
    elif row.status == "succeeded":
        messages.success(request, _("Refunded %(amount)s. Of what was received, %(left)s is left.") % facts)
    else:
        facts["state"] = tags.refund_tag(row.status).word
        messages.success(request, _("The refund of %(amount)s is begun. Stripe says: %(state)s.") % facts)
