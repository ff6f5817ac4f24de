import pytest
from django.urls import reverse

from shop import stock
from shop.admin.products import VariantForm
from shop.models import Cart, Product, StockMovement, Variant
from tests.factories import EARLY, CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db

NO_IMAGES = {"images-TOTAL_FORMS": "0", "images-INITIAL_FORMS": "0"}


def product_form(product=None, variants=(), **fields):
    form = {
        "title": "Walden",
        "slug": "walden",
        "category": CategoryFactory().pk,
        "author": "Henry David Thoreau",
        "is_published": "on",
        "variants-TOTAL_FORMS": str(len(variants)),
        "variants-INITIAL_FORMS": str(sum("id" in variant for variant in variants)),
        **NO_IMAGES,
        **fields,
    }
    for place, variant in enumerate(variants):
        form |= {f"variants-{place}-{name}": value for name, value in variant.items()}
        form[f"variants-{place}-product"] = product.pk if product else ""
    return form


def edition(**fields):
    return {"sku": "WALDEN-PB", "name": "Paperback", "price": "11.00", "position": "0", **fields}


def test_a_new_edition_gets_its_first_count_as_a_movement(as_sam):
    response = as_sam.post(
        reverse("admin:shop_product_add"), product_form(variants=[edition(first_stock="7")])
    )

    assert response.status_code == 302
    variant = Variant.objects.get(sku="WALDEN-PB")
    assert variant.stock == 7
    assert [(m.delta, m.reason) for m in variant.movements.all()] == [(7, "initial")]


def test_changing_a_price_leaves_the_stock_that_was_sold_meanwhile(as_sam, monkeypatch):
    variant = VariantFactory(sku="WALDEN-PB", stock=7)
    really = VariantForm.write

    def sell_one_first(form):
        stock.take({variant.pk: 1}, reference="FQ7K-3MWD", now=EARLY)
        really(form)

    monkeypatch.setattr(VariantForm, "write", sell_one_first)
    row = edition(id=variant.pk, price="12.50", first_stock="99")
    as_sam.post(
        reverse("admin:shop_product_change", args=[variant.product_id]),
        product_form(variant.product, [row]),
    )

    variant.refresh_from_db()
    assert (variant.price, variant.stock) == (1250, 6)


def test_stock_is_shown_and_cannot_be_typed_over(as_sam):
    variant = VariantFactory(sku="WALDEN-PB", stock=7)

    as_sam.post(
        reverse("admin:shop_product_change", args=[variant.product_id]),
        product_form(variant.product, [edition(id=variant.pk, stock="500", name="Soft cover")]),
    )

    variant.refresh_from_db()
    assert (variant.name, variant.stock) == ("Soft cover", 7)


def test_counting_sets_the_level_and_writes_who_knows_why(as_sam):
    counted, other, skipped = VariantFactory(stock=7), VariantFactory(stock=3), VariantFactory(stock=9)
    address = reverse("admin:shop_variant_count") + f"?ids={counted.pk},{other.pk},{skipped.pk}"

    assert b"We have 7 on our books." in as_sam.get(address).content
    response = as_sam.post(
        address,
        {
            f"level_{counted.pk}": "5",
            f"level_{other.pk}": "3",
            f"level_{skipped.pk}": "",
            "reason": "Counted on Monday",
        },
        follow=True,
    )

    assert "The stock of 1 edition is changed." in response.content.decode()
    assert [v.stock for v in Variant.objects.order_by("pk")] == [5, 3, 9]
    movement = StockMovement.objects.get(reason="adjust")
    assert (movement.variant, movement.delta, movement.reference) == (counted, -2, "Counted on Monday")


@pytest.mark.parametrize(("level", "reason"), [("-1", "Counted"), ("many", "Counted"), ("5", "")])
def test_a_count_without_sense_or_reason_changes_nothing(as_sam, level, reason):
    variant = VariantFactory(stock=7)
    address = reverse("admin:shop_variant_count") + f"?ids={variant.pk}"

    response = as_sam.post(address, {f"level_{variant.pk}": level, "reason": reason})

    assert response.status_code == 200
    assert b"errornote" in response.content
    assert Variant.objects.get().stock == 7


def test_the_action_leads_to_the_form_of_the_chosen_editions(as_sam):
    variant = VariantFactory()

    response = as_sam.post(
        reverse("admin:shop_variant_changelist"),
        {"action": "count_selected", "_selected_action": [variant.pk]},
    )

    assert response.headers["Location"] == f"/admin/shop/variant/count/?ids={variant.pk}"


def test_nobody_counts_without_the_right_to(as_alice, sam, client):
    address = reverse("admin:shop_variant_count")
    assert as_alice.get(address).status_code == 302

    sam.is_superuser = False
    sam.save()
    client.force_login(sam)
    assert client.get(address).status_code == 403


def test_the_product_list_costs_the_same_for_one_book_and_for_thirty(as_sam, django_assert_num_queries):
    address = reverse("admin:shop_product_changelist")
    VariantFactory(price=700, stock=3, product__title="Walden")
    as_sam.get(address)
    with django_assert_num_queries(6):
        first = as_sam.get(address)
    for _ in range(29):
        VariantFactory(product=ProductFactory())
    VariantFactory(product=Product.objects.get(title="Walden"), price=2400, stock=4)

    with django_assert_num_queries(6):
        page = as_sam.get(address).content.decode()

    assert first.status_code == 200
    assert "€7.00 – €24.00" in page
    assert '<td class="field-copies">7</td>' in page


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("walden", ["Walden"]),
        ("thoreau wal", ["Walden"]),
        ("wald", ["Walden"]),
        ("WALDEN-PB", ["Walden"]),
        ("walden-p", ["Walden"]),
        ("the-pond", ["Walden"]),
        ("hidden", ["Hidden Book"]),
        ("nothing", []),
        ("%", []),
        (" ", ["Hidden Book", "Walden"]),
    ],
)
def test_staff_find_books_by_words_sku_or_slug_also_those_not_on_sale(as_sam, typed, found):
    walden = ProductFactory(title="Walden", author="Henry David Thoreau", slug="the-pond")
    VariantFactory(product=walden, sku="WALDEN-PB")
    hidden = ProductFactory(title="Hidden Book", author="", slug="x", is_published=False)
    VariantFactory(product=hidden, sku="HID-PB")

    books = as_sam.get(reverse("admin:shop_product_changelist"), {"q": typed})
    editions = as_sam.get(reverse("admin:shop_variant_changelist"), {"q": typed})

    assert [book.title for book in books.context["cl"].result_list] == found
    if typed != "the-pond":
        assert sorted(edition.product.title for edition in editions.context["cl"].result_list) == sorted(
            found
        )


@pytest.mark.parametrize("name", ["category", "product", "variant", "stockmovement", "cart"])
def test_every_list_opens_and_finds(as_sam, alice, name):
    variant = VariantFactory()
    cart = Cart.objects.create(user=alice, created_at=EARLY)
    cart.lines.create(variant=variant, title="Walden", quantity=2, seen_price=1100)
    address = reverse(f"admin:shop_{name}_changelist")

    assert as_sam.get(address).status_code == 200
    if name != "category":
        assert as_sam.get(address, {"q": variant.sku}).status_code == 200


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("variant", Variant.objects.get),
        ("stockmovement", StockMovement.objects.get),
        ("cart", Cart.objects.get),
    ],
)
def test_what_happened_can_be_read_but_not_written(as_sam, alice, name, row):
    variant = VariantFactory()
    cart = Cart.objects.create(user=alice, created_at=EARLY)
    cart.lines.create(variant=variant, title="Walden", quantity=2, seen_price=1100)
    address = reverse(f"admin:shop_{name}_change", args=[row().pk])

    assert as_sam.get(address).status_code == 200
    assert as_sam.post(address, {}).status_code == 403
    assert (
        as_sam.post(reverse(f"admin:shop_{name}_delete", args=[row().pk]), {"post": "yes"}).status_code == 403
    )
    assert as_sam.get(reverse(f"admin:shop_{name}_add")).status_code == 403


def test_a_visitors_token_is_not_shown(as_sam):
    cart = Cart.objects.create(token="secret-token", created_at=EARLY)

    page = as_sam.get(reverse("admin:shop_cart_change", args=[cart.pk])).content.decode()

    assert "a visitor" in page
    assert "secret-token" not in page


@pytest.mark.parametrize(
    ("typed", "price"), [("12", 1200), ("24.50", 2450), ("24,5", 2450), (" 1 250,00 ", 125000), ("0", 0)]
)
def test_s1_a_price_is_typed_in_the_currency(as_sam, typed, price):
    as_sam.post(reverse("admin:shop_product_add"), product_form(variants=[edition(price=typed)]))

    assert Variant.objects.get().price == price


@pytest.mark.parametrize("typed", ["1.250", "12.345", "-1", "twelve", "€12", "1e3", "9999999999"])
def test_s1_what_could_mean_two_prices_is_refused_with_an_example(as_sam, typed):
    page = as_sam.post(reverse("admin:shop_product_add"), product_form(variants=[edition(price=typed)]))

    assert "Write the amount like this: 16.50." in page.content.decode()
    assert f'value="{typed}"' in page.content.decode()


@pytest.mark.parametrize(("currency", "typed", "price"), [("jpy", "1650", 1650), ("kwd", "5.120", 5120)])
def test_s1_a_price_has_the_decimals_of_the_currency(as_sam, settings, currency, typed, price):
    settings.STORE_CURRENCY = currency
    as_sam.post(reverse("admin:shop_product_add"), product_form(variants=[edition(price=typed)]))

    variant = Variant.objects.get()
    page = as_sam.get(reverse("admin:shop_product_change", args=[variant.product_id])).content.decode()
    assert (variant.price, f'value="{typed}"' in page) == (price, True)


def test_s2_a_book_without_an_edition_is_not_published_and_staff_are_told(as_sam):
    page = as_sam.post(reverse("admin:shop_product_add"), product_form(), follow=True)

    assert "Not published: it has no edition that anybody could buy." in page.content.decode()
    product = Product.objects.get()
    assert not product.is_published
    publish = product_form(product, [edition()], slug=product.slug)
    as_sam.post(reverse("admin:shop_product_change", args=[product.pk]), publish)
    assert Product.objects.shown().exists()
