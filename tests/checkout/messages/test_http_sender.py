"""Posts to addresses that people typed in: what counts as an answer, and which addresses are refused."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from checkout.messages import http_sender
from checkout.messages.http_sender import UnsafeAddressError, check_url, is_public, post
from tests import receiver as other
from tests.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def public_only(settings: Any) -> None:
    settings.WEBHOOKS_PRIVATE = False


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_sender, "SECONDS", 0.2)


def test_the_body_and_headers_arrive_as_they_were_given(receiver: Receiver) -> None:
    answer = post(f"{receiver.url}?shop=folio", "{“é”}".encode(), {"X-One": "two"})
    assert (answer.status, answer.text, answer.error, answer.is_taken) == (200, "seen", "", True)
    [letter] = receiver.letters
    assert (letter.path, letter.body, letter.headers["X-One"]) == (
        "/hook?shop=folio",
        "{“é”}".encode(),
        "two",
    )


@pytest.mark.parametrize("status", [201, 202, 204, 299])
def test_every_status_of_two_hundred_takes_it(receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    assert post(receiver.url, b"{}", {}).is_taken


@pytest.mark.parametrize("status", [300, 400, 401, 404, 410, 429, 500, 503])
def test_every_other_status_does_not(receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    answer = post(receiver.url, b"{}", {})
    assert (answer.status, answer.is_taken) == (status, False)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.answers = [other.text(status, b"", Location=receiver.url), 200]
    answer = post(receiver.url, b"{}", {})
    assert (answer.status, answer.is_taken) == (status, False)
    assert len(receiver.letters) == 1


def test_of_a_long_answer_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.answers = [other.text(200, b"a\x00\xff" + b"x" * 100_000)]
    answer = post(receiver.url, b"{}", {})
    assert answer.text.startswith("a�xxx")
    assert len(answer.text) == http_sender.LONGEST_ANSWER - 1


@pytest.mark.parametrize("nonsense", [other.garbage, other.nothing])
def test_what_is_no_answer_is_written_down_as_such(receiver: Receiver, nonsense: Any) -> None:
    receiver.answers = [nonsense]
    answer = post(receiver.url, b"{}", {})
    assert answer.status is None
    assert answer.error.startswith(("BadStatusLine", "RemoteDisconnected"))
    assert "\x00" not in answer.error


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("way", ["say_nothing", "drip"])
def test_silence_and_an_endless_answer_are_cut_off(receiver: Receiver, way: str) -> None:
    receiver.answers = [getattr(receiver, way)]
    answer = post(receiver.url, b"{}", {})
    assert (answer.status, answer.error) == (None, "No answer in time")
    assert 200 <= answer.milliseconds < 2000


def test_a_status_counts_whatever_becomes_of_the_words_after_it(receiver: Receiver) -> None:
    receiver.answers = [other.text(200, b"no such chunk\r\n", Transfer_Encoding="chunked")]
    assert post(receiver.url, b"{}", {}).is_taken


def test_nobody_at_home_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    answer = post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert answer.status is None
    assert answer.error.startswith("ConnectionRefusedError")


def test_a_name_that_leads_nowhere_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert post("http://nowhere.example/", b"{}", {}).error.startswith("gaierror")


def test_a_server_that_does_not_speak_tls_is_no_answer(receiver: Receiver) -> None:
    answer = post(receiver.url.replace("http:", "https:"), b"{}", {})
    assert (answer.status, receiver.letters) == (None, [])
    assert "SSL" in answer.error


# --- Addresses ---


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1"),  # noqa: S104 - to be refused
        *("169.254.169.254", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::a00:1"),
        "2001:0:0:0:0:0:80ff:fffe",
    ],
)
def test_an_address_inside_a_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_on_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.usefixtures("public_only")
@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "ftp://example.org/", "//example.org/", "example.org", "https:///path", ""),
        *("https://me:secret@example.org/", "https://me@example.org/", "https://example.org:99999/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://[::1/", "https://169.254.169.254/latest/"),
        *("https://localhost/", "https://shop.localhost/", "https://printer.local/", "https://db.internal/"),
    ],
)
def test_an_address_that_is_none_of_ours_to_post_to_is_refused(url: str) -> None:
    with pytest.raises(UnsafeAddressError):
        check_url(url)
    assert post(url, b"{}", {}).status is None


@pytest.mark.usefixtures("public_only")
def test_a_public_https_address_is_taken() -> None:
    assert check_url("https://example.org:8443/hooks?a=b").hostname == "example.org"


def test_where_it_is_allowed_plain_and_private_addresses_are_taken_too(settings: Any) -> None:
    settings.WEBHOOKS_PRIVATE = True
    assert check_url("http://localhost:9000/hook").port == 9000


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[tuple[str, int]]:
    """Let every name lead to these addresses, one after another lookup; return where was connected to."""
    connected: list[tuple[str, int]] = []

    def found(_host: str, port: int, **_kwargs: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in addresses]

    def connect(where: tuple[str, int], *_args: Any, **_kwargs: Any) -> Any:
        connected.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket, "create_connection", connect)
    return connected


@pytest.mark.usefixtures("public_only")
def test_a_name_that_leads_into_a_private_network_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected = resolves_to(monkeypatch, "10.0.0.5", "127.0.0.1")
    assert post("https://harmless.example/", b"{}", {}).error == "This address is not a public one."
    assert connected == []


@pytest.mark.usefixtures("public_only")
def test_the_connection_goes_to_an_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = resolves_to(monkeypatch, "10.0.0.5", "93.184.215.14", "8.8.8.8")
    post("https://mixed.example:8443/", b"{}", {})
    assert connected == [("93.184.215.14", 8443), ("8.8.8.8", 8443)]
