"""Gunicorn's configuration: `gunicorn --config config/gunicorn.py`. Its command line overrides it.

https://docs.gunicorn.org/en/stable/settings.html
"""

import gc
import re
from typing import Any

from gunicorn.glogging import Logger

wsgi_app = "config.wsgi"
workers = 2
# A payment waits for Stripe; meanwhile the others of its worker go on. Six may wait (checkout/payments/waiting.py).
worker_class, threads = "gthread", 8
# After SIGTERM, what is under way is finished: no page takes longer than 12 seconds, whatever Stripe does.
graceful_timeout = 30
# No query and no referrer: a customer comes back from the bank with a client secret in the address.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(B)s %(M)sms "%(a)s"'
# The shop is imported once, and the workers share its memory: a new one is ready at once, a broken one ends the start.
preload_app = True
# No header says under which path the shop stands, or which page is asked for: anybody can send one. STORE_URL does.
forwarder_headers = ""
# It would be a file in the home of whoever runs the shop, and one for all shops there.
control_socket_disable = True

# What opens an order or an account stands in the addresses of links in mails.
_KEY = re.compile(r"(?<=/)[^/]{20,}(?=/|$)")


class AccessLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's log, without the keys in the addresses of orders and accounts."""

    def atoms(self, *arguments: Any) -> dict[str, Any]:
        """Return what a line of the access log may say."""
        atoms: dict[str, Any] = super().atoms(*arguments)
        if "/orders/" in atoms["U"] or "/accounts/" in atoms["U"]:
            atoms["U"] = _KEY.sub("…", atoms["U"])
        return atoms


logger_class = AccessLog


def when_ready(_server: Any) -> None:
    """Keep the collector away from what was imported: where it writes, workers no longer share."""
    gc.collect()
    gc.freeze()
