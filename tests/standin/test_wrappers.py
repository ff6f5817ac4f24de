"""Other people's ways to the script: the npm wrappers, and a page in the manner of Stripe's own sample.

Each pays, is declined and passes 3-D Secure on the script as it is served. The pages are ours; the wrappers are
installed and built once, into `var/wrappers`, for all test workers.
"""

import fcntl
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from tests.standin import node_packages

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
DECLINED = "Your card has insufficient funds."
WRAPPERS = ("loader", "react", "vue-stripe-js", "vue-stripe", "ngx-stripe")
SHELL = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pay</title><script src="{js}"></script></head>'
    '<body><h1>Pay</h1><div id="root"></div><p id="message"></p><script type="module" src="/{name}.js"></script></body></html>'
)


@pytest.fixture(scope="session")
def built():
    """The folder with the built wrappers."""
    folder = node_packages.installed(HERE / "wrappers", "wrappers")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sources = "".join(path.read_text() for path in sorted((HERE / "wrappers").rglob("*.js")))
        made = folder / "dist" / "sources"
        if not made.is_file() or made.read_text() != sources:
            subprocess.run(
                ["node_modules/.bin/vite", "build"], cwd=folder, check=True, timeout=300, capture_output=True
            )
            made.write_text(sources)
    return folder / "dist"


class Site:
    """Serves a page for each wrapper at `/name`, and the sample at `/checkout`."""

    def __init__(self, js, built):
        def found(path):
            name = path.strip("/")
            if path.startswith("/checkout"):
                file = HERE / "sample" / (name if "." in name else f"{name}.html")
                return file.read_text().replace("STANDIN", js)
            if "." not in name:
                return SHELL.format(js=js, name=name)
            return (built() / name).read_text()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = urlsplit(self.path).path
                kind = "text/javascript" if path.endswith(".js") else "text/html"
                body = "" if path == "/favicon.ico" else found(path)
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="session")
def site(running_standin, request):
    made = Site(running_standin.js_url, lambda: request.getfixturevalue("built"))
    yield made
    made.server.shutdown()
    made.server.server_close()


class Visit:
    """What a shopper does on one of the pages."""

    def __init__(self, page, site, standin):
        self.page, self.site, self.standin = page, site, standin
        self.troubles = []
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: said.type in ("error", "warning") and self.troubles.append(said.text))

    def open(self, name):
        self.intent = self.standin.request("POST", "/v1/payment_intents", {"amount": 5199, "currency": "eur"})
        self.page.goto(f"{self.site.url}/{name}?{urlencode({'secret': self.intent['client_secret']})}")
        return self

    def type(self, number, names=("number", "expiry", "cvc"), title="Secure payment input frame"):
        frame = self.page.frame_locator(f'iframe[title="{title}"]')
        for name, text in zip(names, (number, "1234", "123"), strict=True):
            frame.locator(f"[name={name}]").fill("")
            frame.locator(f"[name={name}]").press_sequentially(text)
        return self

    def pay(self):
        self.page.evaluate("document.getElementById('message').textContent = ''")
        button = self.page.locator("#pay")
        button.scroll_into_view_if_needed()
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")
        button.click()
        return self

    def says(self, text):
        expect(self.page.locator("#message")).to_have_text(text, timeout=60_000)

    def passes_the_bank(self):
        bank = self.page.frame_locator('iframe[title="3D Secure authentication"]').frame_locator(
            "#challengeFrame"
        )
        bank.locator("#test-source-authorize-3ds").click()

    @property
    def stored(self):
        return self.standin.intent(self.intent["id"])


@pytest.fixture
def visit(browser, site, standin):
    with browser.new_context(locale="en-US", viewport={"width": 1000, "height": 1400}) as context:
        made = Visit(context.new_page(), site, standin)
        yield made
    refused = re.compile("status of 402")  # Chromium notes the answer of a decline by itself
    assert [text for text in made.troubles if not refused.search(text)] == []


@pytest.mark.parametrize("name", WRAPPERS)
def test_c13_a_wrapper_pays_after_a_decline_and_passes_3d_secure(visit, built, name):
    visit.open(name).type("4000000000009995").pay().says(DECLINED)
    visit.type("4242424242424242").pay().says("succeeded")
    assert visit.stored["status"] == "succeeded"
    visit.open(name).type("4000002760003184").pay().passes_the_bank()
    visit.says("succeeded")
    assert visit.stored["amount_received"] == 5199


def test_c13_reacts_card_element_pays_in_the_older_way(visit, built):
    fields = {"names": ("cardnumber", "exp-date", "cvc"), "title": "Secure card payment input frame"}
    visit.open("react-card").type("4000000000009995", **fields).pay().says(DECLINED)
    visit.type("4000002760003184", **fields).pay().passes_the_bank()
    visit.says("succeeded")
    assert visit.stored["status"] == "succeeded"


def test_c13_a_page_like_stripes_own_sample_pays_after_a_decline_and_passes_3d_secure(visit):
    fill_in(visit.open("checkout"))
    visit.type("4000000000009995").pay().says(DECLINED)
    visit.type("4242424242424242").pay().says("succeeded")
    assert (visit.stored["receipt_email"], visit.stored["shipping"]["name"]) == (
        "al@example.org",
        "Alice Liddell",
    )
    fill_in(visit.open("checkout"))
    visit.type("4000002760003184").pay().passes_the_bank()
    visit.says("succeeded")
    assert visit.stored["status"] == "succeeded"


def fill_in(visit):
    visit.page.frame_locator('iframe[title="Secure email input frame"]').get_by_label("Email").fill(
        "al@example.org"
    )
    frame = visit.page.frame_locator('iframe[title="Secure address input frame"]')
    frame.get_by_label("Country or region").select_option("NL")
    for label, text in {"Full name": "Alice Liddell", "Address line 1": "Oudegracht 12", "City": "Utrecht",
                        "Postal code": "3511 AB"}.items():  # fmt: skip
        frame.get_by_label(label).fill(text)
