from django.urls import path

from checkout.pages import files, finding, invoices, order_actions, views

app_name = "checkout"

urlpatterns = [
    path("checkout/", views.checkout, name="checkout"),
    path("checkout/summary/", views.summary, name="summary"),
    path("checkout/<str:number>/pay/", views.pay, name="pay"),
    path("checkout/<str:number>/status/", views.status, name="status"),
    path("orders/", views.orders, name="orders"),
    path("orders/find/", finding.find, name="find_order"),
    path("orders/<str:number>/", views.order, name="order"),
    path("orders/<str:number>/cancel/", order_actions.cancel, name="cancel"),
    path("orders/<str:number>/again/", order_actions.again, name="again"),
    path("orders/<str:number>/files/<int:line>/", files.download, name="file"),
    path("orders/<str:number>/invoice/", invoices.page, name="invoice"),
    path("orders/<str:number>/invoice.pdf", invoices.invoice_pdf, name="invoice_pdf"),
    path("orders/<str:number>/credit-notes/<int:position>.pdf", invoices.credit_note_pdf, name="credit_note"),
    path("orders/<str:number>/<str:key>/", finding.by_key, name="order_by_key"),
]
