"""F13, F14: what staff hold open while others write the same rows."""

from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.sites import site
from django.contrib.auth.models import Group, Permission
from django.http import HttpResponse, QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.fresh_forms import MOST_LOOKS, ChangedMeanwhileError, FreshAdmin, FreshForm
from accounts.models import User
from checkout.models import DeliveryOption, WebhookEndpoint
from shop import stock
from shop.admin.products import VariantForm
from shop.models import Category, Product, ProductImage, StockMovement, Variant
from shop.money import typed
from tests.conftest import logged_in
from tests.factories import EARLY, CategoryFactory, ProductFactory, VariantFactory
from tests.html_forms import as_sent
from tests.races.together import at_once

pytestmark = pytest.mark.django_db


def opened(client: Client, row: Any) -> tuple[str, HttpResponse]:
    """Return the address of a row's page, and the page."""
    address = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    return address, client.get(address)


def save(client: Client, page: tuple[str, HttpResponse], **changes: Any) -> HttpResponse:
    """Send an open page with changes, and return the answer."""
    address, shown = page
    return client.post(address, as_sent(shown, f"{address.split('/')[3]}_form", **changes))


@pytest.fixture
def as_sue() -> Client:
    return logged_in(User.objects.create_superuser("sue@example.org", "x"))


@pytest.fixture
def book() -> Variant:
    product = ProductFactory(title="Walden", author="Thoreau", description="Two years\nby a pond.")
    return VariantFactory(product=product, sku="WALDEN-PB", price=1100, stock=10)


# --- F14: a page that is older than what it writes over ---


def test_f14_a_title_alone_does_not_bring_the_old_price_back(as_sam, as_sue, book):
    page = opened(as_sam, book.product)
    save(as_sue, opened(as_sue, book.product), **{"variants-0-price": "12.50"})

    assert save(as_sam, page, title="Walden, or Life in the Woods").status_code == 302

    book.refresh_from_db()
    assert (book.price, book.product.title) == (1250, "Walden, or Life in the Woods")
    assert book.product.price_from == 1250


def test_f14_a_field_that_both_changed_is_shown_with_both_values_and_keeps_what_was_typed(
    as_sam, as_sue, book
):
    page = opened(as_sam, book.product)
    save(as_sue, opened(as_sue, book.product), author="H. D. Thoreau")

    answer = save(as_sam, page, author="Henry Thoreau", quote="Simplify, simplify.")

    assert answer.status_code == 200
    words = "Meanwhile “Thoreau” became “H. D. Thoreau”. Save again to write what you typed in its place."
    assert words in answer.content.decode()
    assert Product.objects.get().author == "H. D. Thoreau"
    assert save(as_sam, (page[0], answer)).status_code == 302
    assert (Product.objects.get().author, Product.objects.get().quote) == (
        "Henry Thoreau",
        "Simplify, simplify.",
    )


def test_f14_a_price_that_both_changed_is_refused_in_its_own_row(as_sam, as_sue, book):
    page = opened(as_sam, book.product)
    save(as_sue, opened(as_sue, book.product), **{"variants-0-price": "12.50"})

    answer = save(as_sam, page, **{"variants-0-price": "13.00"})

    assert "Meanwhile “11.00” became “12.50”." in answer.content.decode()
    assert Variant.objects.get().price == 1250
    assert save(as_sam, (page[0], answer)).status_code == 302
    assert Variant.objects.get().price == 1300


def test_f14_both_may_change_to_the_same(as_sam, as_sue, book):
    page = opened(as_sam, book.product)
    save(as_sue, opened(as_sue, book.product), author="H. D. Thoreau")

    assert save(as_sam, page, author="H. D. Thoreau").status_code == 302


def test_f14_a_choice_is_told_by_its_label(as_sam, as_sue, book):
    drama, poetry = CategoryFactory(name="Drama"), CategoryFactory(name="Poetry")
    page = opened(as_sam, book.product)
    save(as_sue, opened(as_sue, book.product), category=str(drama.pk))

    answer = save(as_sam, page, category=str(poetry.pk))

    assert f"Meanwhile “{book.product.category.name}” became “Drama”." in answer.content.decode()


def test_f14_lines_and_an_empty_field_are_not_taken_for_a_change(as_sam, as_sue, book):
    page = opened(as_sam, book.product)
    Product.objects.update(description="Another.", year=1854)

    save(as_sam, page, title="Walden again")

    product = Product.objects.get()
    assert (product.description, product.year, product.title) == ("Another.", 1854, "Walden again")


def test_f14_a_list_with_fields_writes_the_rows_that_were_changed(as_sam, as_sue):
    drama, poetry = CategoryFactory(name="Drama", position=1), CategoryFactory(name="Poetry", position=2)
    address = reverse("admin:shop_category_changelist")
    page = as_sam.get(address)
    places = {pk: place for place, pk in enumerate(Category.objects.values_list("pk", flat=True))}
    Category.objects.filter(pk=drama.pk).update(position=7)

    as_sam.post(
        address, as_sent(page, "changelist-form", _save="1", **{f"form-{places[poetry.pk]}-position": "9"})
    )

    assert dict(Category.objects.values_list("name", "position")) == {"Drama": 7, "Poetry": 9}


def test_f14_rights_are_given_and_taken_beside_those_that_others_give(as_sam, as_sue, alice):
    first, second, third = (Group.objects.create(name=name) for name in ("first", "second", "third"))
    alice.groups.set([first, second])
    page = opened(as_sam, alice)
    save(as_sue, opened(as_sue, alice), groups=[str(first.pk), str(second.pk), str(third.pk)])

    save(as_sam, page, groups=[str(second.pk)], name="Alice L.")

    assert set(User.objects.get(pk=alice.pk).groups.all()) == {second, third}


def test_f14_a_right_that_came_meanwhile_survives_a_name(as_sam, as_sue):
    group = Group.objects.create(name="Packers")
    page = opened(as_sam, group)
    group.permissions.add(Permission.objects.get(codename="change_order"))

    save(as_sam, page, name="Senders")

    group.refresh_from_db()
    assert (group.name, group.permissions.count()) == ("Senders", 1)


def test_f14_an_address_that_changed_meanwhile_stays(as_sam, as_sue, alice):
    page = opened(as_sam, alice)
    save(as_sue, opened(as_sue, alice), email="alice@example.net")

    save(as_sam, page, name="Alice L.")
    answer = save(as_sam, page, email="alice@example.com")

    assert "Meanwhile “alice@example.org” became “alice@example.net”." in answer.content.decode()
    found = User.objects.get(pk=alice.pk)
    assert (found.email, found.name) == ("alice@example.net", "Alice L.")
    assert EmailAddress.objects.get(user=alice).email == "alice@example.net"


def test_f14_an_account_page_does_not_carry_the_password(as_sam, alice):
    assert alice.password not in opened(as_sam, alice)[1].content.decode()


def test_f14_an_endpoint_and_a_delivery_option_keep_what_others_wrote(as_sam):
    endpoint = WebhookEndpoint.objects.create(
        url="https://example.org/", secret="x", event_types=["order.paid"]
    )
    option = DeliveryOption.objects.create(code="boat", name="By boat", price=450, position=9)
    pages = opened(as_sam, endpoint), opened(as_sam, option)
    WebhookEndpoint.objects.update(event_types=["order.shipped"])
    DeliveryOption.objects.filter(pk=option.pk).update(price=500)

    save(as_sam, pages[0], note="Warehouse")
    save(as_sam, pages[1], name="By ship")

    endpoint.refresh_from_db()
    option.refresh_from_db()
    assert (endpoint.note, endpoint.event_types) == ("Warehouse", ["order.shipped"])
    assert (option.name, option.price) == ("By ship", 500)


def test_f14_a_field_of_any_kind_is_written_where_nobody_else_did(as_sam, alice):
    """What the form read is found again by the database: lists, empty fields, texts of many lines and scripts."""
    endpoint = WebhookEndpoint.objects.create(
        url="https://example.org/", secret="x", event_types=["order.paid", "order.shipped"]
    )
    option = DeliveryOption.objects.create(
        code="boat", name="Ärmelkanal “by boat”", price=450, free_from=None
    )
    book = ProductFactory(title="Ёлка", description="One.\n\nTwo. ", year=None, years_text="1871–72")
    save(as_sam, opened(as_sam, endpoint), event_types=["order.paid"], is_active=None)
    save(as_sam, opened(as_sam, option), name="By ship", free_from="60", is_active=None)
    changed = {
        "title": "Ёлки",
        "description": "Three.\r\nFour.",
        "year": "1872",
        "years_text": "",
        "is_published": None,
    }
    save(as_sam, opened(as_sam, book), **changed)
    save(as_sam, opened(as_sam, alice), name="", is_active=None, email="alice@example.net")

    endpoint, option = WebhookEndpoint.objects.get(), DeliveryOption.objects.get(code="boat")
    book, alice = Product.objects.get(), User.objects.get(pk=alice.pk)
    assert (endpoint.event_types, endpoint.is_active) == (["order.paid"], False)
    assert (option.name, option.free_from, option.is_active) == ("By ship", 6000, False)
    assert (book.title, book.description, book.year, book.years_text) == ("Ёлки", "Three.\nFour.", 1872, "")
    assert (alice.name, alice.is_active, alice.email) == ("", False, "alice@example.net")


def test_f14_every_page_that_writes_is_of_the_kind(rf: RequestFactory, sam: User):
    """A new ModelAdmin that lets staff change rows is a FreshAdmin, and so are its inlines' forms."""
    request = rf.get("/")
    request.user = sam
    stale = []
    for model, model_admin in site._registry.items():
        if model_admin.has_change_permission(request):
            is_one = isinstance(model_admin, FreshAdmin)
            forms = [model_admin.get_form(request, model(), change=True) if is_one else object]
            forms += [
                inline.get_formset(request).form
                for inline in model_admin.get_inline_instances(request)
                if inline.has_change_permission(request)
                and set(inline.fields or ()) - set(inline.readonly_fields)
            ]
            stale += [(model, form) for form in forms if not issubclass(form, FreshForm)]
    assert stale == []


def test_f14_a_picture_that_somebody_took_away_stays_away_and_the_rest_is_kept(as_sam, book):
    image = ProductImage.objects.create(
        product=book.product, file="covers/w.svg", alt="Walden", width=2, height=3, position=1
    )
    page = opened(as_sam, book.product)
    image.delete()

    answer = save(as_sam, page, title="Walden again", **{"images-0-alt": "A pond"})

    assert answer.status_code == 302
    assert (Product.objects.get().title, ProductImage.objects.count()) == ("Walden again", 0)
    assert "was taken away meanwhile" in as_sam.get(page[0]).content.decode()


# --- Between the look and the write ---


def form_of(book: Variant, **typed: Any) -> VariantForm:
    shown = VariantForm(instance=Variant.objects.get(pk=book.pk), prefix="v")
    data = as_sent(
        HttpResponse(f"<form id=''>{shown.as_p()}</form>"), **{f"v-{k}": v for k, v in typed.items()}
    )
    sent = QueryDict(mutable=True)
    for name, values in data.items():
        sent.setlist(name, values)
    return VariantForm(sent, instance=Variant.objects.get(pk=book.pk), prefix="v")


def test_f14_who_writes_after_the_look_is_not_written_over(book):
    form = form_of(book, price="13.00")
    assert form.is_valid()
    Variant.objects.update(price=1250)

    with pytest.raises(ChangedMeanwhileError):
        form.write()
    assert Variant.objects.get().price == 1250


def test_f14_without_the_condition_it_would_be(book):
    """The negative control."""
    form = form_of(book, price="13.00")
    assert form.is_valid()
    Variant.objects.update(price=1250)
    form._stored = form._stored | {"price": 1250}

    form.write()
    assert Variant.objects.get().price == 1300


@pytest.mark.django_db(transaction=True)
def test_f14_of_two_who_save_at_the_same_instant_one_is_asked_again(sam):
    book = VariantFactory(price=1100)
    clients = [logged_in(sam), logged_in(User.objects.create_superuser("sue@example.org", "x"))]
    for price in (1200, 1400, 1600):
        pages = [opened(client, book.product) for client in clients]
        saves = [
            partial(save, client, page, **{"variants-0-price": typed(price + place)})
            for place, (client, page) in enumerate(zip(clients, pages, strict=True))
        ]
        answers = [answer.status_code for answer in at_once(*saves)]
        assert sorted(answers) == [200, 302]
        book.refresh_from_db()
        assert book.price == price + answers.index(302)
        assert Product.objects.get().price_from == book.price


def test_f14_a_page_that_somebody_always_overtakes_is_not_tried_for_ever(as_sam, book, monkeypatch):
    looks = []

    def overtaken(form):
        looks.append(form)
        raise ChangedMeanwhileError

    page = opened(as_sam, book.product)
    monkeypatch.setattr(FreshForm, "write", overtaken)
    with pytest.raises(ChangedMeanwhileError):
        save(as_sam, page, title="Walden again")
    assert len(looks) == MOST_LOOKS


# --- F13: a count that is older than the books ---


def count_page(variant: Variant) -> str:
    return reverse("admin:shop_variant_count") + f"?ids={variant.pk}"


def count(client: Client, variant: Variant, page: HttpResponse, counted: int) -> HttpResponse:
    sent = as_sent(page, "", **{f"level_{variant.pk}": str(counted), "reason": "Counted"})
    return client.post(count_page(variant), sent)


def test_f13_a_count_from_before_a_sale_is_refused_with_both_values(as_sam, book):
    page = as_sam.get(count_page(book))
    stock.take({book.pk: 3}, reference="FQ7K-3MWD", now=EARLY)

    answer = count(as_sam, book, page, 12)

    text = answer.content.decode()
    assert "Our books said 10 when you opened this page, and say 7 now." in text
    assert "If you counted 12 before that, write 9" in text
    assert Variant.objects.get().stock == 7
    again = as_sent(answer, "", **{f"level_{book.pk}": "9"})
    assert again["reason"] == ["Counted"]
    assert as_sam.post(count_page(book), again).status_code == 302
    assert Variant.objects.get().stock == 9
    assert list(StockMovement.objects.filter(reason="adjust").values_list("delta", flat=True)) == [2]


def test_f13_of_many_counts_none_is_written_when_some_are_refused_and_all_of_these_are_told(as_sam, book):
    other = VariantFactory(stock=4)
    third = VariantFactory(stock=8)
    address = reverse("admin:shop_variant_count") + f"?ids={book.pk},{other.pk},{third.pk}"
    page = as_sam.get(address)
    stock.take({other.pk: 1, third.pk: 2}, reference="FQ7K-3MWD", now=EARLY)

    counted = {f"level_{variant.pk}": "5" for variant in (book, other, third)}
    answer = as_sam.post(address, as_sent(page, "", **counted, reason="Counted"))

    text = answer.content.decode()
    assert (answer.status_code, Variant.objects.get(pk=book.pk).stock) == (200, 10)
    assert "Our books said 4 when you opened this page, and say 3 now." in text
    assert "Our books said 8 when you opened this page, and say 6 now." in text
    assert as_sam.post(address, as_sent(answer, "")).status_code == 302
    assert set(Variant.objects.values_list("stock", flat=True)) == {5}


def test_f13_the_same_count_sent_twice_counts_once(as_sam, book):
    page = as_sam.get(count_page(book))
    assert [count(as_sam, book, page, 12).status_code for _ in range(2)] == [302, 200]
    assert StockMovement.objects.filter(reason="adjust").count() == 1


@pytest.mark.django_db(transaction=True)
def test_f13_counts_and_sales_at_the_same_instant_lose_nothing(sam):
    book, client = VariantFactory(stock=10), logged_in(sam)
    page = client.get(count_page(book))
    sell = lambda: stock.take({book.pk: 1}, reference="FQ7K-3MWD", now=EARLY)  # noqa: E731
    answers = at_once(lambda: count(client, book, page, 12).status_code, sell, sell)
    assert Variant.objects.get().stock == (10 if answers[0] == 302 else 8)


def test_f13_without_what_the_page_showed_the_sale_would_be_lost(as_sam, book):
    """The negative control."""
    page = as_sam.get(count_page(book))
    stock.take({book.pk: 3}, reference="FQ7K-3MWD", now=EARLY)
    sent = as_sent(page, "", **{f"level_{book.pk}": "12", f"books_{book.pk}": "", "reason": "Counted"})

    as_sam.post(count_page(book), sent)

    assert Variant.objects.get().stock == 12
