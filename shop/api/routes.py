"""The catalogue and the cart as JSON. Each handler parses, calls one verb, and renders."""

from django.http import HttpRequest
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page
from ninja import Path, Query, Router, Schema
from ninja.decorators import decorate_view
from pydantic import Field

from shop.api.auth import ANYONE
from shop.api.schemas import (
    CartOut,
    CategoriesOut,
    FacetsOut,
    LineIn,
    ListingOut,
    PathId,
    ProductDetailOut,
    QuantityIn,
    SuggestionOut,
    SuggestionsOut,
    Text,
    TextLinkOut,
    TextPageOut,
    TextPagesOut,
    cart_out,
    category_out,
    facets_out,
    product_detail_out,
    products_out,
)
from shop.cart import lines, session
from shop.cart.page import cart_page
from shop.catalogue import listing, product_page, products, search, text_pages
from shop.catalogue.filters import Filters, Sort
from shop.forms import read_filters
from shop.models import Cart, Category, Format
from shop.page_cache.middleware import public as kept

catalogue_router = Router(tags=["Catalogue"])
cart_router = Router(tags=["Cart"], auth=ANYONE)

# The same for everybody, but not of the catalogue.
public = decorate_view(
    cache_control(public=True, max_age=0, must_revalidate=True), conditional_page, gzip_page
)
# What is of the catalogue, kept ready until that changes; each names the query parameters that it looks at.
_FILTERS = ("q", "category", "in_stock", "format", "price", "author", "sort")
_listed = decorate_view(kept(*_FILTERS, "cursor"))
_counted = decorate_view(kept(*_FILTERS))
_searched = decorate_view(kept("q"))
_shown = decorate_view(kept())


class FiltersIn(Schema):
    """Which products to list, and in which order."""

    q: Text = Field("", description="Words to search for.", examples=["middlemarch"])
    category: Text = Field("", description="A category's slug.", examples=["fiction"])
    in_stock: bool = Field(default=False, description="Only products of which a variant can be had.")
    format: Format | None = Field(None, description="Only products with a variant of this format.")
    price: Text = Field("", description="A range of prices in minor units.", examples=["500-1000", "3000-"])
    author: Text = Field("", description="An author, spelt as in the catalogue.", examples=["George Eliot"])
    sort: Sort | None = Field(None, description="By title if left out; of a search, the best match first.")

    def read(self) -> Filters:
        """Return the choices of a listing, read as those of its page."""
        sent = {name: value or "" for name, value in self.dict().items()}
        return read_filters({**sent, "in_stock": "1" if self.in_stock else ""})


class ListingIn(FiltersIn):
    """Which part of a listing."""

    cursor: Text = Field("", description="`next` of the part before; empty for the first.")


@catalogue_router.get(
    "/products",
    response=ListingOut,
    operation_id="list_products",
    summary="List or search products",
    openapi_extra={"x-errors": [404]},
)
@_listed
def list_products(request: HttpRequest, wanted: Query[ListingIn]) -> ListingOut:  # noqa: ARG001 - ninja's signature
    """Return the products that all filters let through, a part at a time.

    A cursor belongs to the filters and the sort that it came with.
    """
    part = listing.part(wanted.read(), wanted.cursor)
    return ListingOut(items=products_out(part.products), next=part.next)


@catalogue_router.get(
    "/facets",
    response=FacetsOut,
    operation_id="get_facets",
    summary="Count what each filter leads to",
    openapi_extra={"x-errors": [404]},
)
@_counted
def get_facets(request: HttpRequest, wanted: Query[FiltersIn]) -> FacetsOut:  # noqa: ARG001 - ninja's signature
    """Return how many products there are, and how many each other choice would lead to.

    Where a search finds nothing, `meant` is what may have been meant.
    """
    return facets_out(listing.listing(wanted.read()))


class SuggestIn(Schema):
    """What is being typed."""

    q: Text = Field(description="The beginning of a search.", examples=["middle"])


@catalogue_router.get(
    "/suggestions", response=SuggestionsOut, operation_id="list_suggestions", summary="Suggest while typing"
)
@_searched
def list_suggestions(request: HttpRequest, typed: Query[SuggestIn]) -> SuggestionsOut:  # noqa: ARG001 - ninja's signature
    """Return a few products for what is being typed, the likeliest first."""
    found = search.suggest(read_filters({"q": typed.q}).q)
    return SuggestionsOut(items=[SuggestionOut(**each._asdict()) for each in found])


@catalogue_router.get(
    "/products/{slug}", response=ProductDetailOut, operation_id="get_product", summary="Show one product"
)
@_shown
def get_product(request: HttpRequest, slug: Path[Text]) -> ProductDetailOut:  # noqa: ARG001 - ninja's signature
    """Return a product with its variants, its pictures, and others of its category."""
    shown = product_page.by_slug(slug)
    return product_detail_out(shown, products.by_ids(product_page.neighbours(shown.product)))


@catalogue_router.get(
    "/categories", response=CategoriesOut, operation_id="list_categories", summary="List the categories"
)
@_shown
def list_categories(request: HttpRequest) -> CategoriesOut:  # noqa: ARG001 - ninja's signature
    """Return every category, in the order of the shop."""
    return CategoriesOut(items=[category_out(category) for category in Category.objects.all()])


@catalogue_router.get(
    "/pages", response=TextPagesOut, operation_id="list_pages", summary="List the pages of text"
)
@_shown
def list_pages(request: HttpRequest) -> TextPagesOut:  # noqa: ARG001 - ninja's signature
    """Return terms, privacy, imprint and their like, in the order of the footer."""
    return TextPagesOut(items=[TextLinkOut.of(link) for link in text_pages.links()])


@catalogue_router.get(
    "/pages/{slug}", response=TextPageOut, operation_id="get_page", summary="Show a page of text"
)
@_shown
def get_page(request: HttpRequest, slug: Path[Text]) -> TextPageOut:  # noqa: ARG001 - ninja's signature
    """Return a page in the language asked for or, where it has no text in that, in another."""
    page = text_pages.by_slug(slug)
    return TextPageOut(**TextLinkOut.of(page).dict(), text=page.text)


class Notices(list[str]):
    """Keeps what a page would have shown as messages, for the answer."""

    def tell(self, _request: HttpRequest, _level: int, text: str) -> None:
        """Keep a sentence."""
        self.append(text)


def _answer(cart: Cart | None, notices: list[str]) -> CartOut:
    return cart_out(cart, cart_page(cart), notices)


@cart_router.get("/cart", response=CartOut, operation_id="get_cart", summary="Look at the cart")
def get_cart(request: HttpRequest) -> CartOut:
    """Return the cart as it is worth now, and what changed since it was last looked at.

    With a visitor's cart token beside a log-in, the visitor's cart is brought into the account's.
    """
    notices = Notices()
    return _answer(session.find_cart(request, tell=notices.tell), notices)


@cart_router.post(
    "/cart/lines",
    response={201: CartOut},
    operation_id="add_to_cart",
    summary="Put products into the cart",
    openapi_extra={"x-errors": [404]},
)
def add_to_cart(request: HttpRequest, wanted: LineIn) -> CartOut:
    """Add to what is there. A visitor's first answer carries the cart's `token`: keep it, and send it along."""
    notices = Notices()
    line = session.put_in(request, wanted.variant, wanted.quantity, tell=notices.tell)
    return _answer(line.cart, notices)


@cart_router.patch(
    "/cart/lines/{id}", response=CartOut, operation_id="change_cart_line", summary="Change how many"
)
def change_cart_line(request: HttpRequest, id: Path[PathId], wanted: QuantityIn) -> CartOut:  # noqa: A002 - its name in the address
    """Set the quantity of a line; 0 takes it out."""
    return _change(request, id, wanted.quantity)


@cart_router.delete(
    "/cart/lines/{id}", response=CartOut, operation_id="remove_cart_line", summary="Take a line out"
)
def remove_cart_line(request: HttpRequest, id: Path[PathId]) -> CartOut:  # noqa: A002 - its name in the address
    """Take a line out of the cart."""
    return _change(request, id, 0)


def _change(request: HttpRequest, line_id: int, quantity: int) -> CartOut:
    notices = Notices()
    cart = session.find_cart(request, tell=notices.tell)
    if cart is None:
        raise lines.UnknownLineError
    lines.change(cart, line_id, quantity)
    return _answer(cart, notices)
