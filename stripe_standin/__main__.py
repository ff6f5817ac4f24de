"""`python -m stripe_standin`: a local Stripe for development and tests."""

import argparse
import os
import signal
import sys
from pathlib import Path

from stripe_standin.methods import REDIRECTS, SLIPS
from stripe_standin.settings import Settings

ABOUT = """A local stand-in for Stripe. Point your Stripe client's API base at its address, load
/endive/stripe.js from it, and use any sk_test_… and pk_test_… keys. It keeps what it is told in one SQLite
file, moves no money, and refuses live keys."""
MORE = """Steer it from tests with POST /_standin/reset, /_standin/faults and /_standin/clock (from this
machine only). Card 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0027 6000 3184 asks for
3-D Secure."""


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    made = argparse.ArgumentParser(
        prog="python -m stripe_standin",
        description=ABOUT,
        epilog=MORE,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add, usual = made.add_argument, Settings()
    add("--host", default=usual.host, help="address to listen on")
    add("--port", type=int, default=usual.port, help="port to listen on, 0 for a free one")
    add(
        "--database",
        type=Path,
        default=usual.database,
        metavar="FILE",
        help="SQLite file to keep everything in",
    )
    add(
        "--webhook", action="append", default=[], metavar="URL", dest="webhooks",
        help="send all events to this address; may be given more than once",
    )  # fmt: skip
    add(
        "--webhook-secret", action="append", default=[], metavar="WHSEC", dest="secrets",
        help="what signs them, in the order of the addresses, the last for all that follow; several, separated by "
        "commas, sign at once. Without it STANDIN_WEBHOOK_SECRET is read, which no process list shows",
    )  # fmt: skip
    add(
        "--payment-methods", default=",".join(usual.payment_methods), metavar="LIST",
        help="what intents offer when currency and filters allow it, of " + ", ".join(("card", *REDIRECTS, "sepa_debit", *SLIPS)),
    )  # fmt: skip
    add(
        "--country", default=usual.country, metavar="XX", help="where the card form starts; US asks for a ZIP"
    )
    add(
        "--delay",
        type=float,
        default=usual.result_delay,
        metavar="SECONDS",
        help="until a pending result is known",
    )
    add(
        "--retries", default=",".join(f"{wait:g}" for wait in usual.retries), metavar="LIST",
        help="waits in seconds before a failed delivery is tried again",
    )  # fmt: skip
    add("--log", action="store_true", help="print one line a request, without queries or bodies")
    return made


def settings(given: argparse.Namespace) -> Settings:
    """Return the settings of a command line. Raises ValueError that says what is wrong."""
    secrets = given.secrets or [text for text in [os.environ.get("STANDIN_WEBHOOK_SECRET", "")] if text]
    if given.webhooks and not secrets:
        raise ValueError("--webhook needs --webhook-secret or STANDIN_WEBHOOK_SECRET")
    webhooks = [(url, secrets[min(place, len(secrets) - 1)]) for place, url in enumerate(given.webhooks)]
    methods = tuple(given.payment_methods.replace(" ", "").split(","))
    unknown = set(methods) - {"card", "sepa_debit", *REDIRECTS, *SLIPS}
    if unknown:
        raise ValueError(f"--payment-methods: unknown {', '.join(sorted(unknown))}")
    return Settings(
        host=given.host,
        port=given.port,
        database=given.database,
        country=given.country.upper(),
        payment_methods=methods,
        webhooks=tuple((url, tuple(secret.split(","))) for url, secret in webhooks),
        retries=tuple(float(wait) for wait in given.retries.split(",") if wait),
        result_delay=given.delay,
        log=given.log,
    )


def main() -> int:
    """Run the stand-in until it is told to stop; return the exit code."""
    arguments = parser()
    try:
        wanted = settings(arguments.parse_args())
    except ValueError as problem:
        arguments.error(str(problem))
    from stripe_standin import server

    def ready(running: Settings) -> None:
        print(f"Stripe stand-in {running.url} (no money moves)", flush=True)  # noqa: T201

    # uvicorn ends its work at SIGTERM and then raises the signal again: without this the database stays unclosed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.run(wanted, ready)
    except OSError as problem:
        print(f"Cannot listen on {wanted.url}: {problem.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
