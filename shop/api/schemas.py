"""What the JSON API says of products and carts, and what it takes. Money: integers in minor units of the shop's currency."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from django.conf import settings
from ninja import Schema
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from shop.cart.lines import InvalidQuantityError
from shop.cart.page import CartPage, Row
from shop.cart.review import Change
from shop.cart.session import signed_token
from shop.catalogue import availability
from shop.catalogue.listing import Listing, Option
from shop.catalogue.products import ProductPresenter
from shop.catalogue.text_pages import Link
from shop.i18n.stored_text import translate_value
from shop.models import Cart, Category, ProductImage, Variant

# What comes in is a pydantic model: a ninja Schema would take any value for an object whose fields have defaults.


def _storable(text: str) -> str:
    """Return a text that a database takes: PostgreSQL takes no NUL, and none takes half of a pair of surrogates."""
    if "\0" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise ValueError("A text has no NUL and no lone surrogate.")
    return text


def _whole(value: Any) -> int:
    """Return a quantity. Raises InvalidQuantityError for what is no whole number, as the pages do."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidQuantityError
    return value


Text = Annotated[str, AfterValidator(_storable)]
# What a database takes for an id: in an address, and in a body, where it must be a number.
PathId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Id = Annotated[PathId, Field(strict=True)]
Quantity = Annotated[int, BeforeValidator(_whole)]
Money = Annotated[int, Field(description="In minor units of the currency: 1250 is €12.50.", examples=[1250])]


class CategoryOut(Schema):
    """A shelf of the shop."""

    slug: str = Field(examples=["fiction"])
    name: str = Field(examples=["Fiction"])


class TextLinkOut(Schema):
    """A page of text: its name, and the language that it is written in."""

    slug: str = Field(examples=["terms"])
    title: str = Field(examples=["Terms"])
    language: str = Field(examples=["en"])

    @classmethod
    def of(cls, link: Link) -> Self:
        """Return what is said of a page of text."""
        return cls(slug=link.slug, title=link.title, language=link.language)


class TextPagesOut(Schema):
    """All pages of text."""

    items: list[TextLinkOut]


class TextPageOut(TextLinkOut):
    """A page of text, whole."""

    text: str = Field(
        description="Plain. Paragraphs stand apart by an empty line; `## ` begins a heading, `- ` an entry of a list.",
        examples=["These terms hold for orders in this shop."],
    )


class CoverOut(Schema):
    """A picture of a product. What is at its address never changes: keep it for ever."""

    url: str = Field(
        description="Relative to the address of this API, or absolute where a CDN keeps the pictures.",
        examples=["/media/covers/middlemarch-1f3a.svg"],
    )
    alt: str = Field(description="For people who cannot see it.", examples=["The cover of Middlemarch"])
    width: int = Field(examples=[600])
    height: int = Field(examples=[900])


class VariantOut(Schema):
    """What is sold: a variant."""

    id: int = Field(description="What `POST /cart/lines` takes.", examples=[12])
    sku: str = Field(examples=["MIDDLEMARCH-PB"])
    name: str = Field(examples=["Paperback"])
    detail: str = Field(examples=["Sewn, 904 pages"])
    price: Money
    is_digital: bool = Field(description="It needs no delivery.")
    availability: Literal["in_stock", "few_left", "sold_out"]
    left: int | None = Field(description="How many there are, with `few_left` only.", examples=[3])


class ProductOut(Schema):
    """A product as listings show it."""

    slug: str = Field(examples=["middlemarch"])
    title: str = Field(examples=["Middlemarch"])
    author: str = Field(examples=["George Eliot"])
    years: str = Field(description="When it first came out, in words.", examples=["1871–72"])
    language: str = Field(examples=["English"])
    category: CategoryOut
    cover: CoverOut | None
    price_from: Money
    availability: Literal["in_stock", "few_left", "sold_out"] = Field(description="Of all variants together.")
    left: int | None = Field(description="How many copies there are, with `few_left` only.", examples=[None])
    variants: list[VariantOut]


class ProductDetailOut(ProductOut):
    """A product as its page shows it."""

    description: str = Field(examples=["One town and four marriages."])
    quote: str = Field(examples=[""])
    pages: int | None = Field(examples=[904])
    images: list[CoverOut]
    related: list[ProductOut]


class ListingOut(Schema):
    """A part of a listing, in its order."""

    items: list[ProductOut]
    next: str | None = Field(
        description="What to send as `cursor` for the next part; null at the end.",
        examples=["eyJwYWdlIjogMn0"],
    )


class CategoriesOut(Schema):
    """Every category, in the order of the shop."""

    items: list[CategoryOut]


class OptionOut(Schema):
    """A choice, and how many products one finds with it."""

    value: str = Field(description="What to send.", examples=["fiction"])
    words: str = Field(examples=["Fiction"])
    count: int = Field(examples=[12])
    chosen: bool


class FacetsOut(Schema):
    """What a listing has, and what its filters lead to. Counts end at 1001."""

    count: int = Field(description="How many products the filters let through.", examples=[12])
    in_stock: int = Field(description="Of how many a variant can be had.", examples=[11])
    more: bool = Field(description="Counting ended early: every count may be higher.")
    categories: list[OptionOut]
    formats: list[OptionOut]
    prices: list[OptionOut]
    authors: list[OptionOut]
    meant: str | None = Field(
        description="Where a search finds nothing: the nearest words that do.", examples=[None]
    )


class SuggestionOut(Schema):
    """A product that somebody who is typing may look for."""

    slug: str = Field(examples=["middlemarch"])
    title: str = Field(examples=["Middlemarch"])
    author: str = Field(examples=["George Eliot"])


class SuggestionsOut(Schema):
    """A few products, the likeliest first."""

    items: list[SuggestionOut]


class CartProductOut(Schema):
    """The product that a line is of."""

    slug: str = Field(examples=["middlemarch"])
    title: str = Field(examples=["Middlemarch"])
    author: str = Field(examples=["George Eliot"])
    cover: CoverOut | None


class CartLineOut(Schema):
    """A line of a cart as it is worth now."""

    id: int = Field(examples=[31])
    book: CartProductOut
    variant: VariantOut
    quantity: int = Field(examples=[2])
    most: int = Field(description="The most one may choose.", examples=[99])
    unit_price: Money
    total: Money


class ChangeOut(Schema):
    """What became different since the cart was last looked at. It is told once."""

    kind: Literal["price", "quantity", "sold_out", "gone"]
    title: str = Field(examples=["Middlemarch, paperback"])
    before: int = Field(description="The price or quantity there was; 0 with other kinds.", examples=[1100])
    after: int = Field(description="The price or quantity there is; 0 with other kinds.", examples=[1250])


class CartOut(Schema):
    """A cart, looked at again just now: prices and stock are today's."""

    token: str | None = Field(
        description="Of a visitor's cart: send it as `X-Cart-Token` from now on. Null in an account, or without a cart.",
        examples=["4hJk…:1tXyZ…:sIgN…"],
    )
    lines: list[CartLineOut]
    count: int = Field(description="How many products.", examples=[2])
    subtotal: Money
    currency: str = Field(examples=["eur"])
    needs_delivery: bool
    changes: list[ChangeOut]
    notices: list[str] = Field(
        description="Sentences for the customer, as after log-in, when two carts became one."
    )


class LineIn(BaseModel):
    """Products for the cart."""

    variant: Id = Field(description="The variant's id.", examples=[12])
    quantity: Quantity = Field(1, description="1 to MAX_LINE_QUANTITY (99).", examples=[2])


class QuantityIn(BaseModel):
    """How many of a line there shall be."""

    quantity: Quantity = Field(description="0 takes the line out.", examples=[3])


def category_out(category: Category) -> CategoryOut:
    """Return a category's JSON."""
    return CategoryOut(slug=category.slug, name=translate_value(category.name))


def cover_out(image: ProductImage | None) -> CoverOut | None:
    """Return a picture's JSON."""
    if image is None:
        return None
    return CoverOut(url=image.file.url, alt=image.alt, width=image.width, height=image.height)


def variant_out(variant: Variant, stock: int | None = None) -> VariantOut:
    """Return a variant's JSON to somebody for whom there are `stock` of it (None: what is on the shelf)."""
    found = availability.of_stock(variant, variant.stock if stock is None else stock)
    return VariantOut(
        id=variant.pk,
        sku=variant.sku,
        name=translate_value(variant.name),
        detail=translate_value(variant.detail),
        price=variant.price,
        is_digital=variant.is_digital,
        availability="in_stock" if found.code == "digital" else found.code,
        left=found.left,
    )


def _product_facts(shown: ProductPresenter) -> dict[str, Any]:
    found = shown.availability
    return {
        "slug": shown.product.slug,
        "title": shown.product.title,
        "author": shown.product.author,
        "years": shown.years,
        "language": translate_value(shown.product.language),
        "category": category_out(shown.product.category),
        "cover": cover_out(shown.cover),
        "price_from": shown.price_from,
        "availability": "in_stock" if found.code == "digital" else found.code,
        "left": found.left,
        "variants": [variant_out(variant) for variant in shown.variants],
    }


def products_out(products: Iterable[ProductPresenter]) -> list[ProductOut]:
    """Return the JSON of products in a listing. Their categories must have come along."""
    return [ProductOut(**_product_facts(shown)) for shown in products]


def product_detail_out(shown: ProductPresenter, related: Iterable[ProductPresenter]) -> ProductDetailOut:
    """Return a product's JSON with all that its page shows."""
    images = [cover_out(image) for image in shown.images]
    return ProductDetailOut(
        **_product_facts(shown),
        description=shown.product.description,
        quote=shown.product.quote,
        pages=shown.product.pages,
        images=[image for image in images if image],
        related=products_out(related),
    )


def facets_out(listing: Listing) -> FacetsOut:
    """Return the JSON of a listing's counts."""

    def options(found: Iterable[Option]) -> list[OptionOut]:
        return [
            OptionOut(value=one.value, words=one.text, count=one.count, chosen=one.chosen) for one in found
        ]

    return FacetsOut(
        count=listing.count,
        in_stock=listing.facets.in_stock,
        more=listing.facets.more,
        categories=options(listing.category_options),
        formats=options(listing.format_options),
        prices=options(listing.price_options),
        authors=options(listing.author_options),
        meant=listing.meant.text if listing.meant else None,
    )


def cart_out(cart: Cart | None, page: CartPage, notices: list[str]) -> CartOut:
    """Return a cart's JSON; `cart` is None where nothing was ever put into one."""
    review = page.review
    return CartOut(
        token=(signed_token(cart) or None) if cart else None,
        lines=[_line_out(row) for row in page.rows],
        count=review.count,
        subtotal=review.subtotal,
        currency=settings.STORE_CURRENCY,
        needs_delivery=review.needs_delivery,
        changes=[change_out(change) for change in review.changes],
        notices=notices,
    )


def _line_out(row: Row) -> CartLineOut:
    line = row.line
    product = line.variant.product
    return CartLineOut(
        id=line.id,
        book=CartProductOut(
            slug=product.slug,
            title=product.title,
            author=product.author,
            cover=cover_out(line.cover),
        ),
        variant=variant_out(line.variant, max(line.available, line.variant.stock)),
        quantity=line.quantity,
        most=row.most,
        unit_price=line.unit_price,
        total=line.total,
    )


def change_out(change: Change) -> ChangeOut:
    """Return what became different, as JSON."""
    return ChangeOut(kind=change.kind, title=change.title, before=change.before, after=change.after)
