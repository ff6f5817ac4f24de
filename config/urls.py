"""The root URLconf."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from checkout.pages import views as checkout
from config import styleguide
from config.api import api
from shop import views as shop

# Pages have one address in each language: /cart/ is English, /de/cart/ German. All else has one address.
urlpatterns = [
    *i18n_patterns(
        path("", include("shop.urls")),
        path("", include("checkout.urls")),
        path("accounts/", include("accounts.urls")),
        prefix_default_language=False,
    ),
    path("language/<str:code>/", shop.choose_language, name="language"),
    path("", include("shop.seo.urls")),
    path("webhooks/stripe/", checkout.webhook, name="webhook"),
    path("api/v1/", api.urls),
    path("_allauth/", include("accounts.app_urls")),
    path("admin/", admin.site.urls),
]

handler500 = "config.errors.broken"

if settings.DEBUG:
    urlpatterns += [path("styleguide/", styleguide.page)]
