"""Asks a shop that stands under /books for pages, in a process of its own: `python -m tests.config.under_a_path`.

Prints, as JSON, what each path was answered with, and where its links lead.
"""

import json
import re
import sys
from io import BytesIO

from django.core.management import call_command

from config.wsgi import application

ASKED = (
    "/books/",
    "/books/de/cart/",
    "/cart/",
    "/books/static/css/tokens.css",
    "/books/language/de/",
    "/books/admin/",
)


def ask(path: str) -> dict[str, object]:
    """Return status, Location and links of the answer to a GET that claims to come from under another path."""
    head: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SCRIPT_NAME": "/y", "QUERY_STRING": "", "SERVER_NAME": "shop",
        "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
    }  # fmt: skip

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        head.extend([status, dict(headers).get("Location", "")])

    body = b"".join(application(environ, start)).decode()
    return {
        "status": head[0],
        "location": head[1],
        "links": sorted(set(re.findall(r'(?:href|src|action|hx-get)="(/[^"]*)"', body))),
    }


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    sys.stdout.write(json.dumps({path: ask(path) for path in ASKED}))
