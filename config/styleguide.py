"""The style guide at /styleguide/, in development only: every component in each of its states."""

from datetime import UTC, datetime
from types import SimpleNamespace

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row, Submit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shop.catalogue.availability import Availability
from shop.catalogue.cards import Card
from shop.models import Product


class ExampleForm(forms.Form):
    """A field of every kind."""

    full_name = forms.CharField(initial="Alice Liddell", help_text="As it stands on the letter box.")
    line1 = forms.CharField(
        label="Street and house number", error_messages={"required": "Enter the street and house number"}
    )
    line2 = forms.CharField(label="Flat, floor, care of", required=False)
    postal_code = forms.RegexField(
        "^[0-9]{4} [A-Z]{2}$", error_messages={"invalid": "Write the postal code as 1234 AB"}
    )
    city = forms.CharField()
    country = forms.ChoiceField(choices=[("nl", "Netherlands"), ("be", "Belgium")])
    delivery = forms.ChoiceField(
        choices=[("post", "Post"), ("courier", "Courier")], widget=forms.RadioSelect, initial="post"
    )
    note = forms.CharField(widget=forms.Textarea, required=False)
    gift = forms.BooleanField(label="It is a gift", required=False)

    helper = FormHelper()
    helper.layout = Layout(
        "full_name",
        "line1",
        "line2",
        Row("postal_code", "city", css_class="third"),
        "country",
        "delivery",
        "note",
        "gift",
        Submit("save", "Send the form"),
    )


def _card(title: str, author: str, stock: Availability, price: str = "from €6.00") -> Card:
    known = Product.objects.filter(title=title).prefetch_related("images").first()
    picture = known.images.first() if known else None
    return Card(
        title=title,
        author=author,
        url="#",
        cover_url=picture.small_url if picture else "",
        cover_sources=(),
        price=price,
        availability=stock,
        add=None,
        add_text="",
    )


def page(request: HttpRequest) -> HttpResponse:
    """Show every part with its states."""
    in_stock, gone = Availability("in_stock"), Availability("sold_out")
    cards = [
        _card("Walden", "Henry David Thoreau", in_stock),
        _card("Dracula", "Bram Stoker", Availability("few_left", 1)),
        _card("Treasure Island", "Robert Louis Stevenson", gone),
        _card(
            "The Strange Case of Dr Jekyll and Mr Hyde",
            "Robert Louis Stevenson",
            in_stock,
            "€6.00",
        ),
        _card("Middlemarch", "George Eliot", Availability("digital")),
        _card("Jane Eyre", "Charlotte Brontë", in_stock),
    ]
    lines = [
        SimpleNamespace(
            cover_url=card.cover_url,
            title=card.title,
            detail="Hardback × 1",
            amount=2400,
        )
        for card in cards[:2]
    ]
    at = datetime(2026, 11, 14, 14, 12, tzinfo=UTC)
    context = {
        "cards": cards,
        "shelf": list(zip(cards, (100, 92, 84, 96, 100, 86), strict=True)),
        "stocks": [in_stock, Availability("few_left", 3), gone, Availability("digital")],
        "lines": lines,
        "totals": SimpleNamespace(
            subtotal=4800,
            delivery=450,
            discount=480,
            voucher="AUTUMN",
            taxes=[SimpleNamespace(rate=900, net=4770, tax=429)],
            tax_included=False,
            total=5199,
            needs_delivery=True,
        ),
        "steps": [
            SimpleNamespace(kind="done", words="You placed the order", at=at, with_day=True),
            SimpleNamespace(kind="bad", words="Your bank declined a card ending 0002", at=at),
            SimpleNamespace(kind="good", words="Paid, with a card ending 4242", at=at),
            SimpleNamespace(kind="now", words="We are packing it", at=None),
            SimpleNamespace(kind="wait", words="SEPA debit started", at=at),
            SimpleNamespace(kind="todo", words="Sent", at=None),
        ],
        "form": ExampleForm(
            {
                "full_name": "Alice Liddell",
                "postal_code": "35111",
                "city": "Utrecht",
                "country": "nl",
                "delivery": "post",
            }
        ),
    }
    return render(request, "styleguide.html", context)
