"""Where Chromium is. `python -m tests.chromium` says whether the browser tests will run."""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# What of Chromium no test looks at: what calls home, and pages of its own that it loads for each new window, which cost
# more than the shop's. Only the last of several such switches counts, so Playwright's own list stands here again.
_PARTS = ("gpu", "quic", "background-networking", "component-update", "sync")
_FEATURES = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin"),
    *("OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
)
FLAGS = [
    "--no-sandbox",
    "--no-first-run",
    *(f"--disable-{part}" for part in _PARTS),
    f"--disable-features={','.join(_FEATURES)}",
]


def find() -> str | None:
    """Return the path of Chromium: CHROMIUM, or the first that is on PATH."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


if __name__ == "__main__":
    if find() is None:
        if os.environ.get("FOLIO_CI"):
            sys.exit("Chromium is missing, and no test may be skipped here.")
        sys.stdout.write("Chromium was not found: the browser tests are skipped. CHROMIUM= names one.\n")
