"""The storefronts under `clients/`: built once per run, and served from an origin of their own, as a CDN would.

files = clients.build("vue")                                   # the folder with index.html
with clients.serve(files, api=live_server.url, stripe=standin.url) as url:
    …                                                          # and CORS_ALLOWED_ORIGINS = [url] at the API
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
STAMPS = ROOT / "var" / "clients"
SCHEMA = ROOT / "docs" / "openapi.json"
# Made by the build or by npm, so no reason to build again.
MADE = {"node_modules", "dist", ".angular"}
QUIET = {"NG_CLI_ANALYTICS": "false", "NO_COLOR": "1", "CI": "1"}


def build(name: str) -> Path:
    """Return the folder with the files of a client, built from what is in its folder now.

    Test workers share it: the first installs and builds, the others wait. Where npm is missing the test is skipped.
    """
    with _installed(name) as folder:
        _once(f"{name}.built", _fingerprint(folder), folder / "dist", lambda: _npm(folder, "run", "build"))
    return folder / "dist"


def run(name: str, script: str) -> None:
    """Run a script of a client's package.json: lint, typecheck, types:check. Fails with what it says.

    Sources that passed are not looked at again until they, the API's schema or the packages are others.
    """
    with _installed(name) as folder:
        looked_at = _fingerprint(folder) + hashlib.sha256(SCHEMA.read_bytes()).hexdigest()
        _once(f"{name}.{script.replace(':', '-')}", looked_at, folder, lambda: _npm(folder, "run", script))


@contextmanager
def _installed(name: str) -> Iterator[Path]:
    """Give a client's folder with its packages, to one test worker at a time."""
    if not shutil.which("npm"):
        pytest.skip(f"npm was not found, so the storefront clients/{name} cannot be built")
    folder = ROOT / "clients" / name
    STAMPS.mkdir(parents=True, exist_ok=True)
    with (STAMPS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(folder)
        yield folder


def install(folder: Path) -> None:
    """Bring a client's packages, exactly those of its lock, unless they are there."""
    locked = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()

    def bring() -> None:
        try:
            _npm(folder, "ci", "--no-audit", "--no-fund", "--loglevel=error")
        except AssertionError as error:
            if os.environ.get("FOLIO_CI"):
                raise
            pytest.skip(f"The packages of clients/{folder.name} could not be installed: {str(error)[-300:]}")

    _once(f"{folder.name}.installed", locked, folder / "node_modules", bring)


def _once(stamp: str, wanted: str, product: Path, work: Any) -> None:
    """Do the work unless its product is there and was made of the same."""
    note = STAMPS / stamp
    if product.is_dir() and note.is_file() and note.read_text() == wanted:
        return
    note.unlink(missing_ok=True)
    work()
    note.write_text(wanted)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not MADE & set(path.relative_to(folder).parts):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _npm(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        ["npm", *arguments],
        cwd=folder,
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"npm {' '.join(arguments)}: {(done.stdout + done.stderr)[-3000:]}"


def policy(api: str, stripe: str) -> str:
    """Return the strictest content policy that a client of the API must live with."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {stripe}",
            f"frame-src {stripe}",
            f"connect-src 'self' {api} {stripe}",
            "style-src 'self'",
            f"img-src 'self' data: {api}",
            "form-action 'self'",
            "base-uri 'self'",
            "frame-ancestors 'none'",
        )
    )


class _Files(SimpleHTTPRequestHandler):
    """The files of a client; an address without a dot is a page of the client's own, so it gets index.html."""

    protocol_version = "HTTP/1.1"
    config: bytes
    headers_of_all: dict[str, str]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/config.json":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(self.config)))
            self.end_headers()
            self.wfile.write(self.config)
            return
        if "." not in path.rpartition("/")[2]:
            self.path = "/index.html"
        super().do_GET()

    def end_headers(self) -> None:
        for name, value in self.headers_of_all.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve(files: Path, *, api: str, stripe: str) -> Iterator[str]:
    """Serve a built client on a free port, told by `/config.json` where its API is. Gives its address."""
    told = {
        "config": json.dumps({"api": api}).encode(),
        "headers_of_all": {"Content-Security-Policy": policy(api, stripe), "Cache-Control": "no-store"},
    }
    handler = type("Files", (_Files,), told)
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: handler(*given, directory=str(files)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
