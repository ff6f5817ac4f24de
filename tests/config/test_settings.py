"""What the settings accept and refuse, in a process of their own, as a start would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DEBUG": "off",
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": "shop.example.org",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}
LIVE = {**PRODUCTION, "STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1"}


def start(shown: str = "DEBUG", **environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings with nothing but this environment, and print one of them."""
    code = f"from django.conf import settings; print(settings.{shown})"
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    # PYTEST_VERSION keeps a developer's own .env out.
    env = {**inherited, "PYTEST_VERSION": "1", "DJANGO_SETTINGS_MODULE": "config.settings", **environment}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def test_a_fresh_clone_starts_with_the_stand_in() -> None:
    started = start("STRIPE")
    assert "sk_test_standin" in started.stdout, started.stderr
    assert "http://127.0.0.1:12111" in started.stdout


def test_the_stand_ins_port_can_be_moved() -> None:
    assert "http://127.0.0.1:12999/endive/stripe.js" in start("STRIPE.js_url", STANDIN_PORT="12999").stdout


def test_two_test_keys_make_the_same_code_talk_to_stripe() -> None:
    keys = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_PUBLISHABLE_KEY": "pk_test_1"}
    assert start("STRIPE.api_base", **keys).stdout.strip() == "https://api.stripe.com"
    assert start("STRIPE.js_url", **keys).stdout.strip() == "https://js.stripe.com/endive/stripe.js"
    policy = start("CONTENT_SECURITY_POLICY", **keys).stdout
    for source in (
        "https://js.stripe.com",
        "https://*.js.stripe.com",
        "https://hooks.stripe.com",
        "https://api.stripe.com",
    ):
        assert source in policy
    assert "unsafe" not in policy


def test_production_starts_when_all_is_there() -> None:
    assert start(**PRODUCTION).stdout.strip() == "False"
    assert start("STRIPE.livemode", **LIVE).stdout.strip() == "True"


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "DEBUG"])
def test_f32_production_does_not_start_without(name: str) -> None:
    started = start(**{**PRODUCTION, name: ""})
    assert started.returncode != 0
    assert f"Missing settings: {name}." in started.stderr


def test_f32_all_that_is_missing_is_named_at_once() -> None:
    started = start(DEBUG="off")
    names = "SECRET_KEY, ALLOWED_HOSTS, STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY, STRIPE_WEBHOOK_SECRET"
    assert f"Missing settings: {names}." in started.stderr


def test_f22_no_shop_answers_under_any_name_that_somebody_makes_up() -> None:
    assert "ALLOWED_HOSTS" in start(**{**PRODUCTION, "ALLOWED_HOSTS": "shop.example.org,*"}).stderr
    assert start(DEBUG="on", ALLOWED_HOSTS="*").returncode == 0


def test_f20_the_path_of_the_shop_is_said_by_its_own_address_alone() -> None:
    assert start("FORCE_SCRIPT_NAME", **PRODUCTION).stdout == "\n"
    under = {**PRODUCTION, "STORE_URL": "https://example.org/books/"}
    assert start("FORCE_SCRIPT_NAME", **under).stdout == "/books\n"
    assert start("STATIC_URL", **under).stdout == "/books/static/\n"


@pytest.mark.parametrize(
    "address",
    [
        "example.org", "ftp://example.org", "https://", "https:///books", "https://example.org?shop=1",
        "https://example.org/#top", "https://user@example.org", "https://example.org:port", "https://a b.example",
        "https://example.org//books", "https://.example.org",
    ],
)  # fmt: skip
def test_an_address_that_no_link_could_begin_with_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="Write the address of the shop"):
        environment.refuse_start(missing=[], short_keys=False, any_host=False, store_url=address)


@pytest.mark.parametrize(
    "address",
    ["https://example.org", "http://localhost:8000", "https://bücher.example/a/b", "http://[::1]:8000"],
)
def test_an_address_of_a_shop_is_taken(address: str) -> None:
    environment.refuse_start(missing=[], short_keys=False, any_host=False, store_url=address)


def test_f32_an_address_that_is_none_is_named_with_all_else() -> None:
    wrong = {"STORE_URL": "example.org", "STRIPE_SECRET_KEY": "", "SECRET_KEY": "short", "ALLOWED_HOSTS": "*"}
    said = start(**{**PRODUCTION, **wrong}).stderr
    for sentence in (
        "Missing settings: STRIPE_SECRET_KEY.",
        "STORE_URL is “example.org”.",
        "too short",
        "is “*”",
    ):
        assert sentence in said


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({**LIVE, "STRIPE_API_BASE": "http://127.0.0.1:12111"}, "STRIPE_API_BASE"),
        ({**LIVE, "STRIPE_JS_URL": "http://127.0.0.1:12111/endive/stripe.js"}, "STRIPE_JS_URL"),
        ({**LIVE, "RATE_LIMITS": "off"}, "RATE_LIMITS"),
        ({**LIVE, "DEBUG": "on"}, "DEBUG"),
        ({**LIVE, "STRIPE_PUBLISHABLE_KEY": "pk_test_1"}, "STRIPE_PUBLISHABLE_KEY"),
        ({**PRODUCTION, "STRIPE_SECRET_KEY": "pk_test_1"}, "STRIPE_SECRET_KEY"),
        ({**PRODUCTION, "STRIPE_SECRET_KEY": "sk_test_"}, "STRIPE_SECRET_KEY"),
        ({**PRODUCTION, "SECRET_KEY": "short"}, "SECRET_KEY"),
        ({**PRODUCTION, "ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_PUBLISHABLE_KEY"),
        ({"DEBUG": "maybe"}, "DEBUG"),
        ({"ORDER_TTL_MINUTES": "soon"}, "ORDER_TTL_MINUTES"),
        ({"ORDER_TTL_MINUTES": "0"}, "ORDER_TTL_MINUTES"),
        ({"MAX_LINE_QUANTITY": "-3"}, "MAX_LINE_QUANTITY"),
        ({"TASKS": "later"}, "TASKS"),
        ({"CORS_ALLOWED_ORIGINS": "books.example.org"}, "CORS_ALLOWED_ORIGINS"),
        ({"CORS_ALLOWED_ORIGINS": "https://books.example.org/"}, "CORS_ALLOWED_ORIGINS"),
    ],
)
def test_a_bad_value_stops_the_start_and_is_named(environment: dict[str, str], named: str) -> None:
    started = start(**environment)
    assert started.returncode != 0
    assert "ImproperlyConfigured" in started.stderr
    assert named in started.stderr.splitlines()[-1]


def test_a_key_may_begin_with_a_dollar() -> None:
    """Django makes such keys. django-environ takes them for the name of another variable, and goes on without."""
    key = "$" + "x" * 49
    assert start("SECRET_KEY", **{**PRODUCTION, "SECRET_KEY": key}).stdout.strip() == key


def test_former_keys_are_read_and_short_ones_refused() -> None:
    former = {**PRODUCTION, "SECRET_KEY_FALLBACKS": f"{'y' * 50}, {'z' * 50}"}
    assert start("SECRET_KEY_FALLBACKS", **former).stdout.strip() == f"['{'y' * 50}', '{'z' * 50}']"
    assert "too short" in start(**{**PRODUCTION, "SECRET_KEY_FALLBACKS": "short"}).stderr


def test_no_other_origin_may_ask_the_api_unless_it_is_named() -> None:
    assert start("CORS_ALLOWED_ORIGINS").stdout.strip() == "[]"
    two = "https://a.example, http://localhost:5173"
    found = start("CORS_ALLOWED_ORIGINS", CORS_ALLOWED_ORIGINS=two).stdout.strip()
    assert found == "['https://a.example', 'http://localhost:5173']"


def test_cookies_are_secure_in_production_and_come_back_from_a_bank() -> None:
    shown = "SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_SAMESITE"
    assert start(shown, **PRODUCTION).stdout.strip() == "True True Lax"
    assert start(shown).stdout.strip() == "False False Lax"


def test_cookies_are_of_this_host_alone_in_production() -> None:
    kinds = ("SESSION", "CSRF", "LANGUAGE", "CART", "DEVICE", "MESSAGES")
    shown = ", settings.".join(f"{kind}_COOKIE_NAME" for kind in kinds)
    named = ["sessionid", "csrftoken", "language", "cart", "device", "messages"]
    assert start(shown).stdout.split() == named
    assert start(shown, **PRODUCTION).stdout.split() == [f"__Host-{name}" for name in named]


def test_browsers_keep_to_tls_for_a_year_and_for_subdomains_where_that_is_said() -> None:
    shown = "SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS"
    assert start(shown, **PRODUCTION).stdout.strip() == "31536000 False"
    assert start(shown, **PRODUCTION, HSTS_SUBDOMAINS="on").stdout.strip() == "31536000 True"


def test_staff_need_a_second_factor_in_production() -> None:
    assert start("STAFF_MFA").stdout.strip() == "optional"
    assert start("STAFF_MFA", **PRODUCTION).stdout.strip() == "required"
    assert start("STAFF_MFA", **PRODUCTION, STAFF_MFA="optional").stdout.strip() == "optional"
    assert "STAFF_MFA" in start("STAFF_MFA", STAFF_MFA="perhaps").stderr.splitlines()[-1]


def test_f21_what_is_kept_in_redis_may_be_lost() -> None:
    assert start("SESSION_ENGINE", CACHE_URL="redis://localhost:6379/0").stdout.strip().endswith(".db")
    assert "RedisOrMemory" in start("CACHES", CACHE_URL="redis://localhost:6379/0").stdout


def test_events_go_into_private_networks_only_in_development_or_where_that_is_said() -> None:
    assert start("WEBHOOKS_PRIVATE").stdout.strip() == "True"
    assert start("WEBHOOKS_PRIVATE", **PRODUCTION).stdout.strip() == "False"
    assert start("WEBHOOKS_PRIVATE", **PRODUCTION, WEBHOOKS_PRIVATE="on").stdout.strip() == "True"
