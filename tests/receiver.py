"""Another program that takes our webhooks, over real HTTP, and verifies them by itself, as docs/webhooks.md says."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = int | Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Letter:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


def is_signed(letter: Letter, secret: str, *, now: float, tolerance: int = 300) -> bool:
    """Verify a signature with nothing but the standard library, and nothing of the shop's."""
    pairs = [part.split("=", 1) for part in letter.headers["Folio-Signature"].split(",")]
    stamp = next(value for name, value in pairs if name == "t")
    expected = hmac.new(secret.encode(), f"{stamp}.".encode() + letter.body, hashlib.sha256).hexdigest()
    fits = any(hmac.compare_digest(value, expected) for name, value in pairs if name == "v1")
    return fits and abs(now - int(stamp)) <= tolerance


class Receiver:
    """`letters` are what came; `answers` what to answer, the last one for ever: a status, or what to do with the request."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.answers: list[Answer] = [200]
        self.closing = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.letters.append(Letter(self.path, dict(self.headers), body))
                answers = receiver.answers
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if callable(answer):
                    answer(self)
                    return
                self.send_response(answer)
                self.end_headers()
                self.wfile.write(b"seen")

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [letter.event for letter in self.letters]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def say_nothing(self, _request: BaseHTTPRequestHandler) -> None:
        """Take the request and never answer."""
        self.closing.wait(20)

    def drip(self, request: BaseHTTPRequestHandler) -> None:
        """Answer, one header after another, without end."""
        try:
            request.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.closing.wait(0.02):
                request.wfile.write(b"X-More: yes\r\n")
        except OSError:
            return

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()


def text(status: int, body: bytes, **headers: str) -> Answer:
    """Answer with these words and headers."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def garbage(request: BaseHTTPRequestHandler) -> None:
    """Answer with what is no HTTP."""
    request.wfile.write(b"\x00\xff this is no answer\r\n\r\n")


def nothing(request: BaseHTTPRequestHandler) -> None:
    """Hang up without an answer."""
    request.close_connection = True
