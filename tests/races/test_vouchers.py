"""Two customers, a voucher's last use, at the same instant: one discount. And the proof that the test can fail."""

from collections.abc import Callable

import pytest
from django.db.models import F

from accounts.models import User
from checkout.models import Order, Voucher
from checkout.orders import vouchers
from checkout.orders.transitions import SWEEP
from checkout.orders.vouchers import VoucherUsedByYouError, VoucherUsedUpError
from checkout.purchase import closing, placing
from shop.models import Cart
from tests.conftest import PASSWORD
from tests.factories import VariantFactory
from tests.orders import ADDRESS, NOW, fill_cart, hear, offer_delivery
from tests.races.together import at_once, met

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def delivery() -> None:
    offer_delivery()


def customers(count: int) -> list[User]:
    return [User.objects.create_user(f"buyer{number}@example.org", PASSWORD) for number in range(count)]


def placing_of(user: User | None, cart: Cart, email: str = "") -> Callable[[], Order]:
    return lambda: placing.place(
        user=user,
        email=email,
        cart=cart,
        address=ADDRESS,
        delivery="post",
        voucher="LAST",
        total_shown=2250,
        now=NOW,
    )


def last_use(**facts: int) -> Voucher:
    voucher: Voucher = Voucher.objects.create(code="LAST", kind="percent", value=1000, **facts)
    return voucher


def test_the_last_use_of_a_voucher_is_one_customers() -> None:
    variant, voucher = VariantFactory(price=2000, stock=9), last_use(limit=1)
    results = at_once(*(placing_of(user, fill_cart(user, (variant, 1))) for user in customers(3)))

    assert sum(isinstance(result, Order) for result in results) == 1
    assert sum(isinstance(result, VoucherUsedUpError) for result in results) == 2
    voucher.refresh_from_db()
    assert (voucher.used, Order.objects.count()) == (1, 1)


def test_one_customer_with_two_carts_uses_it_once() -> None:
    variant = VariantFactory(price=2000, stock=9)
    last_use(limit_per_customer=1)
    [user] = customers(1)
    guest = Cart.objects.create(token="guest", created_at=NOW)
    guest.lines.create(variant=variant, title=variant.full_title, quantity=1, seen_price=2000)
    results = at_once(
        placing_of(user, fill_cart(user, (variant, 1))), placing_of(None, guest, email=user.email)
    )

    assert sorted(type(result).__name__ for result in results) == ["Order", VoucherUsedByYouError.__name__]


@pytest.mark.broken_books
def test_with_a_look_first_and_a_write_later_both_would_get_it() -> None:
    """The negative control."""
    voucher = last_use(limit=1)
    write = met(lambda: Voucher.objects.filter(pk=voucher.pk).update(used=F("used") + 1))

    def take(_number: int) -> bool:
        if Voucher.objects.get(pk=voucher.pk).used >= 1:
            return False
        return bool(write())

    assert at_once(lambda: take(1), lambda: take(2)) == [True, True]
    voucher.refresh_from_db()
    assert voucher.used == 2


def test_an_order_that_is_closed_and_paid_at_once_counts_once() -> None:
    variant, voucher = VariantFactory(price=2000, stock=9), last_use(limit=1)
    [user] = customers(1)
    order = placing_of(user, fill_cart(user, (variant, 1)))()
    payment = order.payments.get()
    hear(payment, "canceled")
    at_once(
        lambda: closing.cancel(Order.objects.get(pk=order.pk), actor=SWEEP, now=NOW), lambda: hear(payment)
    )

    voucher.refresh_from_db()
    assert Order.objects.get().status in {"paid", "cancelled"}
    assert voucher.used == Order.objects.exclude(status__in=Order.CLOSED).filter(voucher_code="LAST").count()
    assert vouchers.find("last") == voucher
