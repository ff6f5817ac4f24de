"""Every address of the shop."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config import health, styleguide

urlpatterns = [
    path("", include("shop.urls")),
    path("", include("checkout.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]

handler500 = "config.errors.broken"

if settings.DEBUG:
    urlpatterns += [path("styleguide/", styleguide.page)]
