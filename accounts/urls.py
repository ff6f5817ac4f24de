from django.urls import include, path

from accounts import address_pages, views

urlpatterns = [
    path("", views.account, name="account"),
    path("sessions/", views.sessions, name="account_sessions"),
    path("addresses/", address_pages.listed, name="account_addresses"),
    path("addresses/add/", address_pages.add, name="account_address_add"),
    path("addresses/<int:pk>/", address_pages.change, name="account_address"),
    path("addresses/<int:pk>/remove/", address_pages.remove, name="account_address_remove"),
    path("addresses/<int:pk>/default/", address_pages.make_default, name="account_address_default"),
    path("two-steps/", include("allauth.mfa.urls")),
    path("", include("allauth.account.urls")),
]
