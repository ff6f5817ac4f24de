from django.urls import path

from shop import views
from shop.seo.feed import NewProducts

app_name = "shop"

urlpatterns = [
    path("", views.home, name="home"),
    path("products/", views.products, name="products"),
    path("products/suggest/", views.suggest, name="suggest"),
    path("products/<slug:slug>/", views.product, name="product"),
    path("pages/<slug:slug>/", views.text_page, name="text_page"),
    path("new-books.atom", NewProducts(), name="new_products"),
    path("cart/", views.cart, name="cart"),
    path("cart/new/", views.new_cart, name="new_cart"),
    path("cart/lines/", views.add_line, name="cart_lines"),
    path("cart/lines/<int:line_id>/", views.change_line, name="cart_line"),
    path("fragments/personal/", views.personal, name="personal"),
]
