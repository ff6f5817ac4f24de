"""The same purchase, once by the pages and once by the API: the rows left behind are the same."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from checkout.models import Mail, Order, OrderLine, Payment, Timeline
from shop.models import CartLine, StockMovement, Variant
from stripe_standin.testing import Standin
from tests.api.app import App
from tests.conftest import PASSWORD
from tests.factories import VariantFactory
from tests.orders import ADDRESS_JSON, FORM

pytestmark = pytest.mark.django_db

DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds"
# What differs between any two purchases, whichever way they came.
OWN = {"id", "number", "order", "order_id", "user", "user_id", "email", "cart", "cart_id", "key", "variant_id"} | {
    "intent_id", "error_reference", "reference", "fingerprint", "data", "about",
}  # fmt: skip
TIMES = {
    "placed_at", "expires_at", "paid_at", "created_at", "asked_at", "at", "queued_at", "sending_at", "sent_at",
}  # fmt: skip


def facts(rows: Any) -> list[dict[str, Any]]:
    """Return rows without what is each purchase's own; of a time, only whether there is one."""
    return [
        {
            name: (value is not None) if name in TIMES else value
            for name, value in row.items()
            if name not in OWN
        }
        for row in rows.values()
    ]


def left_behind(user: User) -> dict[str, Any]:
    """Return everything that a purchase wrote."""
    orders = Order.objects.filter(user=user).order_by("placed_at")
    numbers = list(orders.values_list("number", flat=True))
    return {
        "orders": facts(orders),
        "lines": facts(OrderLine.objects.filter(order__in=orders).order_by("pk")),
        "skus": list(OrderLine.objects.filter(order__in=orders).order_by("pk").values_list("sku", flat=True)),
        "payments": facts(Payment.objects.filter(order__in=orders).order_by("created_at")),
        "timeline": facts(Timeline.objects.filter(order__in=orders).order_by("pk")),
        "mails": facts(Mail.objects.filter(order__in=orders).order_by("pk")),
        "movements": [
            (movement.variant.sku, movement.delta, movement.reason, numbers.index(movement.reference))
            for movement in StockMovement.objects.filter(reference__in=numbers).order_by("pk")
        ],
        "cart": list(
            CartLine.objects.filter(cart__user=user).values_list("variant__sku", "quantity", "title")
        ),
    }


class Door:
    """A way into the shop, for one customer."""

    def __init__(self, user: User, standin: Standin) -> None:
        self.user, self.standin = user, standin
        self.number = ""

    def pay(self, method: str = "pm_card_visa") -> None:
        intent = Payment.objects.filter(order__number=self.number).latest("created_at").intent_id
        self.standin.pay(intent, method)


class Pages(Door):
    """By forms."""

    def __init__(self, user: User, standin: Standin) -> None:
        super().__init__(user, standin)
        self.client = Client()

    def add(self, variant: Variant, quantity: int) -> None:
        self.client.post("/cart/lines/", {"variant": variant.pk, "quantity": quantity})

    def set_quantity(self, variant: Variant, quantity: int) -> None:
        line = CartLine.objects.get(cart__token__isnull=False, variant=variant)
        self.client.post(f"/cart/lines/{line.pk}/", {"quantity": quantity})

    def log_in(self) -> None:
        self.client.post("/accounts/login/", {"login": self.user.email, "password": PASSWORD})

    def place(self, delivery: str, total: int) -> None:
        self.client.get("/cart/")
        self.client.get("/checkout/")
        placed = self.client.post("/checkout/", {**FORM, "delivery": delivery, "total": total})
        assert placed.status_code == 302
        self.number = placed["Location"].split("/")[2]
        assert self.client.get(placed["Location"]).status_code == 200

    def look(self) -> None:
        assert self.client.get(f"/checkout/{self.number}/status/").status_code == 200


class Json(Door):
    """By the API."""

    def __init__(self, user: User, standin: Standin) -> None:
        super().__init__(user, standin)
        self.app = App()

    def add(self, variant: Variant, quantity: int) -> None:
        body = {"variant": variant.pk, "quantity": quantity}
        self.app.cart_token = self.app.post("/cart/lines", body, status=201)["token"]

    def set_quantity(self, variant: Variant, quantity: int) -> None:
        [line] = [line for line in self.app.get("/cart")["lines"] if line["variant"]["id"] == variant.pk]
        self.app.patch(f"/cart/lines/{line['id']}", {"quantity": quantity})

    def log_in(self) -> None:
        self.app.log_in(self.user)

    def place(self, delivery: str, total: int) -> None:
        self.app.get("/cart")
        assert self.app.get(f"/quote?delivery={delivery}")["total"] == total
        body = {"address": ADDRESS_JSON, "delivery": delivery, "voucher": "", "total": total}
        self.number = self.app.post("/orders", body, status=201, key=f"{delivery}-{total}")["number"]
        self.app.post(f"/orders/{self.number}/payment")

    def look(self) -> None:
        self.app.get(f"/orders/{self.number}/status")


def buy(door: Pages | Json, novel: Variant, atlas: Variant) -> None:
    """Fill a cart, log in, place, think again, place anew, be declined, pay."""
    door.add(novel, 1)
    door.add(atlas, 1)
    door.set_quantity(novel, 3)
    door.log_in()
    door.place("post", 3 * 1000 + 2500 + 450)
    door.place("courier", 3 * 1000 + 2500 + 900)
    door.pay(DECLINED)
    door.look()
    door.pay()
    door.look()
    door.add(atlas, 1)


@pytest.fixture
def books(db: None) -> tuple[Variant, Variant]:
    return VariantFactory(price=1000, stock=20), VariantFactory(price=2500, stock=20)


@pytest.fixture
def twins(db: None) -> tuple[User, User]:
    def twin(name: str) -> User:
        return User.objects.create_user(f"{name}@example.org", PASSWORD, name="Alice Liddell")

    return twin("by-pages"), twin("by-json")


def test_a_purchase_leaves_the_same_rows_by_pages_and_by_json(
    twins: tuple[User, User], books: tuple[Variant, Variant], standin: Standin
) -> None:
    by_pages, by_json = twins
    for door in (Pages(by_pages, standin), Json(by_json, standin)):
        buy(door, *books)
    left = left_behind(by_pages)
    assert left == left_behind(by_json)
    # And it is the whole story, not two empty ones.
    assert [order["status"] for order in left["orders"]] == ["cancelled", "paid"]
    assert [row["kind"] for row in left["timeline"]][-2:] == ["declined", "paid"]
    assert len(left["movements"]) == 6
    assert [sku for sku, _quantity, _title in left["cart"]] == [books[1].sku]
