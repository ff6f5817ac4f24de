"""An order as JSON: in the API, and in the events that the shop sends."""

from typing import Any

from checkout.models import Order, OrderLine, Payment

Json = dict[str, Any]


def order_json(order: Order) -> Json:
    """Return an order with its lines and the payment that counts. Amounts are in minor units, times are datetimes.

    It has no client secret and nothing of a card. Two statements; none where `lines` and `payments` were prefetched.
    """
    payment = order.current_payment
    return {
        "number": order.number,
        "status": order.status,
        "needs_attention": order.needs_attention,
        "currency": order.currency,
        "subtotal": order.subtotal,
        "discount": order.discount,
        "delivery": order.delivery,
        "tax": order.tax,
        "tax_included": order.tax_included,
        "taxes": [vars(part) for part in order.taxes],
        "voucher": order.voucher_code,
        "total": order.total,
        "lines": [_line(line) for line in order.lines.all()],
        "payment": _payment(payment) if payment else None,
        "email": order.email,
        "address": {name: getattr(order, name) for name in Order.ADDRESS_FIELDS},
        "delivery_name": order.delivery_name,
        "tracking": order.tracking,
        "placed_at": order.placed_at,
        "paid_at": order.paid_at,
        "expires_at": order.expires_at,
    }


def _line(line: OrderLine) -> Json:
    return {
        "sku": line.sku,
        "title": line.title,
        "edition": line.edition,
        "variant": line.variant_id,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "total": line.total,
        "discount": line.discount,
        "tax_rate": line.tax_rate,
        "tax": line.tax,
    }


def _payment(payment: Payment) -> Json:
    return {
        "intent_id": payment.intent_id,
        "status": payment.status,
        "amount": payment.amount,
        "error": payment.error_code,
    }
