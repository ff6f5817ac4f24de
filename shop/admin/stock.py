"""Stock: counting it with a reason, and the list of its movements."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.text import OneLineField
from shop import stock
from shop.admin.products import begins_sku
from shop.admin.readonly import ReadOnlyAdmin
from shop.catalogue import search
from shop.models import StockMovement, Variant
from shop.money import written


class CountForm(forms.Form):
    """What was counted, beside what the books said then. A variant left empty was not counted and stays as it is."""

    reason = OneLineField(
        label=gettext_lazy("Why"),
        max_length=200,
        help_text=gettext_lazy("Stands beside the movement: “Counted on Monday”, “Three came back damaged”."),
    )

    def __init__(self, variants: list[Variant], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ids = [variant.pk for variant in variants]
        for variant in variants:
            self.fields[f"level_{variant.pk}"] = forms.IntegerField(
                label=f"{variant.product.title}, {variant.name} ({variant.sku})",
                help_text=_("We have %d on our books.") % variant.stock,
                min_value=0,
                max_value=1_000_000,
                required=False,
            )
            self.fields[f"books_{variant.pk}"] = forms.IntegerField(
                initial=variant.stock, required=False, widget=forms.HiddenInput
            )

    def store(self, *, now: datetime) -> int:
        """Write all that was counted, or nothing; return of how many variants the stock changed.

        Raises StockMovedError where the books no longer say what they said when it was counted.
        """
        levels = {pk: self.cleaned_data[f"level_{pk}"] for pk in sorted(self.ids)}
        with transaction.atomic():
            changes = [
                stock.set_level(
                    pk,
                    level,
                    reason=self.cleaned_data["reason"],
                    now=now,
                    expected=self.cleaned_data[f"books_{pk}"],
                )
                for pk, level in levels.items()
                if level is not None
            ]
        return sum(map(bool, changes))

    def refuse(self, moved: stock.StockMovedError) -> None:
        """Say of each such count what the books said then and say now. Saved again, what was counted holds."""
        text = _(
            "Our books said %(then)d when you opened this page, and say %(now)d now. If you counted %(counted)d before "
            "that, write %(rest)d; if %(counted)d are there now, save again."
        )
        for pk, now in Variant.objects.filter(pk__in=self.ids).values_list("pk", "stock"):
            counted, then = self.cleaned_data[f"level_{pk}"], self.cleaned_data[f"books_{pk}"]
            if counted is not None and (pk == moved.variant_id or then not in {None, now}):
                facts = {"then": then, "now": now, "counted": counted, "rest": max(counted + now - then, 0)}
                self.add_error(f"level_{pk}", text % facts)
                self.data = {**self.data, f"books_{pk}": now}


@admin.register(Variant)
class VariantAdmin(ReadOnlyAdmin):
    """The variants of all products: find them and count their stock. They are edited with their product."""

    list_display = ("sku", "product", "name", "price_written", "stock", "is_digital")
    list_filter = ("is_digital", "product__is_published", "product__category")
    list_select_related = ("product",)
    search_fields = ("sku", "product__title", "product__author")
    fields = ("sku", "product", "name", "detail", "price_written", "stock", "is_digital", "count_link")
    readonly_fields = ("price_written", "count_link")
    actions = ("count_selected",)
    ordering = ("sku",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Variant], search_term: str
    ) -> tuple[QuerySet[Variant], bool]:
        """Find by the beginning of a SKU, else by words of the product as customers do."""
        term = search_term.strip()
        if not term:
            return super().get_search_results(request, queryset, search_term)
        of_sku = queryset.filter(begins_sku(term))
        return of_sku if of_sku.exists() else queryset.filter(product__in=search.for_staff(term)), False

    @admin.display(description=gettext_lazy("price"), ordering="price")
    def price_written(self, variant: Variant) -> str:
        """Return the price as customers read it."""
        return written(variant.price)

    @admin.display(description=gettext_lazy("count"))
    def count_link(self, variant: Variant) -> SafeString:
        """Return the way to the form."""
        return format_html(
            '<a href="{}?ids={}">{}</a>', reverse("admin:shop_variant_count"), variant.pk, _("Count stock")
        )

    @admin.action(description=gettext_lazy("Count stock"), permissions=["count"])
    def count_selected(self, request: HttpRequest, queryset: QuerySet[Variant]) -> HttpResponseRedirect:  # noqa: ARG002
        """Lead to the form for the chosen variants."""
        ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True))
        return redirect(f"{reverse('admin:shop_variant_count')}?ids={ids}")

    def has_count_permission(self, request: HttpRequest) -> bool:
        """Tell whether this member of staff may correct stock."""
        return request.user.has_perm("shop.change_variant")

    def get_urls(self) -> list[URLPattern]:
        """Return Django's addresses and the count's."""
        count = path("count/", self.admin_site.admin_view(self.count), name="shop_variant_count")
        return [count, *super().get_urls()]

    def count(self, request: HttpRequest) -> HttpResponse:
        """Set the stock of [`ids`] to what was counted [`level_<id>`], with a [`reason`]."""
        if not self.has_count_permission(request):
            raise PermissionDenied
        ids = [int(word) for word in request.GET.get("ids", "").split(",") if word.isdecimal()]
        variants = list(Variant.objects.filter(pk__in=ids[: self.list_per_page]).select_related("product"))
        form = CountForm(variants, request.POST.dict() or None)
        if request.method == "POST" and form.is_valid():
            try:
                changed = form.store(now=timezone.now())
            except stock.StockMovedError as moved:
                form.refuse(moved)
            else:
                text = ngettext(
                    "The stock of %d edition is changed.", "The stock of %d editions is changed.", changed
                )
                messages.success(request, text % changed)
                return redirect("admin:shop_variant_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Count stock"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "shop/admin/count_stock.html", context)


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    """Why stock is what it is."""

    list_display = ("created_at", "variant", "title", "delta", "reason", "reference")
    list_filter = ("reason", "created_at")
    list_select_related = ("variant__product",)
    search_fields = ("variant__sku", "reference")
    search_help_text = gettext_lazy("SKU, order number or words")

    @admin.display(description=gettext_lazy("book"))
    def title(self, movement: StockMovement) -> str:
        """Return title and variant."""
        return f"{movement.variant.product.title}, {movement.variant.name}"
