"""The shared parts: what they say, what they leave out, and how they are tied together."""

from types import SimpleNamespace

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import (
    HTML,
    ButtonHolder,
    Column,
    Div,
    Fieldset,
    Hidden,
    Layout,
    MultiField,
    Reset,
    Row,
    Submit,
)
from crispy_forms.utils import render_crispy_form
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.forms import formset_factory
from django.http import HttpResponse
from django.template import Context, Template, engines

from accounts.templatetags.components import after_first_sentence, first_sentence, things_to_put_right
from config import styleguide
from shop.catalogue.availability import Availability
from shop.catalogue.cards import Card
from tests.accounts.reading import Page


def read(text: str) -> Page:
    return Page(HttpResponse(text))


COMPONENTS = engines["jinja2"].env.get_template("components.html").module


def part(name: str, **arguments) -> Page:
    return read(getattr(COMPONENTS, name)(**arguments))


class Letter(forms.Form):
    name = forms.CharField(help_text="As on the door.")
    floor = forms.CharField(required=False)
    way = forms.ChoiceField(choices=[("post", "Post"), ("courier", "Courier")], widget=forms.RadioSelect)
    gift = forms.BooleanField(error_messages={"required": "Say that it is a gift"})
    total = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self):
        if self.data.get("name") == "Nobody":
            raise forms.ValidationError("Nobody lives there")


def crispy(form: forms.BaseForm) -> Page:
    return read(Template("{% load crispy_forms_filters %}{{ form|crispy }}").render(Context({"form": form})))


def test_only_what_is_optional_is_marked():
    labels = {label.attrs["for"]: label.text for label in crispy(Letter()).all("label")}
    assert labels["id_floor"] == "Floor (optional)"
    assert labels["id_name"] == "Name"


def test_a_form_that_was_not_sent_has_no_errors():
    page = crispy(Letter())
    assert page.summary == []
    assert not [element for element in page.elements if "aria-invalid" in element.attrs]


def test_the_summary_leads_to_the_first_control_of_a_group_and_of_the_form():
    page = crispy(Letter({}))
    assert page.summary == [
        ("id_name", "This field is required."),
        ("id_way_0", "This field is required."),
        ("id_gift", "Say that it is a gift"),
        ("id_name", "This field is required."),  # the hidden total
    ]
    for target, _ in page.summary:
        page.by_id(target)
    assert page.by_id("form_wrongs").text == "Four things to put right"


def test_what_is_wrong_with_the_form_as_a_whole_comes_first():
    page = crispy(Letter({"name": "Nobody", "way": "post", "gift": "on", "total": "1"}))
    assert page.summary == [("id_name", "Nobody lives there")]


def test_radio_rows_are_a_group_with_a_name_and_an_error():
    page = crispy(Letter({}))
    group = page.by_id("div_id_way")
    assert group.tag == "fieldset"
    assert page.by_id(group.attrs["aria-describedby"]).text == "This field is required."
    assert [row.text for row in page.all("label") if "choice" in row.classes] == ["Post", "Courier"]


def test_two_forms_on_one_page_do_not_share_ids():
    pages = [crispy(Letter({}, prefix=prefix)) for prefix in ("a", "b")]
    ids = [element.attrs["id"] for page in pages for element in page.elements if "id" in element.attrs]
    assert len(ids) == len(set(ids))


def test_a_whole_form_with_every_layout_object_is_drawn():
    form = Letter({"name": "Alice"})
    form.helper = FormHelper()
    form.helper.form_id = "letter"
    form.helper.layout = Layout(
        Hidden("seen", "1"),
        Fieldset("To whom", "name", Row(Column("floor"))),
        MultiField("How", "way"),
        Div("gift", css_class="last"),
        "total",
        ButtonHolder(HTML("<em>Soon</em>"), Reset("again", "Again")),
    )
    form.helper.add_input(Submit("send", "Send it", css_class="full"))
    page = read(render_crispy_form(form, context={"csrf_token": "token"}))
    whole = page.one("form", id="letter")
    assert "novalidate" in whole.attrs
    assert page.one("input", name="csrfmiddlewaretoken").attrs["value"] == "token"
    assert [legend.text for legend in page.all("legend")] == ["To whom", "Way"]
    send = page.one("button", type="submit")
    assert send.text == "Send it"
    assert send.classes == {"button", "full"}
    assert page.one("em").text == "Soon"
    assert page.summary


def test_a_formset_is_drawn_form_by_form():
    letters = formset_factory(Letter, extra=2)()
    page = crispy(letters)
    assert len(page.all("input", type="text")) == 4
    assert page.one("input", name="form-TOTAL_FORMS").attrs["value"] == "2"


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "One thing"), (2, "Two things"), (9, "Nine things"), (10, "10 things"), (0, "No things")],
)
def test_things_are_counted_in_words_up_to_nine(number, words):
    assert things_to_put_right(number) == f"{words} to put right"


@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [
        ("In your cart. Walden, paperback.", "In your cart.", "Walden, paperback."),
        ("Saved.", "Saved.", ""),
        ("One. Two. Three.", "One.", "Two. Three."),
    ],
)
def test_a_notice_begins_with_its_first_sentence(text, first, rest):
    assert (first_sentence(text), after_first_sentence(text)) == (first, rest)


def test_a_notice_escapes_what_it_is_given():
    page = part("notice", kind="bad", text="<b>Walden. It</b> is gone.")
    assert page.one("strong").text == "<b>Walden."
    assert not page.all("b")


@pytest.mark.parametrize(
    ("code", "left", "words"),
    [
        ("in_stock", None, "In stock"),
        ("few_left", 3, "Only 3 left"),
        ("sold_out", None, "Sold out"),
        ("digital", None, "Sent at once"),
    ],
)
def test_the_stock_message_is_said_in_words(code, left, words):
    assert part("stock", availability=Availability(code, left)).one("span").text == words


WALDEN = Card(
    title="Walden",
    author="Henry David Thoreau",
    url="/products/walden/",
    cover_url="/media/covers/walden.svg",
    cover_sources=(),
    price="from €6.00",
    availability=Availability("in_stock"),
    add=None,
    add_text="",
)


def card(**changes) -> Page:
    return part("card", card=WALDEN._replace(**changes))


def test_a_card_has_one_link_and_a_picture_that_says_nothing():
    page = card()
    assert page.one("a").text == "Walden"
    assert page.one("img").attrs["alt"] == ""
    assert {"width", "height"} <= page.one("img").attrs.keys()
    assert "from €6.00" in page.one("li").text
    assert "In stock" not in page.one("li").text


def test_a_card_says_when_a_book_is_scarce_or_gone():
    assert "Only 2 left" in card(availability=Availability("few_left", 2)).one("li").text
    gone = card(availability=Availability("sold_out"))
    assert "Sold out" in gone.one("li").text
    assert [element for element in gone.elements if "gone" in element.classes and "cover" in element.classes]


def test_a_card_without_a_picture_keeps_its_place():
    page = card(cover_url="")
    assert not page.all("img")
    assert [element for element in page.elements if "cover" in element.classes]


def test_what_a_card_says_is_text_and_never_markup():
    page = card(title="<script>Walden</script>", author='"&<b>')
    assert not page.all("script")
    assert page.one("a").text == "<script>Walden</script>"


@pytest.mark.parametrize(("count", "badge"), [(1, "1"), (99, "99"), (100, "99+")])
def test_the_badge_counts_to_ninety_nine(count, badge):
    page = part("personal", half=SimpleNamespace(cart_count=count), user=AnonymousUser())
    assert page.one("span", aria_hidden="true").text == badge
    assert f"{count} book" in page.all("a")[-1].text


def test_an_empty_cart_has_no_badge():
    page = part("personal", half=SimpleNamespace(cart_count=0), user=AnonymousUser())
    assert not page.all("span", aria_hidden="true")


TAXED = SimpleNamespace(rate=900, net=4770, tax=429)


def totals(**more):
    known = {
        "subtotal": 4800,
        "delivery": 450,
        "discount": 0,
        "taxes": [],
        "tax_included": False,
        "voucher": "",
        "total": 5250,
        "needs_delivery": True,
    }
    return SimpleNamespace(**{**known, **more})


def rows(page):
    return dict(zip([e.text for e in page.all("dt")], [e.text for e in page.all("dd")], strict=True))


def test_a_summary_leaves_out_what_is_zero():
    assert rows(part("summary", heading="Summary", totals=totals())) == {
        "Subtotal": "€48.00",
        "Delivery": "€4.50",
        "Total": "€52.50",
    }


def test_a_summary_says_free_and_writes_a_real_minus():
    shown = rows(
        part(
            "summary",
            heading="Summary",
            totals=totals(delivery=0, discount=480, taxes=[TAXED], voucher="AUTUMN"),
        )
    )
    assert shown["Delivery"] == "Free"
    assert shown["Voucher AUTUMN"] == "−€4.80"
    assert shown["VAT 9%"] == "€4.29"


def test_tax_that_is_in_the_prices_stands_below_the_total():
    included = rows(part("summary", heading="Summary", totals=totals(taxes=[TAXED], tax_included=True)))
    assert list(included)[-2:] == ["Total", "including VAT 9%"]


def test_a_summary_of_e_books_has_no_delivery():
    assert "Delivery" not in rows(part("summary", heading="Summary", totals=totals(needs_delivery=False)))


def test_a_changed_price_is_said_in_words():
    page = read(f"<p>{COMPONENTS.price(2400, was=2200)}</p>")
    assert page.one("p").text == "now €24.00, was €22.00"


def test_the_stepper_names_its_book():
    page = part("stepper", id="line-1", value=2, most=3, title="Walden")
    assert [key.attrs["aria-label"] for key in page.all("button")] == [
        "One fewer of Walden",
        "One more of Walden",
    ]
    number = page.one("input", id="line-1")
    assert (number.attrs["name"], number.attrs["min"], number.attrs["max"]) == ("quantity", "1", "3")
    wrong = part("stepper", id="line-1", value=8, most=3, title="Walden", error="x").one("input")
    assert (wrong.attrs["aria-invalid"], wrong.attrs["aria-describedby"]) == ("true", "line-1_error")


def test_the_pager_keeps_its_buttons_at_both_ends():
    page = part("pager", page=1, next_url="?page=2")
    assert page.one("a", rel="next").attrs["href"] == "?page=2"
    assert page.one("span", role="link", aria_disabled="true").text == "Previous"


@pytest.mark.django_db
def test_the_style_guide_shows_every_part(rf):
    page = Page(styleguide.page(rf.get("/styleguide/")))
    assert page.one("h1").text == "Style guide"
    shown = set().union(*(element.classes for element in page.elements))
    assert {
        "button",
        "choice",
        "stepper",
        "tag",
        "notice",
        "slip",
        "empty",
        "card",
        "shelf",
        "timeline",
        "leaders",
        "pager",
        "wrongs",
    } <= shown
