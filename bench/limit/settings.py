"""A Django project that does as little as one can: what our pages are measured against."""

import os

import environ

DEBUG = False
SECRET_KEY = "measured on this machine only, never behind a public address"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.limit.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "bench.limit",
]
# As `django-admin startproject` writes it, or none at all.
MIDDLEWARE = (
    [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
    if os.environ["LIMIT"] == "list"
    else []
)
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": environ.Env().db_url_config(os.environ["LIMIT_DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
