"""Django's settings, read from the environment or `.env`. What each one means: `.env.example`."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from config import environment, stripe_keys
from config.environment import choice, env, flag, number, origins, read_dotenv, sender, text, words

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
if "PYTEST_VERSION" not in os.environ:  # tests must not depend on what a developer keeps there
    read_dotenv(BASE_DIR / ".env")


# --- The shop ---

DEBUG = flag("DEBUG", default=True)
STORE_NAME = " ".join(text("STORE_NAME", "Folio").split())
STORE_CURRENCY = text("STORE_CURRENCY", "eur").lower()
STORE_COUNTRY = text("STORE_COUNTRY", "NL").upper()
SELLER_NAME, SELLER_ADDRESS = text("SELLER_NAME", STORE_NAME), text("SELLER_ADDRESS", "")
SELLER_VAT_ID, SELLER_EMAIL = text("SELLER_VAT_ID", ""), text("SELLER_EMAIL", "")
PRICES_INCLUDE_TAX = flag("PRICES_INCLUDE_TAX", default=True)
ORDER_TTL_MINUTES = number("ORDER_TTL_MINUTES", 30)
MAX_LINE_QUANTITY = number("MAX_LINE_QUANTITY", 99)
RATE_LIMITS = flag("RATE_LIMITS", default=True)
PAGE_CACHE = flag("PAGE_CACHE", default=True)
TRUSTED_PROXIES = number("TRUSTED_PROXIES", 0, least=0)


# --- Start-up: nothing unsafe may start without DEBUG ---

_missing: list[str] = []


def _needed(name: str, development: str) -> str:
    value = text(name, development if DEBUG else "")
    if not value:
        _missing.append(name)
    return value


USES_STANDIN = DEBUG and not text("STRIPE_SECRET_KEY", "")
SECRET_KEY = _needed("SECRET_KEY", "for development only, never behind a public address")
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", _needed("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver"))
_STRIPE_SECRET_KEY = _needed("STRIPE_SECRET_KEY", "sk_test_standin")
_STRIPE_PUBLISHABLE_KEY = _needed("STRIPE_PUBLISHABLE_KEY", "pk_test_standin" if USES_STANDIN else "")
if not DEBUG:  # without it every webhook is refused
    _needed("STRIPE_WEBHOOK_SECRET", "")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
_HERE = (
    f"http://127.0.0.1:{number('PORT', 8000)}"
    if DEBUG
    else f"https://{''.join(ALLOWED_HOSTS[:1]).lstrip('.') or 'missing'}"
)
# Mails are written where nobody asked for a page, so they cannot know under which name that was.
STORE_URL = text("STORE_URL", _HERE).rstrip("/")
environment.refuse_start(
    missing=_missing,
    short_keys=not DEBUG and any(0 < len(key) < 32 for key in (SECRET_KEY, *SECRET_KEY_FALLBACKS)),
    any_host=not DEBUG and "*" in ALLOWED_HOSTS,
    store_url=STORE_URL,
)
# Under which path of its host the shop stands, "" or "/shop". No request can say another.
FORCE_SCRIPT_NAME = urlsplit(STORE_URL).path


# --- Stripe: with no key, the local stand-in ---

_STANDIN = f"http://127.0.0.1:{number('STANDIN_PORT', 12111)}"
STRIPE = stripe_keys.check(
    secret_key=_STRIPE_SECRET_KEY,
    publishable_key=_STRIPE_PUBLISHABLE_KEY,
    api_base=text("STRIPE_API_BASE", _STANDIN if USES_STANDIN else stripe_keys.STRIPE_API_BASE),
    js_url=text(
        "STRIPE_JS_URL", f"{_STANDIN}/endive/stripe.js" if USES_STANDIN else stripe_keys.STRIPE_JS_URL
    ),
    debug=DEBUG,
    rate_limits=RATE_LIMITS,
)
STRIPE_WEBHOOK_SECRETS = words("STRIPE_WEBHOOK_SECRET", "whsec_standin" if USES_STANDIN else "")


# --- Other programs: where events are sent to ---

WEBHOOKS_PRIVATE = flag("WEBHOOKS_PRIVATE", default=DEBUG)


# --- Django ---

INSTALLED_APPS = [
    "accounts.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.usersessions",
    "allauth.mfa",
    "corsheaders",
    "crispy_forms",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "accounts",
    "shop",
    "checkout",
]

MIDDLEWARE = [
    "config.health.Probes",
    *(["config.proxies.TrustedProxies"] if TRUSTED_PROXIES else []),
    "shop.page_cache.middleware.PublicPages",
    "accounts.deadline.RequestDeadline",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "shop.i18n.languages.LanguageMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.nul.WithoutNul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shop.cart.session.CartCookieMiddleware",
    "config.api_errors.JsonErrors",
    "config.api.HeadAsGet",
    *(["config.errors.NotFoundInTheShopsLook"] if DEBUG else []),
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# Pages are Jinja2's. In Django's own language is what stands beside templates of packages: the admin, forms and mails.
DJANGO_TEMPLATES = (
    *("admin/", "shop/admin/", "forms/", "mail/"),
    *(
        "account/email/",
        "account/messages/",
        "mfa/email/",
        "mfa/messages/",
        "mfa/recovery_codes/download.txt",
    ),
)
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "config.jinja.Environments",
            # A line with nothing but a tag leaves nothing behind.
            "trim_blocks": True,
            "lstrip_blocks": True,
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.context_processors.shop",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ("forms",)
CRISPY_TEMPLATE_PACK = "forms"


# --- Database, cache, background work ---


def _database() -> dict[str, Any]:
    database: dict[str, Any] = env.db_url_config(
        text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'folio.sqlite3'}")
    )
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # IMMEDIATE takes the write lock at BEGIN: a transaction that reads first and writes later can then
        # never fail half way with "database is locked".
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
        # To open the file anew for each request costs more than a kept page does. (PostgreSQL has a pool.)
        database["CONN_MAX_AGE"] = 0 if DEBUG else None
        # Tests use a file too, so that threads and processes meet in it as they do in production.
        file = Path(database["NAME"])
        database["TEST"] = {"NAME": file.with_name(f"test_{file.name}")}
    else:
        # Psycopg's own most is 4, fewer than a process has threads; and its wait for a server that is gone 30 seconds.
        pool = {"min_size": 1, "max_size": 32, "timeout": 3}
        database["OPTIONS"] = {**database.get("OPTIONS", {}), "pool": pool}
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_CACHE_URL = text("CACHE_URL", "locmemcache://")
CACHES = {"default": env.cache_url_config(_CACHE_URL)}
CACHE_IS_SHARED = not _CACHE_URL.startswith(("locmem", "dummy"))
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache":
    CACHES["default"]["BACKEND"] = "config.shared_cache.RedisOrMemory"
# Sessions are in the database alone: a cache that was away would come back with those of people who logged out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

TASKS_RUN = choice("TASKS", "inline", ("inline", "database"))
TASKS = {
    "default": {
        "BACKEND": {
            "inline": "django_tasks.backends.immediate.ImmediateBackend",
            "database": "django_tasks_db.DatabaseBackend",
        }[TASKS_RUN],
    }
}


# --- Accounts ---

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "accounts.passwords.StaffLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.ShopNameValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "shop:home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ON_ADDRESS_PROVEN = "checkout.orders.access.claim"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGOUT_REDIRECT_URL = "shop:home"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = (
    True  # the password once more before addresses change, as before second factors
)
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "allauth.account.forms.EmailAwarePasswordResetTokenGenerator"  # noqa: S105 - the name of a class
ACCOUNT_DEFAULT_HTTP_PROTOCOL = STORE_URL.partition(":")[0]
# Apps log in at /_allauth/app/v1/ and get a session token. Browsers have the pages, and their cookie.
HEADLESS_CLIENTS = ("app",)
HEADLESS_TOKEN_STRATEGY = "accounts.tokens.TokenStrategy"  # noqa: S105 - the name of a class
HEADLESS_ADAPTER = "accounts.adapter.HeadlessAdapter"
# The second factor. Staff need one where this says so, and are logged out after half a day.
STAFF_MFA = choice("STAFF_MFA", "optional" if DEBUG else "required", ("optional", "required"))
STAFF_SESSION_AGE = 60 * 60 * 12
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = (
    DEBUG  # passkeys work at http://localhost:8000, and nowhere else without TLS
)
MFA_TOTP_TOLERANCE = 1  # clocks of phones are a little off
MFA_FORMS = {
    "authenticate": "accounts.second_factor.AuthenticateForm",
    "reauthenticate": "accounts.second_factor.ReauthenticateForm",
    "activate_totp": "accounts.second_factor.ActivateTOTPForm",
    "add_webauthn": "accounts.second_factor.AddWebAuthnForm",
    "edit_webauthn": "accounts.second_factor.EditWebAuthnForm",
}
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.passwords.SignupChecks"
# Keys: of login_failed an account at one address, of the next two a known browser, and an account wherever it is tried.
# Of mail_to_mailbox, whoever gets the mail; it is for what anybody can have sent.
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    "signup": "10/m/ip,60/h/ip",
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "login_failed_known": "10/5m/key",
    "login_failed_account": "100/h/key",
    "mail_to_mailbox": "20/h/key",
}
if not RATE_LIMITS:
    ACCOUNT_RATE_LIMITS = False


# --- E-mail ---

EMAIL_CONFIG = env.email_url_config(
    text("EMAIL_URL", f"filemail:///{VAR_DIR / 'mail'}" if DEBUG else "smtp://localhost:25")
)
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = sender("DEFAULT_FROM_EMAIL", STORE_NAME, "shop@example.org")
EMAIL_TIMEOUT = 5


# --- Security ---

# With the prefix, browsers take a cookie only by TLS and for this one host: a neighbour cannot set it.
# https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
_COOKIE = "" if DEBUG else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_COOKIE}sessionid", f"{_COOKIE}csrftoken"
LANGUAGE_COOKIE_NAME, CART_COOKIE_NAME = f"{_COOKIE}language", f"{_COOKIE}cart"
DEVICE_COOKIE_NAME, MESSAGES_COOKIE_NAME = f"{_COOKIE}device", f"{_COOKIE}messages"
MESSAGE_STORAGE = "accounts.notices.NoticeStorage"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token, and the API tells it
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not DEBUG
if TRUSTED_PROXIES:  # the outermost speaks TLS, and says so
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Lax, not Strict: the return from a bank's page is a cross-site GET, and it must still find the customer logged in.
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_HSTS_SECONDS = 0 if DEBUG else 60 * 60 * 24 * 365
SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("HSTS_SUBDOMAINS", default=False)
SECURE_REFERRER_POLICY = "same-origin"
# Wallets and banks open windows of their own, which strict isolation would cut off.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"
X_FRAME_OPTIONS = "DENY"

# What Stripe.js needs: https://docs.stripe.com/security/guide#content-security-policy
_AT_STRIPE = STRIPE.js_origin == "https://js.stripe.com"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", STRIPE.js_origin, *(["https://*.js.stripe.com"] if _AT_STRIPE else [])],
        "frame-src": [
            STRIPE.js_origin,
            *(["https://*.js.stripe.com", "https://hooks.stripe.com"] if _AT_STRIPE else []),
        ],
        "connect-src": ["'self'", STRIPE.api_base],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}


# Storefronts on another origin. They bring tokens, never cookies, so credentials stay off.
CORS_ALLOWED_ORIGINS = origins("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/(api|_allauth)/"
CORS_ALLOW_HEADERS = [
    *("accept", "accept-language", "content-type", "if-none-match"),
    *("x-session-token", "x-cart-token", "x-order-key", "idempotency-key"),
]
CORS_EXPOSE_HEADERS = ["etag", "retry-after", "ratelimit", "ratelimit-policy", "idempotency-replayed"]


# --- Files ---

STATIC_URL = f"{FORCE_SCRIPT_NAME}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # also makes var/, where the database will be
MEDIA_URL = f"{FORCE_SCRIPT_NAME}/media/"
MEDIA_ROOT = VAR_DIR / "media"
# What is sold as a file: no address leads there but an order's.
PRIVATE_ROOT = Path(text("PRIVATE_ROOT", str(VAR_DIR / "private")))
X_ACCEL_REDIRECT = text("X_ACCEL_REDIRECT", "")
DOWNLOAD_LIMIT = number("DOWNLOAD_LIMIT", 10)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {"BACKEND": "shop.media.private.PrivateStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Source maps are larger than all other files together, and only a developer's tools ask for them.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")


# --- Language, time, logs ---

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formats"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
USE_I18N = True
TIME_ZONE = text("TIME_ZONE", "Europe/Amsterdam")
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "accounts": {"level": "INFO"},
        "checkout": {"level": "INFO"},
        "django": {"handlers": [], "level": "INFO"},
        "django.utils.autoreload": {"level": "WARNING"},
        # At DEBUG the stripe logger writes whole bodies, client secrets included.
        "stripe": {"level": "WARNING"},
    },
}
