"""How often one may try, who is locked out, what is told of an account, and what a password must be."""

import logging
from typing import Any
from unittest.mock import Mock

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from tests.accounts.reading import Page
from tests.accounts.test_entering import log_in, who
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
TOO_MANY = "Too many tries. Wait a few minutes, then log in again"


@pytest.fixture
def limits(settings: Any) -> None:
    """The limits as they are outside of tests, but for whole addresses, from which all of a test's tries come."""
    del settings.ACCOUNT_RATE_LIMITS
    settings.ACCOUNT_RATE_LIMITS = {
        "login": None,
        "login_failed": "5/5m/key",
        "login_failed_known": "10/5m/key",
        "login_failed_account": "100/h/key",
        "signup": "10/m/ip",
        "reset_password": None,
        "mail_to_mailbox": "2/h/key",
    }


def fail(address: str, times: int = 6, email: str = "alice@example.org") -> Any:
    answers = [log_in(Client(REMOTE_ADDR=address), email, "wrong") for _try in range(times)]
    return answers[-1]


def test_f06_strangers_elsewhere_do_not_lock_the_owner_out(alice: User, limits: None) -> None:
    assert TOO_MANY in fail("203.0.113.7").text
    log_in(owner := Client(REMOTE_ADDR="198.51.100.1"))
    assert who(owner) == alice.email


def test_f06_who_fails_too_often_waits_at_both_doors_and_in_json(alice: User, limits: None) -> None:
    fail("203.0.113.7")
    log_in(stranger := Client(REMOTE_ADDR="203.0.113.7"))
    assert who(stranger) is None
    facts = {"email": alice.email, "password": PASSWORD}
    answer = stranger.post("/_allauth/app/v1/auth/login", facts, "application/json")
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, TOO_MANY)


def test_f06_one_customer_of_ipv6_is_one_however_many_addresses_it_has(alice: User, limits: None) -> None:
    for number in range(6):
        answer = fail(f"2001:db8:0:7:{number:x}::1", times=1)
    assert TOO_MANY in answer.text
    assert TOO_MANY not in fail("2001:db8:0:8::1", times=1).text


def test_f06_an_address_of_ipv4_in_the_clothes_of_ipv6_is_its_own(alice: User, limits: None) -> None:
    assert TOO_MANY in fail("::ffff:203.0.113.7").text
    assert TOO_MANY in fail("203.0.113.7", times=1).text
    assert TOO_MANY not in fail("::ffff:203.0.113.8", times=1).text


def test_f06_another_account_at_the_same_address_is_not_locked(alice: User, bob: User, limits: None) -> None:
    fail("203.0.113.7")
    log_in(client := Client(REMOTE_ADDR="203.0.113.7"), bob.email)
    assert who(client) == bob.email


def test_f06_an_account_is_locked_everywhere_only_after_many_and_never_where_it_was_known(
    alice: User, limits: None
) -> None:
    known = Client(REMOTE_ADDR="203.0.113.1")
    log_in(known)
    known.post("/accounts/logout/")
    for number in range(25):
        fail(f"203.0.113.{number}", times=4)
    log_in(stranger := Client(REMOTE_ADDR="198.51.100.1"))
    assert who(stranger) is None
    log_in(known)
    assert who(known) == alice.email


def test_f06_a_known_browser_does_not_guess_for_ever(alice: User, bob: User, limits: None) -> None:
    known = Client()
    log_in(known)
    known.post("/accounts/logout/")
    answers = [log_in(known, password="wrong").text for _try in range(11)]
    assert [TOO_MANY in answer for answer in answers] == [False] * 10 + [True]
    # It is known to alice's account alone.
    answers = [log_in(known, bob.email, "wrong").text for _try in range(6)]
    assert TOO_MANY in answers[-1]


@pytest.mark.parametrize("cookie", ["nonsense", "a:b:c", ""])
def test_f06_a_cookie_that_we_did_not_sign_is_of_no_known_browser(
    alice: User, limits: None, cookie: str
) -> None:
    client = Client()
    client.cookies["device"] = cookie
    answers = [log_in(client, password="wrong").text for _try in range(6)]
    assert TOO_MANY in answers[-1]


def test_f05_sign_up_is_limited_on_the_page_and_in_json_alike(limits: None) -> None:
    facts = {"email": "alice@example.org", "password1": "x", "password": "x"}
    tries = [Client().post("/accounts/signup/", facts).status_code for _try in range(11)]
    assert tries == [200] * 10 + [429]
    assert Client().post("/_allauth/app/v1/auth/signup", facts, "application/json").status_code == 429


@pytest.mark.parametrize("door", ["/accounts/login/", "/admin/login/", "/_allauth/app/v1/auth/login"])
def test_f05_a_password_is_hashed_for_an_unknown_account_too(
    alice: User, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    counts = {}
    for email in (alice.email, "nobody@example.org"):
        hashed = Mock(wraps=hashers.MD5PasswordHasher().encode)
        with monkeypatch.context() as patch:
            patch.setattr(hashers.MD5PasswordHasher, "encode", lambda _self, *args, to=hashed: to(*args))
            Client().post(
                door,
                {"login": email, "username": email, "email": email, "password": "wrong"},
                **({"content_type": "application/json"} if "_allauth" in door else {}),
            )
        counts[email] = hashed.call_count
    assert set(counts.values()) == {1}


def test_f05_adding_an_address_tells_nobody_who_has_an_account(
    alice: User, bob: User, as_alice: Client
) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    answers = [
        as_alice.post("/accounts/email/", {"action_add": "1", "email": email})
        for email in (bob.email, "nobody@example.org")
    ]
    assert answers[0].status_code == answers[1].status_code == 302


def test_a_failed_log_in_is_logged_by_a_hash(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="accounts"):
        for email in (alice.email, "ALICE@example.org", "nobody@example.org"):
            log_in(Client(), email, "wrong")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("accounts")]
    assert len(lines) == 3
    assert lines[0] == lines[1] != lines[2]
    assert "example.org" not in "".join(lines)


def test_a_log_in_is_logged_by_the_same_hash(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="accounts"):
        log_in(Client(), alice.email, "wrong")
        log_in(Client(), alice.email)
    failed, done = (record.getMessage() for record in caplog.records if record.name == "accounts.adapter")
    assert failed.split()[-1] == done.split()[-1]
    assert done.startswith("A log-in: account ")


@pytest.mark.parametrize(
    ("password", "is_staff", "is_good"),
    [
        ("short-7", False, False),
        ("eight-88", False, True),
        ("eight-88", True, False),
        ("twelve-12-it", True, True),
        ("password123", False, False),
        ("folio-2026", False, False),
        ("my-folio-of-old-maps", False, True),
        ("alice.liddell", False, False),
        ("alice@example.org", False, False),
    ],
)
def test_a_password_is_long_uncommon_and_not_near_to_who_it_is_of(
    password: str, is_staff: bool, is_good: bool
) -> None:
    user = User(email="alice@example.org", name="Alice Liddell", is_staff=is_staff)
    if is_good:
        validate_password(password, user)
    else:
        with pytest.raises(ValidationError):
            validate_password(password, user)


@pytest.mark.parametrize("password", ["carol@example.org", "password123", "folio2026"])
def test_a_bad_password_is_refused_at_sign_up_on_the_page_and_in_json(password: str) -> None:
    facts = {"email": "carol@example.org", "password1": password, "password": password}
    assert [target for target, _words in Page(Client().post("/accounts/signup/", facts)).summary] == [
        "id_password1"
    ]
    answer = Client().post("/_allauth/app/v1/auth/signup", facts, "application/json")
    assert (answer.status_code, {error["param"] for error in answer.json()["errors"]}) == (400, {"password"})
    assert not User.objects.exists()


@pytest.mark.parametrize("notes", [("", "", "", ""), ("", "+a", "+b", "+c")])
def test_strangers_do_not_fill_a_mailbox_and_are_told_the_same(
    alice: User, limits: None, notes: tuple[str, ...]
) -> None:
    answers = []
    for number, note in enumerate(notes):
        stranger = Client(REMOTE_ADDR=f"203.0.113.{number}")
        asked = stranger.post("/accounts/password/reset/", {"email": f"alice{note}@example.org"})
        answers.append((asked.status_code, asked["Location"]))
    assert len(mail.outbox) == 2
    assert set(answers) == {(302, "/accounts/password/reset/done/")}


def test_what_was_done_to_an_account_is_always_told(alice: User, as_alice: Client, limits: None) -> None:
    for number in range(3):
        Client(REMOTE_ADDR=f"203.0.113.{number}").post("/accounts/password/reset/", {"email": alice.email})
    mail.outbox.clear()
    new = "another-long-enough-one"
    as_alice.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new})
    assert [sent.to for sent in mail.outbox] == [[alice.email]]
