from django.urls import include, path

from accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("sessions/", views.sessions, name="account_sessions"),
    path("two-steps/", include("allauth.mfa.urls")),
    path("", include("allauth.account.urls")),
]
