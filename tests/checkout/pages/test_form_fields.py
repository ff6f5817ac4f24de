"""The checkout form's controls are written by our own macros: they say what Django's own templates would say."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.template import engines
from django.utils import translation

from checkout.models import DeliveryOption
from checkout.pages.forms import CheckoutForm
from tests.orders import FORM

pytestmark = pytest.mark.django_db

WRITTEN = """{% import "fields.html" as fields %}{% for field in form if field.name not in ("country", "delivery") %}
{{ fields.text(field) }}{% endfor %}{{ fields.select(form.country) }}{{ fields.radios(form.delivery, form.offers) }}"""


class Controls(HTMLParser):
    """Controls and options, each with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"input", "select", "option"}:
            self.found.append((tag, dict(attrs)))


def sort(found: list[Any]) -> list[str]:
    return sorted(f"{tag} {sorted(attributes.items(), key=str)}" for tag, attributes in found)


def form(data: dict[str, str] | None, **kwargs: Any) -> CheckoutForm:
    made = CheckoutForm(data, **kwargs)
    made.offer(list(DeliveryOption.objects.all()), 1000)
    return made


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        FORM,
        {**FORM, "city": "", "line2": '"<b>', "postal_code": "9", "country": "XX", "delivery": "no such"},
    ],
)
def test_each_control_is_as_django_would_write_it(data: dict[str, str] | None, language: str) -> None:
    with translation.override(language):
        made = form(data, initial={"country": "NL", "city": "Utrecht"})
        ours = engines["jinja2"].from_string(WRITTEN).render({"form": made})
        theirs = "".join(field.as_widget() for field in made)
        assert sort(Controls(ours).found) == sort(Controls(theirs).found)


def test_a_field_names_its_error_and_the_summary_leads_to_it() -> None:
    source = '{% import "fields.html" as fields %}{{ fields.wrongs(form) }}{{ fields.text(form.city) }}'
    written = engines["jinja2"].from_string(source).render({"form": form({**FORM, "city": ""})})
    assert '<a href="#id_city">Enter the city</a>' in written
    assert '<h2 id="form_wrongs">One thing to put right</h2>' in written
    assert 'aria-describedby="id_city_error"' in written
    assert '<div id="id_city_error">' in written
    assert "<span>Enter the city</span>" in written
