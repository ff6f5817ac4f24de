"""Addresses that are the same in every language."""

from django.conf import settings
from django.urls import path

from shop import outside

app_name = "outside"

urlpatterns = [
    path("robots.txt", outside.robots, name="robots"),
    path("favicon.ico", outside.favicon, name="favicon"),
    path("sitemap.xml", outside.sitemap, name="sitemap"),
    path("sitemap-shelves.xml", outside.sitemap_shelves, name="sitemap_shelves"),
    path("sitemap-books-<int:number>.xml", outside.sitemap_books, name="sitemap_books"),
    path("social/<str:digest>.jpg", outside.social_picture, name="social"),
    path("social/<slug:slug>/<str:digest>.jpg", outside.social_picture, name="social"),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", outside.media, name="media"),
]
