"""`python -m stripe_standin`: a local Stripe for development and tests."""

import argparse
import sys
from pathlib import Path

from stripe_standin.settings import Settings

ABOUT = """A local stand-in for Stripe. Point your Stripe client's API base at its address, load
/endive/stripe.js from it, and use any sk_test_… and pk_test_… keys. It keeps what it is told in one SQLite
file, moves no money, and refuses live keys."""
MORE = """Steer it from tests with POST /_standin/reset, /_standin/faults and /_standin/clock (from this
machine only). Card 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0027 6000 3184 asks for
3-D Secure."""


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    made = argparse.ArgumentParser(prog="python -m stripe_standin", description=ABOUT, epilog=MORE)
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    made.add_argument(
        "--port", type=int, default=12111, help="port to listen on, 0 for a free one (default: %(default)s)"
    )
    made.add_argument(
        "--database", type=Path, default=Path("var/standin.sqlite3"), metavar="FILE",
        help="SQLite file to keep everything in; made where it is missing (default: %(default)s)",
    )  # fmt: skip
    made.add_argument(
        "--country", default="NL", metavar="XX",
        help="country the card form starts with, two letters; US asks for a ZIP (default: %(default)s)",
    )  # fmt: skip
    made.add_argument(
        "--log", action="store_true", help="print one line a request, without queries or bodies"
    )
    return made


def main() -> int:
    """Run the stand-in until it is told to stop; return the exit code."""
    given = parser().parse_args()
    settings = Settings(given.host, given.port, given.database, given.country.upper(), log=given.log)
    from stripe_standin import server

    def ready(running: Settings) -> None:
        print(f"Stripe stand-in {running.url} (no money moves)", flush=True)  # noqa: T201

    try:
        server.run(settings, ready)
    except OSError as problem:
        print(f"Cannot listen on {settings.url}: {problem.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
