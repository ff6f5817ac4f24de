"""The admin of the catalogue. Stock is not edited but counted, with a reason."""

from shop.admin import carts, products, stock, text_pages

__all__ = ["carts", "products", "stock", "text_pages"]
