"""URLs that are the same in every language."""

from django.urls import path

from shop.seo import views

app_name = "outside"

urlpatterns = [
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemap-shelves.xml", views.sitemap_shelves, name="sitemap_shelves"),
    path("sitemap-books-<int:number>.xml", views.sitemap_products, name="sitemap_products"),
    path("social/<str:digest>.jpg", views.social_picture, name="social"),
    path("social/<slug:slug>/<str:digest>.jpg", views.social_picture, name="social"),
    path("media/<path:path>", views.media, name="media"),
]
