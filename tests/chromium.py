"""Where Chromium is. `python -m tests.chromium` says whether the browser tests will run."""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Return the path of Chromium: CHROMIUM, or the first that is on PATH."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


if __name__ == "__main__":
    if find() is None:
        if os.environ.get("FOLIO_CI"):
            sys.exit("Chromium is missing, and no test may be skipped here.")
        sys.stdout.write("Chromium was not found: the browser tests are skipped. CHROMIUM= names one.\n")
