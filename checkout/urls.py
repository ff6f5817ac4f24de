from django.urls import path

from checkout.pages import views

app_name = "checkout"

urlpatterns = [
    path("checkout/", views.checkout, name="checkout"),
    path("checkout/summary/", views.summary, name="summary"),
    path("checkout/<str:number>/pay/", views.pay, name="pay"),
    path("checkout/<str:number>/status/", views.status, name="status"),
    path("orders/", views.orders, name="orders"),
    path("orders/<str:number>/", views.order, name="order"),
]
