"""Views of the shop's pages. Public ones depend on no session, user, message or token."""

from dataclasses import fields
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import push_url, trigger_client_event
from django_htmx.middleware import HtmxDetails

from accounts.redirects import is_own_page
from shop.cart import lines, session
from shop.cart.header import Personal, personal_half
from shop.cart.origin import same_origin
from shop.cart.page import WrongQuantity, cart_page
from shop.catalogue import listing, search, text_pages
from shop.catalogue.count_text import counted
from shop.catalogue.filters import Filters
from shop.catalogue.home import home as home_page
from shop.catalogue.product_page import ProductPage, page_of_variant, product_page
from shop.catalogue.products import ProductPresenter
from shop.errors import ShopError
from shop.forms import read_filters, read_quantity, read_variant
from shop.i18n import languages
from shop.i18n.links import absolute
from shop.models import Cart
from shop.money import written
from shop.page_cache.middleware import public
from shop.seo import social, structured


class Request(HttpRequest):
    """A request as django-htmx leaves it."""

    htmx: HtmxDetails


@public()
def home(request: HttpRequest) -> HttpResponse:
    """Show the first page."""
    now = timezone.localtime()
    page = home_page(now)
    return render(
        request,
        "shop/home.html",
        {
            "page": page,
            "now": now,
            "canonical": absolute(request.path),
            "picture": absolute(social.of_shop().url),
            "linked_data": structured.of_shop(),
            "categories": page.categories,
        },
    )


@public(*(field.name for field in fields(Filters)))
def products(request: HttpRequest) -> HttpResponse:
    """List products: all, of a category, or those that match a search."""
    filters = read_filters(request.GET)
    try:
        page = listing.listing(filters)
    except ShopError as error:
        return _refused(request, error)
    response = render(
        request,
        "shop/products.html",
        {
            "page": page,
            "filters": filters,
            "canonical": absolute(filters.url),
            "picture": absolute(social.of_shop().url),
            "categories": page.categories,
            "category": page.category,
            "all_products": not filters.category and not filters.q,
            "q": filters.q,
        },
    )
    # A form sends its empty fields too; what htmx writes into the address bar is the listing's own address.
    return push_url(response, filters.url)


@public("q")
def suggest(request: HttpRequest) -> HttpResponse:
    """Answer a few products for what is being typed [`q`], as options of the search field's list."""
    q = read_filters(request.GET).q
    return render(request, "shop/partials/suggestions.html", {"suggestions": search.suggest(q)})


@public()
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a product and its variants."""
    try:
        page = product_page(slug)
    except ShopError as error:
        return _refused(request, error)
    return _product_page(request, page)


def _product_page(request: HttpRequest, page: ProductPage, error: ShopError | None = None) -> HttpResponse:
    return render(
        request,
        "shop/product.html",
        {
            "page": page,
            "item": page.shown,
            "chosen": _chosen(page.shown, request.POST.get("variant")),
            "quantity": request.POST.get("quantity", "1"),
            "most": settings.MAX_LINE_QUANTITY,
            "error": error,
            "canonical": absolute(page.shown.product.get_absolute_url()),
            "picture": absolute(social.of_product(page.shown).url),
            "linked_data": structured.of_product(page.shown),
            "category": page.shown.product.category,
        },
        status=error.status if error else None,
    )


@public()
def text_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a page of text: terms, imprint, contact."""
    try:
        page = text_pages.by_slug(slug)
    except ShopError as error:
        return _refused(request, error)
    context = {"page": page, "canonical": absolute(page.url), "picture": absolute(social.of_shop().url)}
    return render(request, "shop/text_page.html", context)


def _chosen(item: ProductPresenter, asked: str | None) -> int | None:
    """Return the id of the variant that is chosen in the picker: the one asked for, else the first there is."""
    for variant in item.variants:
        if str(variant.pk) == asked and variant.stock:
            return variant.pk
    first = item.first_available
    return first.pk if first else None


def _refused(request: HttpRequest, error: ShopError) -> HttpResponse:
    return render(request, "shop/refused.html", {"error": error}, status=error.status)


@require_safe
@cache_control(private=True, no_store=True)
def personal(request: HttpRequest) -> HttpResponse:
    """Answer the personal half of a public page: name, cart count, messages."""
    return render(request, "shop/partials/personal.html", {"personal": personal_half(request)})


@require_safe
@cache_control(private=True, no_store=True)
def cart(request: Request) -> HttpResponse:
    """Show the cart with today's prices and what changed since it was last seen."""
    return _cart_page(request, session.find_cart(request))


# Where a form came back with an error, its address stays in the browser: to ask for that leads to the cart.
_writing = require_http_methods(["GET", "HEAD", "POST"])


@same_origin
@_writing
def add_line(request: Request) -> HttpResponse:
    """Put [`quantity`] of [`variant`] into the cart."""
    if request.method != "POST":
        return redirect("shop:cart")
    try:
        line = session.put_in(request, read_variant(request.POST), read_quantity(request.POST))
    except ShopError as error:
        return _not_added(request, error)
    text = _("In your cart. %s.") % line.title
    if not request.htmx:
        messages.success(request, text)
        return redirect("shop:new_cart" if session.is_new(request) else "shop:cart")
    half = Personal(lines.count(pk=line.cart_id))
    part = "card_said" if _from_card(request) else "added"
    response = render(
        request,
        f"shop/partials/{part}.html",
        {"text": text, "personal": half, "is_new": session.is_new(request)},
    )
    return _announced(
        response,
        _("%(title)s is in your cart. %(books)s.") % {"title": line.title, "books": counted(half.cart_count)},
    )


def _from_card(request: Request) -> bool:
    """Tell whether somebody pressed the button of a card in a list, where there is little room for an answer."""
    return "card" in {request.POST.get("from"), request.GET.get("from")}


@require_safe
@cache_control(private=True, no_store=True)
def new_cart(request: Request) -> HttpResponse:
    """Show a cart that was made a moment ago, or say why there is none: the browser refused the cookie."""
    found = session.find_cart(request)
    error = None if found else lines.CookiesRefusedError()
    if not request.htmx:
        return _cart_page(request, found, error)
    if error is None:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return trigger_client_event(_refused_in_place(request, error), "cart-changed")


def _refused_in_place(request: Request, error: ShopError) -> HttpResponse:
    """Answer htmx with an error, where the button was pressed."""
    if _from_card(request):
        response = render(request, "shop/partials/card_said.html", {"error": error}, status=error.status)
        return _announced(response, error.message)
    return render(request, "shop/partials/not_added.html", {"error": error}, status=error.status)


def _not_added(request: Request, error: ShopError) -> HttpResponse:
    if request.htmx:
        return _refused_in_place(request, error)
    try:
        page = page_of_variant(read_variant(request.POST))
    except ShopError:
        return _cart_page(request, session.find_cart(request), error)
    return _product_page(request, page, error)


@same_origin
@_writing
def change_line(request: Request, line_id: int) -> HttpResponse:
    """Set a line of the cart to [`quantity`]; 0 takes it out."""
    if request.method != "POST":
        return redirect("shop:cart")
    found = session.find_cart(request)
    try:
        quantity = read_quantity(request.POST)
        if found is None:
            raise lines.UnknownLineError
        title = lines.change(found, line_id, quantity)
    except ShopError as error:
        typed = WrongQuantity(line_id, request.POST.get("quantity", ""), error.message)
        return _cart_page(request, found, error, typed)
    if quantity:
        said = _("%(title)s: %(number)d in your cart.") % {"title": title, "number": quantity}
    else:
        said = _("%s removed.") % title
    if not request.htmx:
        messages.success(request, said)
        return redirect("shop:cart")
    return _cart_page(request, found, said=said, removed=None if quantity else line_id)


def _cart_page(
    request: Request,
    found: Cart | None,
    error: ShopError | None = None,
    typed: WrongQuantity | None = None,
    *,
    said: str = "",
    removed: int | None = None,
) -> HttpResponse:
    """Answer the cart's page or, to htmx, the part of it that changes. `said` is for the live region."""
    page = cart_page(found, typed)
    context = {
        "page": page,
        "error": error,
        "personal": Personal(page.review.count),
        "focus": page.row_after(removed) if removed else None,
        "emptied": removed and not page.rows,
    }
    status = error.status if error else None
    if not request.htmx:
        return render(request, "shop/cart.html", context, status=status)
    response = render(request, "shop/partials/cart_changed.html", context, status=status)
    total = _("Subtotal %s.") % written(page.review.subtotal)
    return _announced(response, error.message if error else f"{said} {total}")


def _announced(response: HttpResponse, words: str) -> HttpResponse:
    """Let the page's live region say something once the answer is in its place."""
    return trigger_client_event(response, "announce", {"value": words})


@require_safe
@cache_control(private=True, no_store=True)
def choose_language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the language that was chosen in the footer and go on to `next`, the same page in it."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    following = request.GET.get("next", "")
    response = HttpResponseRedirect(
        following if is_own_page(following) else languages.address_in(code, get_script_prefix())
    )
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
