"""Categories and products, with their variants and pictures."""

from contextlib import suppress
from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminFileWidget
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import text
from accounts.fresh_forms import FreshAdmin, FreshForm
from shop import stock
from shop.admin.money_field import MoneyField
from shop.catalogue import denormalised, search
from shop.errors import ShopError
from shop.media import ebooks, pictures, uploads
from shop.models import Category, Product, ProductImage, Variant
from shop.money import written

_KEPT = "shop.admin.kept_picture"
VARIANT_FIELDS = ("sku", "name", "detail", "format", "price", "is_digital", "position", "file")


@admin.register(Category)
class CategoryAdmin(FreshAdmin[Category]):
    """The shelves, in the order customers see them."""

    list_display = ("name", "slug", "position", "number")
    list_editable = ("position",)
    prepopulated_fields = {"slug": ("name",)}
    formfield_overrides = text.IN_ADMIN

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        """Return the categories with their number of products."""
        on_shelf = Product.objects.filter(category=OuterRef("pk")).order_by().values("category")
        count = Subquery(on_shelf.annotate(count=Count("*")).values("count"))
        return super().get_queryset(request).annotate(product_count=Coalesce(count, 0))

    @admin.display(description=gettext_lazy("books"))
    def number(self, category: Any) -> int:
        """Return how many products it has, unpublished ones too."""
        count: int = category.product_count
        return count


class VariantForm(FreshForm[Variant]):
    """A variant. Its stock is asked for once; later it is counted."""

    first_stock = forms.IntegerField(
        label=gettext_lazy("First count"),
        min_value=0,
        max_value=1_000_000,
        required=False,
        widget=forms.NumberInput(attrs={"class": "vIntegerField"}),
        help_text=gettext_lazy("Only for a new edition. Later: Variants, “Count stock”."),
    )

    class Meta:
        model = Variant
        fields = VARIANT_FIELDS
        field_classes = {"price": MoneyField}
        help_texts = {"price": ""}
        widgets = {"file": forms.FileInput(attrs={"accept": ",".join(ebooks.KINDS)})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_stock"].disabled = bool(self.instance.pk)
        self.fields["format"].required = False

    def clean_format(self) -> str:
        """Return the format; where the form has none, the one it was."""
        return self.cleaned_data["format"] or self.instance.format

    def clean_file(self) -> Any:
        """Name a new file by its content. Raises ValidationError for what is no e-book."""
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            try:
                file.name = ebooks.name_for(file)
            except ShopError as error:
                raise forms.ValidationError(error.message) from error
        return file

    def store(self) -> None:
        """Write the variant. Of one that was there before, the stock is not touched."""
        if self.instance.pk:
            self.write()
            return
        self.instance.stock = self.cleaned_data.get("first_stock") or 0
        self.instance.save()
        stock.add_initial([self.instance], now=timezone.now())


class VariantInline(admin.StackedInline[Variant, Product]):
    """The variants of a product."""

    model = Variant
    form = VariantForm
    formfield_overrides = text.IN_ADMIN
    fields = ((*VARIANT_FIELDS, "file_now", "stock", "first_stock"),)
    readonly_fields = ("file_now", "stock")
    extra = 0
    can_delete = False  # its movements and the orders of it tell what happened; sell it out instead

    @admin.display(description=gettext_lazy("file now"))
    def file_now(self, variant: Variant) -> str:
        """Return the stored file's name and size. No address leads to it."""
        if not variant.file:
            return ""
        name = PurePath(variant.file.name or "").name
        try:
            return f"{name}, {filesizeformat(variant.file.size)}"
        except FileNotFoundError:
            return _("%s is missing") % name


class ImageForm(FreshForm[ProductImage]):
    """A picture. Its size is measured, and lighter files are made of it. It is kept when the page comes back with an error."""

    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ProductImage
        fields = ("file", "alt", "position")
        widgets = {"file": AdminFileWidget(attrs={"accept": ".svg,.png,.jpg,.jpeg,.webp,.avif"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored: dict[str, Any] = {}
        if self.is_bound and self["kept"].data:
            with suppress(signing.BadSignature):
                self.stored = signing.loads(self["kept"].data, salt=_KEPT)
                self.fields["file"].required = False

    def clean_file(self) -> Any:
        """Check a new file, and store what was made of it. Raises ValidationError for what browsers do not show."""
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            try:
                picture = uploads.made_of(file)
            except ShopError as error:
                raise forms.ValidationError(error.message) from error
            facts = {"width": picture.width, "height": picture.height, "widths": picture.widths}
            self.stored = {"file": pictures.store(picture), **facts}
            self.data = self.data.copy()
            self.data[self.add_prefix("kept")] = signing.dumps(self.stored, salt=_KEPT)
        return self.stored.get("file", file)

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the names of the fields that were changed. A new row with a place and no more is empty."""
        names: list[str] = super().changed_data
        return names if self.instance.pk or set(names) - {"position"} else []

    def _is_file_chosen(self, field: forms.BoundField) -> bool:
        return bool(self.stored) or super()._is_file_chosen(field)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's stubs leave it out
        for name, value in self.stored.items():
            setattr(self.instance, name, value)

    def write(self, *also: str) -> None:
        """Write the row, with what was measured."""
        super().write(*also, *(self.stored.keys() - {"file"}))


class ImageFormSet(forms.BaseInlineFormSet[ProductImage, Product, ImageForm]):
    """The pictures of a product. One that somebody else took away meanwhile stays away."""

    @property
    def gone_forms(self) -> list[ImageForm]:
        """Return the forms of pictures that are no longer there."""
        return [form for form in self.initial_forms if form.instance.pk is None]

    def _should_delete_form(self, form: ImageForm) -> bool:
        return form in self.gone_forms or super()._should_delete_form(form)  # type: ignore[misc]


class ImageInline(admin.StackedInline[ProductImage, Product]):
    """The pictures of a product; the first is its cover."""

    model = ProductImage
    form = ImageForm
    formset = ImageFormSet  # type: ignore[assignment]  # the stubs want it of any form
    formfield_overrides = text.IN_ADMIN
    fields = (("preview", "file", "alt", "size", "position", "kept"),)
    readonly_fields = ("preview", "size")
    extra = 0

    @admin.display(description=gettext_lazy("preview"))
    def preview(self, image: ProductImage) -> SafeString | str:
        """Return the picture, small."""
        if not image.file:
            return ""
        return format_html('<img src="{}" alt="{}" width="40" height="60">', image.small_url, image.alt)

    @admin.display(description=gettext_lazy("size"))
    def size(self, image: ProductImage) -> str:
        """Return width and height in pixels."""
        return f"{image.width} × {image.height}" if image.file else ""


def begins_sku(term: str) -> Q:
    """Return the condition that a variant's SKU begins so, as typed or in capitals."""
    return Q(sku__startswith=term) | Q(sku__startswith=term.upper())


@admin.register(Product)
class ProductAdmin(FreshAdmin[Product]):
    """The products, each with its variants and pictures. Take one out of the shop by unpublishing it."""

    list_display = ("title", "author", "category", "prices", "copies", "is_published")
    list_filter = ("is_published", "category")
    # Newest first, as they have their ids: to sort all by title takes a second with a million.
    ordering = ("-pk",)
    search_fields = ("title", "author", "slug", "variants__sku")
    search_help_text = gettext_lazy("Title, author, slug or SKU")
    list_select_related = ("category",)
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    prepopulated_fields = {"slug": ("title",)}
    formfield_overrides = text.IN_ADMIN
    fields = (
        ("title", "slug"),
        ("author", "category"),
        ("year", "years_text"),
        "description",
        "quote",
        ("language", "pages"),
        "is_published",
        "created_at",
    )
    readonly_fields = ("created_at",)
    inlines = (VariantInline, ImageInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Return the products with their variants."""
        return super().get_queryset(request).prefetch_related("variants")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        """Find by words as customers do, by the beginning of a SKU, or by a slug."""
        term = search_term.strip()
        if not term:
            return super().get_search_results(request, queryset, search_term)
        of_sku = Variant.objects.filter(begins_sku(term)).order_by().values("product")
        found = Q(pk__in=search.for_staff(term)) | Q(pk__in=of_sku) | Q(slug=term)
        return queryset.filter(found), False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Refuse: stock movements and orders tell of it."""
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show and save the page. The files of new pictures are made before, while nobody waits for its transaction."""
        for name, upload in request.FILES.items():
            if name.startswith("images-"):
                with suppress(ShopError):
                    uploads.made_of(upload)
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:  # noqa: FBT001
        """Write the product; a new one is new from now."""
        if change:
            stock.lock(
                obj.variants.values_list("pk", flat=True)
            )  # as sales do: variants first, then their product
        else:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        """Write the variants in their own way, and the pictures in Django's."""
        if formset.model is not Variant:
            super().save_formset(request, form, formset, change)
            if change and formset.gone_forms:
                messages.warning(
                    request, _("A picture on this page was taken away meanwhile, and stays away.")
                )
            return
        formset.save(commit=False)  # tells Django what changed, for its log
        for variant_form in formset.forms:
            if variant_form.has_changed():
                variant_form.store()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Write variants and pictures, then what listings and the search read of them all."""
        super().save_related(request, form, formsets, change)
        product = form.instance
        if product.is_published and not Variant.objects.filter(product=product).exists():
            product.is_published = False
            product.save(update_fields=["is_published"])
            messages.warning(
                request, _("Not published: it has no edition that anybody could buy. Add one first.")
            )
        denormalised.refresh([product.pk])

    @admin.display(description=gettext_lazy("price"))
    def prices(self, product: Product) -> str:
        """Return the lowest and the highest price."""
        prices = sorted({variant.price for variant in product.variants.all()})
        return " – ".join(written(price) for price in prices[:: max(len(prices) - 1, 1)])

    @admin.display(description=gettext_lazy("stock"))
    def copies(self, product: Product) -> str:
        """Return how many printed copies there are, and whether there is an e-book."""
        variants = product.variants.all()
        printed = sum(variant.stock for variant in variants if not variant.is_digital)
        if any(variant.stock for variant in variants if variant.is_digital):
            return _("%d and e-book") % printed
        return str(printed)
