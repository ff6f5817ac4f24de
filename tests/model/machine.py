"""Purchases as a state machine: customers, cards, webhooks, sweeps, staff, faults and crashes in any order.

Hypothesis chooses the steps. After each one the books must hold; at the end of each run, once everything was swept,
Stripe must have what we have, both ways.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from unittest import mock

from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accounts.models import User
from checkout.audit import ledger, stripe_comparison
from checkout.fulfilment import shipping
from checkout.messages import webhook_events
from checkout.models import Order, Payment, Run, Timeline
from checkout.orders import transitions
from checkout.orders.transitions import CUSTOMER, CUSTOMER_RETURNS, Actor
from checkout.payments import answers, gateway, paying, refunds, webhooks
from checkout.payments.refunds import Wanted
from checkout.purchase import attention, closing, placing, sweeping
from shop import stock
from shop.cart import lines as carts
from shop.errors import ShopError
from shop.models import Cart, Variant
from stripe_standin.testing import Standin, StandinError
from tests import books, tables
from tests.factories import VariantFactory
from tests.orders import ADDRESS
from tests.outbound import listen
from tests.webhook import SECRET, signature

CARDS = [
    ("pm_card_visa", "pass"),
    ("pm_card_visa_chargeDeclined", "pass"),
    ("pm_card_authenticationRequired", "pass"),
    ("pm_card_authenticationRequired", "fail"),
    ("pm_card_authenticationRequired", "leave"),
    ("pm_sepaDebit_success_at", "pass"),
    ("pm_sepaDebit_failed_at", "pass"),
    ("pm_card_createDispute", "pass"),
    ("pm_card_refundFail", "pass"),
    ("pm_card_pendingRefund", "pass"),
]
FAULTS = ["status", "drop", "apply_then_drop", "apply_then_status", "invalid_json"]
WHO = st.integers(0, 2)
WHICH = st.integers(0, 7)


class CrashError(BaseException):
    """The process dies here."""


class Purchases(RuleBasedStateMachine):
    """What people and machines do to a small shop with scarce stock."""

    standin: Standin

    def __init__(self) -> None:
        super().__init__()
        tables.empty()
        cache.clear()
        self.standin.reset()
        listen()
        Run.objects.create(command=Run.EVENTS, began_at=timezone.now())
        self.books = Books()
        self.ahead = timedelta()
        self.unheard: set[str] = set()
        self.variants = [
            VariantFactory(price=price, stock=stock) for price, stock in ((2000, 2), (700, 5), (0, 9))
        ]
        self.customers = [
            User.objects.create_user(f"customer{number}@example.org", "x") for number in range(3)
        ]
        self.sam = User.objects.create_superuser("sam@example.org", "x")
        self.staff = Actor("staff", self.sam)

    @property
    def now(self) -> datetime:
        return timezone.now() + self.ahead

    def order(self, which: int) -> Order | None:
        orders = list(Order.objects.order_by("pk"))
        return orders[which % len(orders)] if orders else None

    # --- customers ---

    @initialize(who=WHO, which=st.integers(0, 1))
    def somebody_begins(self, who: int, which: int) -> None:
        """Every run has an order to do things to."""
        self.buy(who, which, start=True)

    @rule(who=WHO, which=st.integers(0, 2), start=st.booleans())
    def buy(self, who: int, which: int, start: bool) -> None:
        self.put_into_the_cart(who, which, quantity=1)
        self.place(who, start)

    @rule(who=WHO, which=st.integers(0, 2), quantity=st.integers(1, 3))
    def put_into_the_cart(self, who: int, which: int, quantity: int) -> None:
        cart, _created = Cart.objects.get_or_create(
            user=self.customers[who], defaults={"created_at": self.now}
        )
        with refusals():
            carts.add(cart, self.variants[which].pk, quantity)

    @rule(who=WHO)
    def empty_the_cart(self, who: int) -> None:
        for cart in Cart.objects.filter(user=self.customers[who]):
            cart.lines.all().delete()

    @rule(who=WHO, start=st.booleans())
    def place(self, who: int, start: bool) -> None:
        cart = Cart.objects.filter(user=self.customers[who]).first()
        with refusals():
            total = placing.agree(cart).totals.total
            order = placing.place(
                user=self.customers[who],
                cart=cart,
                address=ADDRESS,
                delivery="",
                total_shown=total,
                now=self.now,
            )
            payment = order.current_payment
            if start and payment and not payment.intent_id:
                paying.start(payment, actor=CUSTOMER, now=self.now)

    @rule(which=WHICH)
    def open_the_pay_page(self, which: int) -> None:
        order = self.order(which)
        with refusals():
            if order and paying.attempt(order, now=self.now):
                paying.look(order, actor=CUSTOMER, now=self.now)

    @rule(which=WHICH)
    def open_the_status_page(self, which: int) -> None:
        order = self.order(which)
        with refusals():
            if order:
                paying.look(order, actor=CUSTOMER_RETURNS, now=self.now)

    @rule(which=WHICH, card=st.sampled_from(CARDS))
    def pay(self, which: int, card: tuple[str, str]) -> None:
        """In the browser, which asks nobody but Stripe."""
        self._at_stripe(which, lambda intent: self.standin.pay(intent, card[0], challenge=card[1]))

    @rule(which=WHICH, passed=st.booleans())
    def answer_the_bank(self, which: int, passed: bool) -> None:
        self._at_stripe(which, lambda intent: self.standin.answer_challenge(intent, passed=passed))

    # --- Stripe ---

    @rule(newest=st.integers(0, 30))
    def a_webhook_arrives(self, newest: int) -> None:
        """Any event that Stripe ever made: late, again, or in another order. Most never arrive at all."""
        events: list[dict[str, Any]] = []
        with unheard():
            events = self.standin.events()
        if not events:
            return
        body = json.dumps(events[newest % len(events)]).encode()
        sent = timezone.now()
        with refusals():
            webhooks.receive(body, signature(body, secret=SECRET, at=sent.timestamp()), now=sent)

    @rule(which=WHICH)
    def somebody_cancels_in_the_dashboard(self, which: int) -> None:
        self._at_stripe(which, gateway.cancel_intent)

    @rule(which=WHICH, amount=st.integers(1, 3000))
    def somebody_refunds_in_the_dashboard(self, which: int, amount: int) -> None:
        key = f"dashboard-{self.now.timestamp()}"
        self._at_stripe(
            which,
            lambda intent: gateway.create_refund(key=key, intent_id=intent, amount=amount, refund_id=""),
        )

    def _at_stripe(self, which: int, act: Callable[[str], Any]) -> None:
        payments = list(Payment.objects.exclude(intent_id="").order_by("created_at"))
        if payments:
            with refusals(), unheard():
                act(payments[which % len(payments)].intent_id)

    @rule(
        action=st.sampled_from(FAULTS),
        nth=st.integers(1, 3),
        method=st.sampled_from(["GET", "POST"]),
        stored=st.booleans(),
    )
    def something_will_go_wrong(self, action: str, nth: int, method: str, stored: bool) -> None:
        self.standin.add_fault(action=action, path="/v1/**", method=method, nth=nth, times=2, stored=stored)

    @rule()
    def all_is_well_again(self) -> None:
        self.standin.clear_faults()

    @rule(minutes=st.sampled_from([1, 20, 40, 60 * 30]))
    def time_passes(self, minutes: int) -> None:
        self.ahead += timedelta(minutes=minutes)
        self.standin.advance(minutes * 60)

    # --- crashes ---

    @rule(which=WHICH)
    def the_process_dies_after_stripe_answered(self, which: int) -> None:
        order = self.order(which)
        with mock.patch.object(answers, "record_answer", _die), refusals(), suppress(CrashError):
            if order and paying.attempt(order, now=self.now):
                paying.look(order, actor=CUSTOMER, now=self.now)

    @rule(which=WHICH)
    def the_process_dies_after_the_money_fact(self, which: int) -> None:
        order = self.order(which)
        with mock.patch.object(transitions, "move", _die), refusals(), suppress(CrashError):
            if order:
                # Until somebody looks again there is money of which the order has not heard, and the books say so.
                self.unheard.add(f"Order {order.number} has its money, but is neither paid nor before staff.")
                paying.look(order, actor=CUSTOMER_RETURNS, now=self.now)

    @rule(which=WHICH)
    def the_process_dies_between_cancelling_and_closing(self, which: int) -> None:
        order = self.order(which)
        with mock.patch.object(stock, "give_back", _die), refusals(), suppress(CrashError):
            if order:
                closing.cancel(order, actor=self.staff, now=self.now)

    # --- sweeps and staff ---

    @rule()
    def sweep(self) -> None:
        list(sweeping.reconcile_open(now=self.now, workers=1))
        with refusals():
            sweeping.catch_up(now=self.now)

    @rule()
    def expire(self) -> None:
        list(sweeping.expire(now=self.now, workers=1))

    @rule(which=WHICH, amount=st.integers(1, 5000), everything=st.booleans(), restock=st.booleans())
    def staff_refund(self, which: int, amount: int, everything: bool, restock: bool) -> None:
        order = self.order(which)
        with refusals():
            if order:
                wanted = Wanted(refunds.left(order) if everything else amount, restock=restock)
                refunds.refund(order, wanted, user=self.sam, now=self.now)

    @rule(which=WHICH, restock=st.booleans())
    def staff_cancel(self, which: int, restock: bool) -> None:
        order = self.order(which)
        with refusals():
            if order:
                closing.cancel(order, actor=self.staff, now=self.now, restock=restock)

    @rule(which=WHICH)
    def staff_send(self, which: int) -> None:
        order = self.order(which)
        with refusals():
            if order:
                shipping.ship(order, tracking="", actor=self.staff, now=self.now)

    @rule(which=WHICH, accept=st.booleans())
    def staff_decide(self, which: int, accept: bool) -> None:
        order = self.order(which)
        with refusals(), suppress(stock.NotEnoughStockError):
            if order and accept:
                attention.accept(order, actor=self.staff, now=self.now)
            elif order:
                attention.resolve(order, "Looked at it", actor=self.staff, now=self.now)

    @precondition(lambda self: Variant.objects.filter(stock__lt=2).exists())
    @rule(which=st.integers(0, 2))
    def books_are_delivered(self, which: int) -> None:
        stock.set_level(self.variants[which].pk, 4, reason="New from the printer", now=self.now)

    # --- what must hold ---

    @invariant()
    def the_books_hold(self) -> None:
        found = self.books.breaches()
        assert found <= self.unheard
        self.unheard = found

    @invariant()
    def no_cart_has_two_open_orders(self) -> None:
        carts_placed = list(
            Order.objects.filter(status="placed", cart__isnull=False).values_list("cart", flat=True)
        )
        assert len(carts_placed) == len(set(carts_placed))

    def teardown(self) -> None:
        """Mend everything, sweep until nothing changes, and compare with Stripe."""
        self.books.close()
        self.standin.clear_faults()
        self.ahead += timedelta(days=3)
        self.standin.advance(3 * 24 * 3600)
        for _round in range(3):
            swept = [
                *sweeping.reconcile_open(now=self.now, workers=1),
                *sweeping.expire(now=self.now, workers=1),
            ]
        assert [order for order in swept if order.problem] == []
        assert sweeping.catch_up(now=self.now)[1] == 0
        assert ledger.breaches() == []
        assert list(stripe_comparison.breaches(until=self.now)) == []
        assert _untold() == []


class Books:
    """`books.breaches`, asked after every step; where a step wrote nothing, its answer is the one before."""

    def __init__(self) -> None:
        self._found: set[str] | None = None
        self._watching = ExitStack()
        self._watching.enter_context(connection.execute_wrapper(self._notice))

    def close(self) -> None:
        self._watching.close()

    def breaches(self) -> set[str]:
        if self._found is None:
            self._found = set(books.breaches())
        return self._found

    def _notice(self, execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE")):
            self._found = None
        return execute(sql, params, *rest)


@contextmanager
def refusals() -> Iterator[None]:
    """Take a refusal for what it is: an answer."""
    with suppress(ShopError):
        yield


def unheard() -> suppress:
    """Take a silence or a refusal of the stand-in for what it is, when it was not the shop that asked."""
    return suppress(StandinError, OSError, HTTPException, KeyError, TypeError, ValueError)


def _die(*_args: Any, **_kwargs: Any) -> None:
    raise CrashError


def _untold() -> list[str]:
    """Return what the timeline says and other programs were not told. A decline may be told as the order's reopening."""
    kinds = [kind for kind in webhook_events.TYPES if kind != Timeline.Kind.DECLINED]
    silent = Timeline.objects.filter(kind__in=kinds, outbound_event=None)
    return list(silent.values_list("kind", flat=True))
