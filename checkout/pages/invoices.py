"""The invoice of an order as a page and as a PDF, and the credit notes of its refunds."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from checkout.fulfilment import documents, pdf
from checkout.models import Invoice, Order
from checkout.orders import access, invoices
from shop.cart.header import personal_half


@require_safe
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Show the invoice of a paid order, to read and to print, to whoever may see the order."""
    order = access.asked_for(request, number)
    context = {
        "order": order,
        "document": documents.read(_invoice(order)),
        "may_see": access.may_see(request, order),
        "personal": personal_half(request),
    }
    return _private(render(request, "checkout/invoice.html", context))


@require_safe
def invoice_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """Send the invoice of a paid order as a PDF."""
    return _pdf(_invoice(access.asked_for(request, number)))


@require_safe
def credit_note_pdf(request: HttpRequest, number: str, position: int) -> HttpResponse:
    """Send the credit note of one of an order's refunds as a PDF; the first is 1."""
    found = invoices.credit_notes(access.asked_for(request, number))
    if not 0 < position <= len(found):
        raise Http404
    return _pdf(found[position - 1])


def _invoice(order: Order) -> Invoice:
    found = order.invoices.filter(kind=Invoice.Kind.INVOICE).first()
    if found is None:
        raise Http404
    return found


def _pdf(invoice: Invoice) -> HttpResponse:
    name = content_disposition_header(as_attachment=False, filename=f"{invoice.number}.pdf") or ""
    content = pdf.draw(documents.read(invoice))
    headers = {"Content-Disposition": name, "X-Content-Type-Options": "nosniff"}
    return _private(HttpResponse(content, content_type="application/pdf", headers=headers))


def _private(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    response["Referrer-Policy"] = "no-referrer"
    return response
