"""Subjects and paragraphs of the mails about an order."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from checkout.messages.order_text import Sentence, clock, thanks
from checkout.models import Mail, Order, Refund, WebhookEndpoint
from shop.money import written


def sentence(mail: Mail) -> Sentence | None:
    """Return the heading and the text of a mail, or None when what it would say is no longer true."""
    return _SENTENCES[Mail.Kind(mail.kind)](mail.order, mail.about)


def _placed(order: Order, _about: str) -> Sentence | None:
    if order.status != Order.Status.PLACED:
        return None
    text = _("Order %(number)s is not paid yet. Your books are kept until %(time)s.")
    return Sentence(
        _("Your books are waiting."), text % {"number": order.number, "time": clock(order.expires_at)}
    )


def _paid(order: Order, _about: str) -> Sentence:
    text = (
        _("We have your %(total)s for order %(number)s.")
        if order.total
        else _("There was nothing to pay for order %(number)s.")
    )
    return Sentence(thanks(order), text % _facts(order))


def _slip(order: Order, about: str) -> Sentence | None:
    payment = order.current_payment
    if order.status != Order.Status.PLACED or payment is None or payment.slip_url[:255] != about:
        return None
    text = _(
        "Pay %(total)s for order %(number)s by %(time)s, as the slip says. Your books are kept for you until then, and we "
        "write when the money is here."
    )
    return Sentence(
        _("Your payment slip is waiting."), text % {**_facts(order), "time": clock(payment.slip_expires_at)}
    )


def _processing(order: Order, _about: str) -> Sentence | None:
    if order.status != Order.Status.PROCESSING:
        return None
    text = _(
        "Your bank is sending %(total)s for order %(number)s. That can take a few working days, and we write again "
        "when it is here. Your books are kept for you. You need do nothing."
    )
    return Sentence(_("Your bank is sending the money."), text % _facts(order))


def _failed(order: Order, _about: str) -> Sentence | None:
    if order.status != Order.Status.PLACED:
        return None
    text = _(
        "The %(total)s for order %(number)s did not come. Your books are kept until %(time)s. Please pay another way."
    )
    return Sentence(
        _("Your bank could not send the money."), text % {**_facts(order), "time": clock(order.expires_at)}
    )


def _shipped(order: Order, _about: str) -> Sentence:
    text = _("The books of order %(number)s are on their way to you.") % _facts(order)
    if order.tracking:
        text += " " + _("The carrier’s number is %s.") % order.tracking
    return Sentence(_("Your books are on their way."), text)


def _refunded(order: Order, about: str) -> Sentence:
    refund = Refund.objects.get(pk=about)
    text = _(
        "%(amount)s of order %(number)s is on its way back to you. Your bank shows it within about ten working days."
    )
    facts = {"amount": written(refund.amount, refund.currency), "number": order.number}
    return Sentence(_("Your money is on its way back."), text % facts)


def _link(order: Order, _about: str) -> Sentence:
    text = _(
        "You asked for the link to order %(number)s. Whoever has it can see the order, so keep it to yourself."
    )
    return Sentence(_("Here is your order."), text % _facts(order))


def _attention(order: Order, about: str) -> Sentence | None:
    meant = [flag for flag in order.open_flags if about in ("", f"{flag.reason} {flag.about}"[:255])]
    if not meant:
        return None
    return Sentence(_("Order %s needs you.") % order.number, f"{meant[0].get_reason_display()}.")


def _webhook(order: Order, about: str) -> Sentence | None:
    endpoint = WebhookEndpoint.objects.get(pk=about.partition(" ")[0])
    if endpoint.is_active:
        return None
    text = _(
        "%(why)s, so nothing more is sent to %(url)s. The last event was about order %(number)s. Once it answers again, "
        "switch it on; what waits is sent then."
    )
    facts = {"why": endpoint.get_disabled_because_display(), "url": endpoint.url, "number": order.number}
    return Sentence(_("A webhook endpoint was switched off."), text % facts)


_SENTENCES: dict[Mail.Kind, Callable[[Order, str], Sentence | None]] = {
    Mail.Kind.PLACED: _placed,
    Mail.Kind.PAID: _paid,
    Mail.Kind.SLIP: _slip,
    Mail.Kind.PROCESSING: _processing,
    Mail.Kind.FAILED: _failed,
    Mail.Kind.SHIPPED: _shipped,
    Mail.Kind.REFUNDED: _refunded,
    Mail.Kind.LINK: _link,
    Mail.Kind.ATTENTION: _attention,
    Mail.Kind.WEBHOOK: _webhook,
}


def _facts(order: Order) -> dict[str, str]:
    return {"total": written(order.total, order.currency), "number": order.number}
