"""What the dashboard's pages are put together from: the frame around them, amounts, times, tags, ids."""

import datetime as dt
import json
from typing import Any

from stripe_standin import money
from stripe_standin.markup import Markup, tag, text
from stripe_standin.store import Body

TONES = {
    "succeeded": "good", "won": "good", "enabled": "good", "processing": "warn", "requires_action": "warn",
    "requires_capture": "warn", "pending": "warn", "needs_response": "bad", "failed": "bad", "lost": "bad",
    "warning_needs_response": "warn", "under_review": "warn",
}  # fmt: skip
SHELL = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Stripe stand-in</title><link rel="icon" href="/frames/icon.svg"><link rel="stylesheet" href="/frames/dashboard.css">
<script type="module" src="/frames/dashboard.js"></script></head><body>
<header><a class="name" href="/">Stripe stand-in</a><span class="ribbon">Test. No money moves.</span>
<nav aria-label="Sections">{nav}</nav></header><main>{body}</main></body></html>
"""
SECTIONS = (("Payments", "/"), ("Disputes", "/disputes"), ("Customers", "/customers"), ("Events", "/events"),
            ("Webhooks", "/webhooks"), ("Faults", "/faults"))  # fmt: skip


def shell(title: str, body: Any, here: str) -> str:
    """Return a whole page of the dashboard."""
    links = [tag("a", name, href=url, aria_current="page" if url == here else None) for name, url in SECTIONS]
    return SHELL.format(title=text(title), nav="".join(links), body=tag("div", tag("h1", title), body))


def amount(value: int, currency: str) -> Markup:
    """Return an amount in minor units as people read it."""
    return tag("span", f"{money.shown(value, currency)} {currency.upper()}", class_="money")


def when(stamp: float | None) -> Markup | None:
    """Return a time, UTC, to the second."""
    if stamp is None:
        return None
    moment = dt.datetime.fromtimestamp(stamp, dt.UTC)
    return tag("time", moment.strftime("%d %b %H:%M:%S"), datetime=moment.isoformat(), title="UTC")


def mark(status: str) -> Markup:
    """Return a status as a tag."""
    return tag("span", status.replace("_", " "), class_=f"tag {TONES.get(status, '')}")


def code(value: str) -> Markup:
    """Return an id."""
    return tag("code", value)


def link(value: str, url: str) -> Markup:
    """Return an id that leads to its page."""
    return tag("a", code(value), href=url)


def raw(body: Body) -> Markup:
    """Return an object's JSON, folded; client secrets are left out."""
    shown = json.dumps(body, indent=2)
    for secret in {
        body.get("client_secret"),
        (body.get("data") or {}).get("object", {}).get("client_secret"),
    } - {None}:
        shown = shown.replace(str(secret), "…")
    return tag("details", tag("summary", "JSON"), tag("pre", shown))
