"""What a customer reads about an order: where the money is, then the products, then what to do.

One sentence for every cell of the payment policy (`checkout.payments.reconcile.TABLE`), in one place for every page.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import countries
from checkout.models import Attention, Order, Payment, Timeline
from checkout.models.prices import Taxed
from shop.errors import ShopError
from shop.money import percent, written


@dataclass(frozen=True)
class Tag:
    """A state in a word, with an icon's name and a tone: good, warn, bad or muted."""

    word: str
    icon: str
    tone: str


@dataclass(frozen=True)
class Sentence:
    """A page's heading and what follows it. `pay` and `browse` are the words of a button, where one belongs there.

    `look_again` tells that the answer may soon be another one.
    """

    heading: str
    text: str
    pay: str = ""
    browse: str = ""
    look_again: bool = False


def tag(order: Order) -> Tag:
    """Return the state of an order as its customer reads it."""
    if order.needs_attention and not order.is_paid:
        return Tag(_("We are checking"), "alert", "bad")
    return state_tag(order)


def state_tag(order: Order) -> Tag:
    """Return the order's own state, whether or not a person must look at it."""
    icon, tone = {
        Order.Status.PLACED: ("clock", "muted"),
        Order.Status.PROCESSING: ("clock", "warn"),
        Order.Status.PAID: ("tick", "good"),
        Order.Status.SHIPPED: ("van", "good"),
        Order.Status.DELIVERED: ("tick", "good"),
    }.get(Order.Status(order.status), ("cross", "muted"))
    return Tag(str(order.get_status_display()), icon, tone)


def given_back(order: Order) -> int:
    """Return how much Stripe has sent back or is sending back, in minor units. The refunds are best prefetched."""
    return sum(row.amount for row in order.refunds.all() if row.counts and row.refund_id)


def is_refunded(order: Order) -> bool:
    """Tell whether all that was received went back. Reads refunds and payments, which are best prefetched."""
    received = sum(payment.amount_received for payment in order.payments.all())
    return 0 < received <= given_back(order)


def refund_tag(order: Order, *, with_amount: bool = False) -> Tag | None:
    """Return what stands beside the state of an order whose money went back, in part or whole, else None.

    Reads its refunds and payments, which are best prefetched.
    """
    amount = given_back(order)
    if not amount:
        return None
    word = _("Refunded") if is_refunded(order) else _("Partly refunded")
    if with_amount:
        word = f"{word}, {written(amount, order.currency)}"
    return Tag(word, "back", "muted")


def refunded(order: Order) -> list[str]:
    """Return a sentence for each refund that Stripe has made: how much, and when. Its refunds are best prefetched."""
    return [
        _("%(amount)s went back to you on %(day)s.")
        % {
            "amount": written(row.amount, row.currency),
            "day": date_format(timezone.localtime(row.created_at), "MONTH_DAY_FORMAT"),
        }
        if row.status == "succeeded"
        else _("%s is on its way back to you.") % written(row.amount, row.currency)
        for row in order.refunds.all()
        if row.counts and row.refund_id
    ]


def sentence(order: Order, payment: Payment | None, *, answered: bool) -> Sentence:
    """Return what the status page says. `answered` tells whether Stripe answered just now.

    Reads the order's timeline, which is best prefetched.
    """
    if order.is_paid:
        return _paid(order)
    if order.needs_attention:
        return _attention(order)
    if not answered and payment is not None:
        return _no_answer(order, payment)
    if order.is_closed:
        return _closed(order, payment)
    if order.status == Order.Status.PROCESSING:
        return Sentence(
            _("Your bank is sending the money."),
            _(
                "That can take a few working days. Your books are kept for you until then. You need do nothing."
            ),
            look_again=True,
        )
    return _open(order, payment)


def _paid(order: Order) -> Sentence:
    facts = {"total": written(order.total, order.currency), "email": order.email}
    if not order.total:
        text = _("There was nothing to pay. A confirmation is on its way to %(email)s.") % facts
    elif _came_late(order):
        text = _("Your %(total)s came late, and we still had the books.") % facts
    else:
        text = _("We have your %(total)s. A confirmation is on its way to %(email)s.") % facts
    return Sentence(thanks(order), text, browse=_("Keep browsing"))


def thanks(order: Order) -> str:
    """Return the heading of a paid order."""
    return _("Paid. Thank you, %s.") % first_name(order) if first_name(order) else _("Paid. Thank you.")


def _came_late(order: Order) -> bool:
    return any(entry.kind == Timeline.Kind.PAID and "late" in entry.data for entry in order.timeline.all())


def _attention(order: Order) -> Sentence:
    if order.needs_attention == Attention.LATE_WITHOUT_STOCK:
        return Sentence(
            _("We have your money, but a book is gone."),
            _("Your %s arrived after the time to pay was over, and a book was sold meanwhile. We write within one "
              "working day, with a full refund or another edition. You need do nothing.")
            % written(order.total, order.currency),
        )  # fmt: skip
    if order.needs_attention == Attention.MONEY_AFTER_CLOSE:
        return Sentence(
            _("A payment is on its way to a closed order."),
            _("We write when it arrives. Please do not pay again."),
        )
    if order.needs_attention == Attention.UNKNOWN_STATUS:
        text = _("Stripe’s answer is new to us, so a person looks at it. Please do not pay again.")
    else:
        text = _("Money has reached Stripe, and it does not match this order. We write within one working day. "
                 "Please do not pay again.")  # fmt: skip
    return Sentence(_("We are checking your payment."), text)


def _no_answer(order: Order, payment: Payment) -> Sentence:
    state = str(order.get_status_display())
    text = (
        _("At %(time)s the order was: %(state)s.") % {"time": clock(payment.asked_at), "state": state}
        if payment.asked_at
        else _("The order is kept.")
    )
    return Sentence(_("We could not ask Stripe just now."), text, look_again=True)


def no_card_form(error: ShopError) -> Sentence:
    """Return what the pay page says while Stripe does not answer, or does not take the shop's key."""
    if error.code == "payments_down":
        return Sentence(
            _("Payments are down."), _("Your order is kept. We have been told and are looking into it.")
        )
    if error.code == "too_many_tries":
        return Sentence(_("Too many tries."), error.message)
    text = _("Your order is kept. Try again in a moment; you cannot be charged twice.")
    return Sentence(_("No answer from Stripe yet."), text)


def no_delivery() -> Sentence:
    """Return what checkout says where the shop offers no way to send products."""
    return Sentence(
        _("We cannot send books just now."),
        _("Your cart is kept. We have been told and are looking into it."),
    )


def _closed(order: Order, payment: Payment | None) -> Sentence:
    text = _("You have not been charged.")
    if payment and payment.status == Payment.SUCCEEDED:
        text = _("Your %s came after it was closed, and goes back to you.") % written(
            payment.amount_received, order.currency
        )
    if payment and payment.status == "requires_capture":
        text = _("We are releasing the %s that your bank set aside.") % written(order.total, order.currency)
    return Sentence(_("This order is closed."), text, browse=_("See all books"))


def _open(order: Order, payment: Payment | None) -> Sentence:
    amount = written(order.total, order.currency)
    pay = _("Pay %s") % amount
    kept = kept_until(order)
    not_charged = _("You have not been charged.")
    match payment.status if payment else Payment.UNKNOWN:
        case "requires_capture":
            return Sentence(
                _("Your bank has set %s aside.") % amount,
                _("We have not taken it yet. Please do not pay again."),
            )
        case "requires_action" if payment and payment.slip_expires_at:
            text = _(
                "Pay %(total)s by %(time)s. Your books are kept for you until then, and we write when the money is here."
            )
            facts = {"total": amount, "time": clock(payment.slip_expires_at)}
            return Sentence(_("Your payment slip is waiting."), text % facts)
        case "requires_action":
            text = _("Until you answer, nothing is paid.")
            return Sentence(_("Your bank asks if it is you."), text, pay=_("Go on"))
        case "requires_confirmation":
            return Sentence(_("Not paid yet."), f"{_('One step is left.')} {kept}", pay=pay)
        case Payment.CANCELED:
            return Sentence(_("That payment was closed."), f"{not_charged} {kept}", pay=pay)
    if _bank_could_not_send(order):
        text = f"{kept} {_('Please pay another way.')}"
        return Sentence(_("Your bank could not send the money."), text, pay=pay)
    if payment and payment.error_code:
        return Sentence(decline(payment.error_code), f"{not_charged} {kept}", pay=pay)
    return Sentence(_("Not paid yet."), kept, pay=pay)


def slip_url(order: Order) -> str:
    """Return where the customer finds the slip to pay by, at Stripe; "" where there is none."""
    payment = order.current_payment if order.status == Order.Status.PLACED else None
    return payment.slip_url if payment else ""


def _bank_could_not_send(order: Order) -> bool:
    """Tell whether the last that went wrong was a delayed payment, which is not a card's decline."""
    wrong = {Timeline.Kind.DECLINED, Timeline.Kind.REOPENED}
    kinds = [entry.kind for entry in order.timeline.all() if entry.kind in wrong]
    return kinds[-1:] == [Timeline.Kind.REOPENED]


def kept_until(order: Order) -> str:
    """Return until when the products are kept, as a clock time; with the day when it is not today."""
    if order.expires_at <= timezone.now():
        return _("We kept your books until %s; they go back on the shelf any moment.") % clock(
            order.expires_at
        )
    return _("Your books are kept until %s.") % clock(order.expires_at)


def clock(at: datetime | None) -> str:
    """Return a time as a clock shows it in the shop's time zone, with the day when it is not today."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localdate()
    return date_format(local, "CLOCK" if is_today else "DAY_AND_CLOCK")


def address_line(order: Order) -> str:
    """Return name and address in one line, as on “To Alice Liddell, Oudegracht 12, 3511 AB Utrecht, Netherlands”."""
    town = f"{order.postal_code} {order.city}"
    parts = [order.full_name, order.line1, order.line2, town, order.region, countries.name(order.country)]
    return ", ".join(part for part in parts if part.strip())


def first_name(order: Order) -> str:
    """Return the first word of the customer's name."""
    return order.full_name.split()[0] if order.full_name.split() else ""


def declines() -> dict[str, str]:
    """Return what we say for Stripe's decline and error codes; "" is for every other.

    Lost, stolen and fraudulent cards get the general sentence on purpose:
    https://docs.stripe.com/declines/codes
    """
    return {
        "": _("Your card was declined."),
        "insufficient_funds": _("There is not enough money on this card."),
        "expired_card": _("This card is out of date."),
        "incorrect_cvc": _("The security code does not fit this card."),
        "incorrect_number": _("There is a mistake in the card number."),
        "processing_error": _("The card could not be used just now."),
        "card_velocity_exceeded": _("This card has reached its limit for now."),
        "payment_intent_authentication_failure": _("Your bank did not confirm it was you."),
        "authentication_required": _("Your bank wants to know that it is you."),
    }


def decline(code: str) -> str:
    """Return the sentence for a decline."""
    sentences = declines()
    return sentences.get(code) or sentences[""]


def decline_notices() -> dict[str, str]:
    """Return what stands beside the card form after a decline, by Stripe's code; "" is for every other.

    What was wrong, the way on, where the money is.
    """
    on = {
        "": _("Try another card, or another way to pay."),
        "payment_intent_authentication_failure": _("Try again, or use another card."),
    }
    kept = _("You have not been charged.")
    return {code: " ".join(filter(None, [said, on.get(code), kept])) for code, said in declines().items()}


def decline_notice(code: str) -> str:
    """Return what stands beside the card form after one decline."""
    notices = decline_notices()
    return notices.get(code) or notices[""]


def tax_line(order: Order, part: Taxed) -> str:
    """Return what stands beside the tax at one rate."""
    rate = percent(part.rate)
    return (
        _("including VAT %(rate)s") % {"rate": rate}
        if order.tax_included
        else _("VAT %(rate)s") % {"rate": rate}
    )


def paid_with(payment: Payment) -> str:
    """Return what was paid with, as in “Visa ending 4242”; "" where Stripe did not say."""
    facts = {"brand": payment.method_brand.replace("_", " ").title(), "last4": payment.method_last4}
    if payment.method_type == "card" and payment.method_last4:
        return _("%(brand)s ending %(last4)s") % facts
    if payment.method_type == "sepa_debit" and payment.method_last4:
        return _("SEPA debit from an account ending %(last4)s") % facts
    names = {"ideal": "iDEAL", "eps": "EPS", "p24": "Przelewy24", "paypal": "PayPal"}
    return names.get(payment.method_type) or payment.method_type.replace("_", " ").capitalize()


def method_line(payment: Payment | None) -> str:
    """Return what the money came with, or is coming with; "" where none is on its way."""
    method = paid_with(payment) if payment else ""
    if payment is None or not method:
        return ""
    return {Payment.SUCCEEDED: _("Paid with %s") % method, "processing": method}.get(payment.status, "")
