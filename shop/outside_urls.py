"""Addresses that are the same in every language."""

from django.conf import settings
from django.urls import path

from shop import outside

app_name = "outside"

urlpatterns = [
    path("social/<str:digest>.jpg", outside.social_picture, name="social"),
    path("social/<slug:slug>/<str:digest>.jpg", outside.social_picture, name="social"),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", outside.media, name="media"),
]
