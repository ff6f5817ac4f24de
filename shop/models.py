"""Models of catalogue, stock and cart. Prices are in minor units of STORE_CURRENCY."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop.i18n.links import path
from shop.i18n.stored_text import inside_sentence
from shop.media import pictures, private
from shop.money import check_prices


class Category(models.Model):
    """A shelf of the shop."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the listing of this category."""
        return f"{path('shop:products')}?category={self.slug}"


# From this number down we say how many copies are left.
FEW = 5

# What customers see: published, with something to sell. Every index of a listing holds these products only.
SHOWN = Q(is_published=True, price_from__isnull=False)


class Format(models.TextChoices):
    """In which form a variant comes. A product's `formats` has one bit for each, in this order."""

    HARDBACK = "hardback", _("Hardback")
    PAPERBACK = "paperback", _("Paperback")
    EBOOK = "ebook", _("E-book")
    OTHER = "other", _("Other")

    @property
    def bit(self) -> int:
        """Return its bit in `Product.formats`."""
        return 1 << list(Format).index(self)


class ProductQuerySet(models.QuerySet["Product"]):
    """Products, and what is usually asked of them."""

    def shown(self) -> Self:
        """Return those that customers see: published, with something to sell."""
        return self.filter(SHOWN)

    def with_variants(self) -> Self:
        """Bring category, `variant_list` and `image_list` along, as presenters need them, in three SQL statements in all.

        Both are lists: to make a query set for each product would take longer than to read them.
        """
        return self.select_related("category").prefetch_related(
            models.Prefetch("variants", to_attr="variant_list"),
            models.Prefetch("images", to_attr="image_list"),
        )


class TaxClass(models.TextChoices):
    """Which of a country's rates a product is taxed at."""

    STANDARD = "standard", _("Standard rate")
    REDUCED = "reduced", _("Reduced rate, as of books")
    ZERO = "zero", _("No tax")


class Product(models.Model):
    """What is shown. What is sold is one of its variants.

    The last four fields are denormalised: they say of the variants what listings sort, filter and count by.
    `catalogue/denormalised.py` writes them; whoever changes products or variants calls its `refresh`.
    """

    category = models.ForeignKey(
        Category, models.PROTECT, related_name="products", verbose_name=_("category")
    )
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    title = models.CharField(_("title"), max_length=200)
    author = models.CharField(_("author"), max_length=160, blank=True)
    year = models.SmallIntegerField(
        _("year"), null=True, blank=True, help_text=_("Before our era: negative.")
    )
    years_text = models.CharField(
        _("years in words"),
        max_length=40,
        blank=True,
        help_text=_("Where one number does not say it: 1871–72."),
    )
    description = models.TextField(_("description"), blank=True)
    quote = models.CharField(_("quotation"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=40, blank=True)
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    tax_class = models.CharField(
        _("tax"), max_length=10, choices=TaxClass, default=TaxClass.REDUCED, db_default=TaxClass.REDUCED
    )
    is_published = models.BooleanField(_("is published"), default=True)
    created_at = models.DateTimeField(_("created at"))
    # The lowest price one can pay now, of a sold-out product the lowest there is; NULL without a variant.
    price_from = models.PositiveIntegerField(null=True, editable=False)
    in_stock = models.BooleanField(default=False, db_default=False, editable=False)
    formats = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # Copies in paid orders of late.
    sold = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = ProductQuerySet.as_manager()

    # What came `with_variants`.
    variant_list: list["Variant"]
    image_list: list["ProductImage"]

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        # One for each order of a listing, with a category and without. The columns at the end let filters and deep
        # pages be answered from the index alone.
        indexes = [
            *(
                models.Index(
                    fields=[*first, *order, "in_stock", "formats", "price_from"], name=name, condition=SHOWN
                )
                for name, first, order in (
                    ("product_by_title", [], ["title", "id"]),
                    ("product_by_new", [], ["-created_at", "-id"]),
                    ("product_by_sold", [], ["-sold", "-created_at", "-id"]),
                    ("product_in_category_by_title", ["category"], ["title", "id"]),
                    ("product_in_category_by_new", ["category"], ["-created_at", "-id"]),
                    ("product_in_category_by_sold", ["category"], ["-sold", "-created_at", "-id"]),
                    ("product_by_author", ["author"], ["id", "category"]),
                )
            ),
            models.Index(
                fields=["price_from", "id", "in_stock", "formats"], name="product_by_price", condition=SHOWN
            ),
            models.Index(
                fields=["category", "price_from", "id", "in_stock", "formats"],
                name="product_in_category_by_price",
                condition=SHOWN,
            ),
            models.Index(
                fields=["formats", "category", "price_from", "in_stock"],
                name="product_by_formats",
                condition=SHOWN,
            ),
            models.Index(
                fields=["formats", "price_from", "in_stock"],
                name="product_by_formats_and_price",
                condition=SHOWN,
            ),
            # Those that the first page recommends are few among many.
            models.Index(
                fields=["id"], name="product_quoted", condition=SHOWN & Q(in_stock=True, quote__gt="")
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the product page."""
        return path("shop:product", self.slug)


class SearchDocument(models.Model):
    """A product's words as the search knows them: folded, with a space between. Written by `catalogue/search` alone."""

    product = models.OneToOneField(
        Product, models.CASCADE, primary_key=True, related_name="search_document", verbose_name=_("product")
    )
    title = models.TextField()
    author = models.TextField()
    text = models.TextField()

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")

    def __str__(self) -> str:
        return self.title


class Word(models.Model):
    """A word of some title or author, folded: “Did you mean” compares what was typed with these."""

    word = models.CharField(max_length=200, primary_key=True)

    class Meta:
        verbose_name = _("word")
        verbose_name_plural = _("words")

    def __str__(self) -> str:
        return self.word


class Variant(models.Model):
    """What is sold: a variant with its SKU, price and stock. What is digital has a stock too: the licences we may sell."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants", verbose_name=_("product"))
    sku = models.CharField(_("SKU"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80, help_text=_("Hardback, paperback, e-book"))
    detail = models.CharField(
        _("detail"), max_length=120, blank=True, help_text=_("One line: Sewn, 904 pages")
    )
    price = models.PositiveIntegerField(_("price"), help_text=_("In minor units: 2400 is €24.00."))
    stock = models.PositiveIntegerField(_("stock"), default=0)
    is_digital = models.BooleanField(_("is digital"), default=False, help_text=_("Needs no delivery."))
    format = models.CharField(
        _("format"), max_length=10, choices=Format, default=Format.OTHER, db_default=Format.OTHER
    )
    file = models.FileField(
        _("file"),
        upload_to="ebooks/",
        storage=private.storage,
        blank=True,
        max_length=200,
        help_text=_("EPUB or PDF. Whoever buys it downloads it from the order."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [models.CheckConstraint(condition=Q(stock__gte=0), name="variant_stock_not_negative")]
        indexes = [
            # Of these few are left.
            models.Index(
                fields=["stock", "product"],
                condition=Q(is_digital=False, stock__gt=0, stock__lte=FEW),
                name="variant_last_copies",
            )
        ]

    def __str__(self) -> str:
        return self.sku

    def clean(self) -> None:
        """Refuse a price that Stripe could not charge."""
        check_prices(price=self.price)

    @property
    def full_title(self) -> str:
        """Return title and variant as they stand inside a sentence: “Walden, paperback”."""
        return f"{self.product.title}, {inside_sentence(self.name)}"


class ProductImage(models.Model):
    """A picture of a product; the first is its cover. The file name carries a hash, so it is cached for ever."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="images", verbose_name=_("product"))
    file = models.FileField(_("file"), upload_to="covers/")
    alt = models.CharField(_("description for people who cannot see it"), max_length=250)
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))
    widths = models.JSONField(_("widths of its lighter files"), default=list, blank=True, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("image")
        verbose_name_plural = _("images")

    def __str__(self) -> str:
        return self.alt

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Return the kind and the `srcset` of the lighter files, the lightest kind first; none of a drawing."""
        return pictures.sources(str(self.file.name), self.widths)

    @property
    def small_url(self) -> str:
        """Return the address of the lightest file that every browser shows."""
        return pictures.small_url(str(self.file.name), self.widths)


class TextPage(models.Model):
    """A page of text in one language: terms, imprint, contact. `catalogue/text_pages.py` says what its text may hold."""

    slug = models.SlugField(_("slug"), max_length=60)
    language = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(
        _("text"),
        help_text=_(
            "Paragraphs stand apart by an empty line. A line that begins with “## ” is a heading, one with “- ” an "
            "entry of a list. Addresses of the web and of e-mail become links."
        ),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("The lowest comes first in the footer.")
    )

    class Meta:
        ordering = ["position", "slug", "language"]
        verbose_name = _("page of text")
        verbose_name_plural = _("pages of text")
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "language"],
                name="one_text_per_page_and_language",
                violation_error_message=_("This page has a text in this language already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    def get_absolute_url(self) -> str:
        """Return the page, in the language that is spoken."""
        return path("shop:text_page", self.slug)


class CatalogueVersion(models.Model):
    """One row, whose token is another as soon as pages would show something else. Written by shop/page_cache/version.py alone."""

    token = models.CharField(max_length=36)

    class Meta:
        verbose_name = _("version of the catalogue")
        verbose_name_plural = _("versions of the catalogue")

    def __str__(self) -> str:
        return self.token


class StockMovement(models.Model):
    """Why the stock of a variant changed. The sum of a variant's movements is its stock. Never edited, never deleted."""

    class Reason(models.TextChoices):
        INITIAL = "initial", _("First count")
        ORDER = "order", _("Taken for an order")
        RELEASE = "release", _("Given back by an order that was not paid")
        RESTOCK = "restock", _("Came back with a refund")
        ADJUST = "adjust", _("Counted or corrected by staff")

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="movements", verbose_name=_("variant"))
    delta = models.IntegerField(_("change"))
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    reference = models.CharField(
        _("reference"), max_length=200, blank=True, help_text=_("An order's number, or words.")
    )
    created_at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        indexes = [models.Index(fields=["reference", "variant"], name="movement_by_reference")]
        constraints = [models.CheckConstraint(condition=~Q(delta=0), name="movement_moves_something")]

    def __str__(self) -> str:
        return f"{self.delta:+d} ({self.reason})"


class Cart(models.Model):
    """A cart of a visitor, found by the token in a signed cookie, or of a user."""

    token = models.CharField(max_length=40, unique=True, null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="cart"
    )
    held_by = models.CharField(
        max_length=40, blank=True, help_text=_("The order that already holds stock for it.")
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        constraints = [
            models.CheckConstraint(
                condition=Q(token__isnull=False, user__isnull=True)
                | Q(token__isnull=True, user__isnull=False),
                name="cart_is_of_a_visitor_or_a_user",
            )
        ]

    def __str__(self) -> str:
        return f"Cart {self.pk}"


class CartLine(models.Model):
    """One variant in a cart. Title and price are what its owner saw last, so that a change can be told."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=300)
    quantity = models.PositiveIntegerField()
    seen_price = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="one_line_per_variant_in_a_cart"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cart_line_has_a_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"
