"""Rows that are facts: staff look at them, and nobody edits them."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from checkout.admin import search


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Shows rows to staff who may see them. Adding, changing and deleting are refused, by POST too.

    Who may act on a row, where there is something to do, is asked with `may_act`.
    """

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    empty_value_display = ""
    change_list_template = "admin/checkout/card_list.html"
    change_form_template = "admin/checkout/fact.html"

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:  # noqa: ARG002 - Django's signature
        """Refuse: facts are written by what happens."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Refuse: Django would save a row as it was when the page was made, over what happened since."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Refuse: what happened stays told."""
        return False

    def may_act(self, request: HttpRequest) -> bool:
        """Tell whether this member of staff has the right to change such rows by the verbs made for it."""
        return super().has_change_permission(request)


class RecordAdmin(ReadOnlyAdmin):
    """Rows that belong to an order, found by what is known of the order."""

    search_fields = ("order",)
    search_help_text = search.HELP

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows of the orders that match, none of them twice."""
        return search.of_matching(queryset, search_term) if search_term.strip() else queryset, False
