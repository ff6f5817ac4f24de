"""Pages of text: terms, privacy, imprint. A row for each language."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy

from accounts import text
from accounts.fresh_forms import FreshAdmin, FreshForm
from shop.models import TextPage


class TextPageForm(FreshForm[TextPage]):
    """A text in one of the languages that the shop speaks."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = TextPage
        fields = ("slug", "language", "title", "text", "position")
        help_texts = {
            "slug": gettext_lazy("The last part of its address, the same in every language: /pages/terms/"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs |= {"rows": 30, "cols": 90}


@admin.register(TextPage)
class TextPageAdmin(FreshAdmin[TextPage]):
    """What the footer leads to. Customers see a change at once."""

    form = TextPageForm
    list_display = ("title", "slug", "language", "position")
    list_editable = ("position",)
    list_filter = ("language",)
    search_fields = ("title", "slug", "text")
    formfield_overrides = text.IN_ADMIN
