"""Posts to addresses that people typed in, so that no address leads into our own network and no answer holds us up.

The host is resolved once, every address that is not a public one is left out, and the connection goes to an address
that was looked at: a name that resolves to something else a moment later gains nothing. Redirects are not followed.
The certificate is checked against the name as always.
"""

import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from shop.errors import ShopError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# For all of it: connecting, sending, and an answer that drips in.
SECONDS = 10.0
# As much of an answer as anybody will read in a log.
LONGEST_ANSWER = 500

NAT64 = ipaddress.ip_network("64:ff9b::/96")


class UnsafeAddressError(ShopError):
    """Not an address that we post to: no https, a password in it, or one that leads into a private network."""

    code = "unsafe_address"
    status = HTTPStatus.BAD_REQUEST


@dataclass(frozen=True)
class Answer:
    """What came of a post. `status` is None where no answer came, and `error` says why. `text` is how it began."""

    status: int | None
    milliseconds: int
    error: str = ""
    text: str = ""

    @property
    def is_gone(self) -> bool:
        """Tell whether the other side says that nobody will ever take anything there."""
        return self.status == HTTPStatus.GONE

    @property
    def is_taken(self) -> bool:
        """Tell whether the other side has taken it: any status of 200 to 299."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus.MULTIPLE_CHOICES


def check_url(url: str) -> SplitResult:
    """Return an address in its parts.

    Raises UnsafeAddressError for what can be seen without asking a name server.
    """
    try:
        parts = urlsplit(iri_to_uri(url))
        parts.port  # noqa: B018 - it raises for a port that is none
    except ValueError as error:
        raise UnsafeAddressError(_("This is not an address.")) from error
    if parts.scheme not in _schemes() or not parts.hostname:
        raise UnsafeAddressError(_("Write an address that begins with https://."))
    if parts.username or parts.password:
        raise UnsafeAddressError(_("Leave the name and the password out of the address."))
    if not settings.WEBHOOKS_PRIVATE and not _may_be_public(parts.hostname):
        raise UnsafeAddressError(_("This address is not a public one."))
    return parts


def _schemes() -> tuple[str, ...]:
    return ("https", "http") if settings.WEBHOOKS_PRIVATE else ("https",)


def _may_be_public(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        return host != "localhost" and not host.endswith((".localhost", ".local", ".internal"))


def is_public(address: str) -> bool:
    """Tell whether an IP address is reached over the public internet. Raises ValueError for what is none."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # An IPv4 address in IPv6 clothes is as public as it is without them.
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Post to an address and return what came of it, within SECONDS. It raises nothing: no answer is an answer too."""
    began = time.monotonic()
    try:
        status, text = _exchange(url, body, headers, began + SECONDS)
    except TimeoutError:
        return Answer(None, _since(began), error="No answer in time")
    except ShopError as error:
        return Answer(None, _since(began), error=error.message)
    except (OSError, HTTPException, ValueError) as error:
        why = f"{type(error).__name__}: {error}".replace("\x00", "")
        return Answer(None, _since(began), error=why[:200])
    return Answer(status, _since(began), text=text)


def _exchange(url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> tuple[int, str]:
    connection = _Connection(check_url(url), deadline)
    try:
        connection.request("POST", connection.path, body, dict(headers))
        response = connection.getresponse()
        try:
            text = response.read(LONGEST_ANSWER).decode(errors="replace").replace("\x00", "")
        except (OSError, HTTPException, ValueError):
            text = ""  # the status has come, and it is what counts
        return response.status, text
    finally:
        connection.hang_up()


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


class _Connection(HTTPConnection):
    """A connection to a host at an address that was looked at, all of which ends at `deadline`."""

    def __init__(self, parts: SplitResult, deadline: float) -> None:
        self.is_secure = parts.scheme == "https"
        self.default_port = 443 if self.is_secure else 80
        super().__init__(parts.hostname or "", parts.port or self.default_port)
        self.path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        self._deadline = deadline
        self._socket: socket.socket | None = None

    def connect(self) -> None:
        """Open the connection. Raises UnsafeAddressError where the host has no address that may be used."""
        self._socket = self._open()
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.is_secure:
            self._socket.settimeout(_left(self._deadline))
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=self.host)
        self.sock = _Timed(self._socket, self._deadline)

    def hang_up(self) -> None:
        """Close what was opened."""
        self.close()
        if self._socket is not None:
            self._socket.close()

    def _open(self) -> socket.socket:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = [str(where[0]) for *_kind, where in found]
        usable = [ip for ip in addresses if settings.WEBHOOKS_PRIVATE or is_public(ip)]
        if not usable:
            raise UnsafeAddressError(_("This address is not a public one."))
        for ip in usable[:-1]:
            try:
                return socket.create_connection((ip, self.port), _left(self._deadline) / 2)
            except OSError:
                continue  # the host has another one
        return socket.create_connection((usable[-1], self.port), _left(self._deadline))


class _Timed(io.RawIOBase):
    """As much of a socket as http.client uses, of which every wait ends by the same moment.

    Closing it leaves the socket open: http.client does so as soon as it has a file to read the answer from.
    """

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def _ready(self) -> socket.socket:
        self._sock.settimeout(_left(self._deadline))
        return self._sock

    def sendall(self, data: bytes) -> None:
        self._ready().sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Timed(self._sock, self._deadline))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        return self._ready().recv_into(buffer)


def _left(deadline: float) -> float:
    """Return how many seconds are left. Raises TimeoutError when none are."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
