"""The shop's part of the admin. Stock is never typed over here: it is counted, with a reason."""

from shop.admin import carts, products, stock

__all__ = ["carts", "products", "stock"]
