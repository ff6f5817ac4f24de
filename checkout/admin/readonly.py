"""Base classes for read-only model admins."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from checkout.admin import search
from shop.admin import readonly


class ReadOnlyAdmin(readonly.ReadOnlyAdmin):
    """Shows rows to staff who may see them. Adding, changing and deleting are refused, by POST too.

    Who may act on a row, where there is something to do, is asked with `may_act`.
    """

    list_per_page = 50
    list_max_show_all = 0
    view_on_site = False
    empty_value_display = ""
    change_list_template = "admin/checkout/card_list.html"
    change_form_template = "admin/checkout/fact.html"

    def may_act(self, request: HttpRequest) -> bool:
        """Tell whether this member of staff has the right to change such rows by the verbs made for it."""
        return admin.ModelAdmin.has_change_permission(self, request)


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
