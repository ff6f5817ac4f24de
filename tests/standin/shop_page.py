"""A shop's payment page of another origin, under the strictest policy a shop can have, for browser tests."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Pay</title>
<link rel="stylesheet" href="/shop.css"><script src="{js}"></script><script src="/shop.js" defer></script></head>
<body><main><h1>Pay €51.99</h1><p id="message" role="alert"></p>
<form id="form"><div class="box"><div id="element">Loading the card form</div></div>
<button id="pay">Pay €51.99</button></form></main></body></html>"""
CSS = """:root{color-scheme:light dark;--paper:#fbf8f2;--raised:#fff;--ink:#211d19;--line:#ddd5c8;--accent:#8a2b26;--on:#fff}
@media(prefers-color-scheme:dark){:root{--paper:#171512;--raised:#211e1a;--ink:#efe9df;--line:#3b362f;--accent:#f09a86;--on:#2a0f0b}}
body{margin:0;font:17px/1.6 system-ui,sans-serif;background:var(--paper);color:var(--ink)}
main{max-width:44rem;margin:0 auto;padding:16px}.box{background:var(--raised);border:1px solid var(--line);padding:24px;border-radius:3px}
button{margin-top:16px;width:100%;min-height:48px;background:var(--accent);color:var(--on);border:0;font:inherit;font-weight:600}"""
SCRIPT = """
const params = new URLSearchParams(location.search);
const dark = matchMedia('(prefers-color-scheme: dark)').matches;
window.log = [];
const appearance = params.get('plain') ? {} : { theme: 'stripe', variables: {
  colorPrimary: dark ? '#f09a86' : '#8a2b26', colorBackground: dark ? '#211e1a' : '#ffffff',
  colorText: dark ? '#efe9df' : '#211d19', colorTextSecondary: dark ? '#b0a698' : '#665e54',
  colorDanger: dark ? '#ff9f92' : '#a3271e', borderRadius: '3px', spacingUnit: '4px', fontSizeBase: '16px' },
  rules: { '.Input': { border: `1px solid ${dark ? '#857b6e' : '#8a8074'}` },
    '.Input:focus': { boxShadow: `0 0 0 3px ${dark ? '#efe9df' : '#211d19'}` }, '.Label': { fontWeight: '600' } } };
window.secret = params.get('secret');
if (secret.startsWith('pi_')) {
  window.stripe = Stripe('pk_test_standin', { locale: 'en' });
  window.elements = stripe.elements({ clientSecret: secret, appearance, ...JSON.parse(params.get('elements') || '{}') });
  window.element = elements.create('payment', JSON.parse(params.get('options') || '{}'));
  for (const name of ['ready', 'loaderstart', 'loaderror', 'change', 'focus', 'blur', 'escape']) {
    element.on(name, (event) => log.push([name, event]));
  }
  element.mount('#element');
  document.getElementById('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const { error, paymentIntent } = await stripe.confirmPayment({ elements,
      confirmParams: { return_url: location.origin + '/return?order=1' }, redirect: params.get('redirect') || 'always' });
    window.result = { error, paymentIntent };
    document.getElementById('message').textContent = error ? error.message : paymentIntent.status;
  });
}
"""


class ShopPage:
    """Serves the page at `url`; `js` is the address of the script it loads."""

    def __init__(self, js: str) -> None:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(js))
        policy = (
            f"default-src 'self'; script-src 'self' {origin}; frame-src {origin}; connect-src 'self' {origin}"
        )
        files = {
            "/pay": ("text/html", PAGE.format(js=js)),
            "/return": ("text/html", "<!doctype html><title>Back</title><h1>Back at the shop</h1>"),
            "/shop.css": ("text/css", CSS),
            "/shop.js": ("text/javascript", SCRIPT),
        }

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text = files.get(urlsplit(self.path).path, ("text/plain", ""))
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
