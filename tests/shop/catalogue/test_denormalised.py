"""What listings and the search read of a product is what its variants and its texts say."""

import random
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F

from checkout.models import Order, OrderLine
from checkout.purchase import bestsellers
from shop import stock
from shop.catalogue import denormalised
from shop.models import Format, Product, Variant
from shop.stock import Reason
from tests.factories import EARLY, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def said(product):
    return Product.objects.values_list("price_from", "in_stock", "formats").get(pk=product.pk)


def computed(product):
    variants = list(Variant.objects.filter(product=product))
    on_sale = [variant for variant in variants if variant.stock]
    return (
        min((variant.price for variant in on_sale or variants), default=None),
        bool(on_sale),
        sum({Format(variant.format).bit for variant in variants}),
    )


def test_a_product_without_editions_has_no_price():
    product = ProductFactory()
    assert said(product) == (None, False, 0)
    edition = VariantFactory(product=product)
    edition.movements.all().delete()
    edition.delete()
    denormalised.refresh([product.pk])
    assert said(product) == (None, False, 0)


def test_editions_that_come_go_and_change_are_what_a_product_says_after_a_refresh():
    walden, emma = ProductFactory(), ProductFactory()
    hardback = VariantFactory(product=walden, price=2400, stock=3, format="hardback")
    VariantFactory(product=walden, price=700, stock=0, format="ebook")
    assert said(walden) == (2400, True, 0b101)

    def after(*changed):
        denormalised.refresh([product.pk for product in changed])
        return tuple(said(product) for product in changed)

    Variant.objects.filter(pk=hardback.pk).update(price=F("price") + 100)
    assert after(walden) == ((2500, True, 0b101),)
    Variant.objects.filter(pk=hardback.pk).update(format="other")
    assert after(walden) == ((2500, True, 0b1100),)
    Variant.objects.filter(pk=hardback.pk).update(product=emma)
    assert after(walden, emma) == ((700, False, 0b100), (2500, True, 0b1000))
    Variant.objects.bulk_create(
        [Variant(product=product, sku=f"B-{product.pk}", name="B", price=100) for product in (walden, emma)]
    )
    assert after(walden, emma) == ((100, False, 0b1100), (2500, True, 0b1000))


def test_what_is_out_of_date_is_found_among_many_and_put_right(monkeypatch):
    monkeypatch.setattr(denormalised, "BATCH", 3)
    variants = VariantFactory.create_batch(10, price=1100)
    Variant.objects.filter(pk__in=[variants[2].pk, variants[7].pk]).update(price=300)
    Product.objects.filter(pk=variants[5].product_id).update(title="Cape Cod")

    found = list(denormalised.refresh_all())

    assert (sum(part.prices for part in found), sum(part.documents for part in found)) == (2, 1)
    assert [said(variant.product)[0] for variant in variants] == [
        300 if n in (2, 7) else 1100 for n in range(10)
    ]
    assert all(part == (0, 0) for part in denormalised.refresh_all())


def test_the_last_copy_sells_the_book_out_and_a_returned_one_brings_it_back():
    dear = VariantFactory(price=2400, stock=2)
    cheap = VariantFactory(product=dear.product, price=700, stock=1)

    stock.take({cheap.pk: 1, dear.pk: 1}, reference="A", now=EARLY)
    assert said(dear.product)[:2] == (2400, True)
    stock.take({dear.pk: 1}, reference="B", now=EARLY)
    assert said(dear.product)[:2] == (700, False)
    stock.give_back("A", reason=Reason.RELEASE, now=EARLY)
    assert said(dear.product)[:2] == (700, True)
    stock.write_off({cheap.pk: 1}, reason="Wet", now=EARLY)
    assert said(dear.product)[:2] == (2400, True)
    stock.set_level(dear.pk, 0, reason="Counted", now=EARLY)
    assert said(dear.product)[:2] == (700, False)
    stock.set_level(cheap.pk, 9, reason="Counted", now=EARLY)
    assert said(dear.product)[:2] == (700, True)


def test_an_ordinary_sale_touches_no_product(django_assert_max_num_queries):
    variant = VariantFactory(stock=5)

    with django_assert_max_num_queries(9) as queries:
        stock.take({variant.pk: 1}, reference="A", now=EARLY)

    assert not [query for query in queries if "UPDATE" in query["sql"] and "shop_product" in query["sql"]]


def test_stock_keeps_what_listings_read_up_to_date_without_being_told():
    dear = VariantFactory(price=2400, stock=2)
    cheap = VariantFactory(product=dear.product, price=700, stock=1)
    for act in (
        lambda: stock.take({cheap.pk: 1}, reference="A", now=EARLY),
        lambda: stock.give_back("A", reason=Reason.RELEASE, now=EARLY),
        lambda: stock.write_off({cheap.pk: 1, dear.pk: 2}, reason="Wet", now=EARLY),
        lambda: stock.set_level(cheap.pk, 3, reason="Counted", now=EARLY),
    ):
        act()
        assert said(dear.product) == computed(dear.product)


@pytest.mark.parametrize("seed", range(4))
def test_after_anything_at_random_the_columns_are_what_the_variants_say(seed):
    dice = random.Random(seed)
    products = ProductFactory.create_batch(3)
    variants = [VariantFactory(product=dice.choice(products), stock=dice.randint(0, 2)) for _ in range(7)]

    def sell(variant):
        if Variant.objects.get(pk=variant.pk).stock:
            stock.take({variant.pk: 1}, reference="A", now=EARLY)

    changes = [
        sell,
        lambda variant: stock.set_level(variant.pk, dice.randint(0, 2), reason="Counted", now=EARLY),
        lambda variant: Variant.objects.filter(pk=variant.pk).update(price=dice.randint(1, 9)),
        lambda variant: Variant.objects.filter(pk=variant.pk).update(product=dice.choice(products)),
        lambda variant: Variant.objects.filter(pk=variant.pk).update(format=dice.choice(Format.values)),
        lambda _variant: stock.give_back("A", reason=Reason.RELEASE, now=EARLY),
    ]
    for _ in range(60):
        dice.choice(changes)(dice.choice(variants))
        denormalised.refresh([product.pk for product in products])
        assert [said(product) for product in products] == [computed(product) for product in products]


# Bestsellers


def paid(user, variant, quantity, *, days, status=Order.Status.PAID):
    at = EARLY - timedelta(days=days)
    order = Order.objects.create(
        number=f"{variant.pk}-{days}-{quantity}-{status}"[:16],
        user=user,
        status=status,
        currency="eur",
        subtotal=0,
        total=0,
        placed_at=at,
        expires_at=at,
        paid_at=at,
    )
    OrderLine.objects.create(
        order=order, variant=variant, sku="x", title="x", edition="x", quantity=quantity, unit_price=0
    )


@pytest.mark.broken_books
def test_copies_in_orders_paid_of_late_are_counted(alice):
    walden, emma = VariantFactory(), VariantFactory()
    other = VariantFactory(product=walden.product)
    paid(alice, walden, 2, days=1)
    paid(alice, other, 3, days=89, status=Order.Status.DELIVERED)
    paid(alice, emma, 7, days=91)
    paid(alice, emma, 8, days=1, status=Order.Status.EXPIRED)

    assert bestsellers.recount(now=EARLY) == 1
    assert dict(Product.objects.values_list("pk", "sold")) == {walden.product_id: 5, emma.product_id: 0}
    assert bestsellers.recount(now=EARLY) == 0
    assert bestsellers.recount(now=EARLY + timedelta(days=40)) == 1
    assert Product.objects.get(pk=walden.product_id).sold == 2


def test_a_recount_writes_what_changed_in_few_statements(django_assert_num_queries):
    products = ProductFactory.create_batch(30)
    denormalised.set_sold({product.pk: 4 for product in products})

    with django_assert_num_queries(
        5
    ):  # what they say, and of the changed ones SAVEPOINT, lock, write, RELEASE
        assert denormalised.set_sold({product.pk: 4 for product in products[1:]}) == 1


def test_the_command_says_how_many_books_changed():
    out = StringIO()
    call_command("count_sold", stdout=out)
    assert out.getvalue() == "Copies sold of late: 0 products changed.\n"
