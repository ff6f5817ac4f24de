"""The bank's pages: the 3-D Secure challenge in a frame, and the same as a whole page for redirects."""

import html
from urllib.parse import urlencode, urlsplit, urlunsplit

from stripe_standin import attempts, money
from stripe_standin.call import Call
from stripe_standin.methods import SLIPS
from stripe_standin.store import Body

DONE = {"succeeded": "succeeded", "requires_capture": "succeeded", "processing": "pending"}
NAMES = {
    "bancontact": "Bancontact", "eps": "EPS", "ideal": "iDEAL", "klarna": "Klarna", "multibanco": "Multibanco", "p24": "Przelewy24",
    "paypal": "PayPal", "sepa_debit": "SEPA debit",
}  # fmt: skip
LEADS = {
    "card": "Your bank would ask here whether it is you.",
    "slip": "Here would stand what to type at a till, or in your bank’s app.",
    "bank": "Your bank would ask here for your approval.",
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · test stand-in</title><link rel="icon" href="/frames/icon.svg"><link rel="stylesheet" href="/frames/bank.css">{head}</head>
<body class="{kind}">{body}</body></html>
"""
QUESTION = """<main><p class="ribbon">Test stand-in. No bank, no money.</p>
<h1>{title}</h1><p>{lead}</p>
<dl><div><dt>Amount</dt><dd>{amount}</dd></div><div><dt>Paying with</dt><dd>{method}</dd></div></dl>
<form method="post"><input type="hidden" name="full" value="{full}">
<button class="good" id="test-source-authorize-3ds" name="result" value="authorize">{yes}</button>
<button id="test-source-fail-3ds" name="result" value="fail">{no}</button></form></main>"""
WRAPPER = """<div class="veil"><div class="sheet"><button class="close" type="button" id="close">Close</button>
<iframe name="stripe-challenge-frame" id="challengeFrame" title="3D Secure authentication" src="{src}"></iframe>
</div></div>"""
OVER = """<main><h1>{title}</h1><p>{lead}</p></main>"""


def page(title: str, body: str, *, kind: str = "bank", script: str | None = None) -> str:
    """Return a whole HTML page of the bank."""
    head = f'<script type="module" src="/frames/{script}"></script>' if script else ""
    return PAGE.format(title=html.escape(title), body=body, kind=kind, head=head)


def pending(call: Call, intent_id: str, token: str) -> Body | None:
    """Return the intent if it still waits for this very challenge."""
    intent = call.store.get(intent_id, "payment_intent")
    action = call.store.inner(intent_id).get("action")
    if intent is None or intent["status"] != "requires_action" or not action or action["token"] != token:
        return None
    return intent


def wrapper(intent_id: str, token: str) -> str:
    """Return the page that lies over the shop's: a sheet with the bank's frame in it."""
    src = f"/challenge/{html.escape(intent_id)}/{html.escape(token)}/bank"
    return page("3D Secure", WRAPPER.format(src=src), kind="over", script="challenge.js")


def question(call: Call, intent: Body, *, full: bool) -> str:
    """Return the bank's question, with its two answers."""
    method = call.store.get(intent["payment_method"], "payment_method") or {"type": "card", "card": {}}
    kind = method["type"]
    is_card, is_slip = kind == "card", kind in SLIPS
    name = (
        f"{method['card'].get('brand', '').title()} •••• {method['card'].get('last4', '')}"
        if is_card
        else NAMES[kind]
    )
    title = "3D Secure 2 test page" if is_card else f"{name} test payment page"
    fields = {
        "title": title,
        "lead": LEADS["card" if is_card else "slip" if is_slip else "bank"],
        "amount": f"{money.shown(intent['amount'], intent['currency'])} {intent['currency'].upper()}",
        "method": name,
        "full": "1" if full else "",
        "yes": "Complete" if is_card else "Pay by the slip" if is_slip else "Authorize test payment",
        "no": "Fail" if is_card else "Let it expire" if is_slip else "Fail test payment",
    }
    body = QUESTION.format(**{key: html.escape(text) for key, text in fields.items()})
    return page(title, body, script="bank.js")


def over(*, framed: bool) -> str:
    """Return what is shown when there is nothing (more) to answer; in a frame it tells the page around it."""
    body = OVER.format(title="Done", lead="This page can be closed." if not framed else "One moment.")
    return page("Done", body, script="challenge-done.js" if framed else None)


def answer(call: Call, intent: Body, *, passed: bool) -> str | None:
    """Give the bank's verdict; return the address the shopper goes back to, if one was given."""
    return_url = call.store.inner(intent["id"])["action"].get("return_url")
    attempts.finish_action(call, intent, passed=passed)
    return back(return_url, intent) if return_url else None


def back(return_url: str, intent: Body) -> str:
    """Return a return address with what Stripe adds to it; its own parameters stay."""
    parts = urlsplit(return_url)
    added = {
        "payment_intent": intent["id"],
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": DONE.get(intent["status"], "failed"),
    }
    query = "&".join(text for text in (parts.query, urlencode(added)) if text)
    return urlunsplit(parts._replace(query=query))
