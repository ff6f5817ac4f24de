"""The Jinja2 environment of the shop's pages."""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import quote

from crispy_forms.templatetags.crispy_forms_filters import as_crispy_form
from crispy_forms.utils import render_crispy_form
from django.conf import settings
from django.contrib.messages import get_messages
from django.forms import BaseForm, BoundField
from django.template import defaultfilters
from django.templatetags.static import static
from django.utils import html
from django.utils.safestring import mark_safe
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]
from django.utils.translation import get_language, gettext
from django.utils.translation.trans_real import translation
from django_htmx.jinja import htmx_script
from jinja2 import Environment, FileSystemLoader, Template, TemplateNotFound, Undefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from accounts.templatetags.components import (
    after_first_sentence,
    first_sentence,
    things_to_put_right,
    wrongs,
)
from shop.catalogue import count_text, text_pages
from shop.i18n import languages, links, stored_text
from shop.models import Category
from shop.money import percent, written
from shop.seo import structured


class Pages(FileSystemLoader):
    """Finds every template but those in Django's language."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Return the source of a template, its file, and whether that is unchanged."""
        if template.startswith(settings.DJANGO_TEMPLATES):
            raise TemplateNotFound(template)
        return super().get_source(environment, template)


class Environments:
    """An environment for each language, made when it is first spoken; in the place of the one that Django asks for."""

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._made: dict[str, Environment] = {}

    @property
    def spoken(self) -> Environment:
        """Return the environment of the language that is spoken."""
        language = get_language() or settings.LANGUAGE_CODE
        if language not in self._made:
            self._made[language] = _environment(language, self._options)
        return self._made[language]

    def get_template(self, name: str) -> Template:
        """Return a template by its path."""
        return self.spoken.get_template(name)

    def from_string(self, source: str) -> Template:
        """Return a template by its text."""
        return self.spoken.from_string(source)


class Spoken(Extension):
    """Writes the string for `_("…")` and `static("…")` into a template as it is compiled.

    A listing looks up a hundred of them; without this, rendering it takes 1.4 times the instructions. Both depend on the
    language and the release alone, and on nothing of a request.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Put strings in the place of calls that have one argument, a string."""
        tokens = deque(stream)
        while tokens:
            call = tuple(islice(tokens, 4))
            looks_up = _COMPILED.get(call[0].value)
            if looks_up and [token.type for token in call] == ["name", "lparen", "string", "rparen"]:
                yield Token(call[0].lineno, "string", looks_up(call[2].value))
                for _part in call:
                    tokens.popleft()
            else:
                yield tokens.popleft()


_COMPILED: dict[str, Callable[[str], str]] = {"_": gettext, "static": static}


def _environment(language: str, options: dict[str, Any]) -> Environment:
    made = Environment(  # noqa: S701 - Django's backend asks for autoescape
        **{
            **options,
            "loader": Pages(settings.BASE_DIR / "templates"),
            "undefined": Undefined,
            "extensions": ["jinja2.ext.i18n", Spoken],
        }
    )
    # What depends on the language need not ask each time which one it is.
    catalogue = translation(language)
    made.install_gettext_callables(catalogue.gettext, catalogue.ngettext)  # type: ignore[attr-defined]
    made.globals |= _GLOBALS | {"url": partial(links.path_in, language)}
    made.filters |= _FILTERS | {"translated": partial(stored_text.translate_value_in, language)}
    return made


def _date(value: datetime, form: str) -> str:
    return str(defaultfilters.date(template_localtime(value), form))


def _linebreaks(text: str) -> str:
    return mark_safe(html.linebreaks(text, autoescape=True))  # noqa: S308 - it escapes


def _form_with_layout(form: BaseForm, csrf_token: str) -> str:
    written: str = render_crispy_form(form, context={"csrf_token": csrf_token})
    return written


def _control_attributes(field: BoundField) -> dict[str, Any]:
    """Return what Django writes into the control of a field beside its type, name and value; True: the name alone."""
    widget = field.field.widget
    attributes: dict[str, Any] = field.build_widget_attrs({}, widget)
    return {**widget.attrs, **attributes, "id": field.auto_id}


_GLOBALS: dict[str, object] = {
    "store_name": lambda: settings.STORE_NAME,
    "test_mode": lambda: not settings.STRIPE.livemode,
    "all_categories": Category.objects.all,
    "text_links": text_pages.links,
    "language": get_language,
    "other_languages": languages.links_to_others,
    "alternates": languages.alternates,
    "lang_of_products": languages.lang_of_products,
    "og_locale": languages.og_locale,
    "htmx_script": htmx_script,
    "static": static,
    "json_script": html.json_script,
    "messages_of": get_messages,
    "fields": as_crispy_form,
    "form_with_layout": _form_with_layout,
}
_FILTERS: dict[str, Callable[..., object]] = {
    "money": written,
    "percent": percent,
    "inside_sentence": stored_text.inside_sentence,
    "counted": count_text.counted,
    "browse_all": count_text.browse_all,
    "tally": count_text.tally,
    "linked_data": structured.element,
    "first_sentence": first_sentence,
    "after_first_sentence": after_first_sentence,
    "wrongs": wrongs,
    "things_to_put_right": things_to_put_right,
    "control_attributes": _control_attributes,
    "date": _date,
    "linebreaks": _linebreaks,
    "filesizeformat": defaultfilters.filesizeformat,
    "truncatechars": defaultfilters.truncatechars,
    "truncatewords": defaultfilters.truncatewords,
    "quoted": partial(quote, safe=""),
}
