"""`/healthz` (the process lives) and `/readyz` (it can serve)."""

from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from checkout.payments.checks import stripe_health
from shop.page_cache import version


class Probes:
    """Answers probes before any other middleware: an orchestrator asks by the address of the host or the pod.

    No page has such a `Host`, and ALLOWED_HOSTS does not name it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.probes = {"/healthz": alive, "/readyz": ready}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe; let every other request pass."""
        probe = self.probes.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        response = probe(request)
        response["X-Content-Type-Options"] = "nosniff"  # SecurityMiddleware stands further in
        return response


@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the shop can serve, else 503; either way what is well and what is not.

    While Stripe does not answer the shop still serves, and keeps orders. A key that Stripe refuses, or a clock that is
    off, is for the operator to mend, so it counts. Without the shared cache each process has its own.
    """
    checks = {
        "database": _database(),
        "cache": _cache(),
        "pages": _pages(),
        "stripe": stripe_health(now=timezone.now()),
        "webhooks": "ok" if settings.STRIPE_WEBHOOK_SECRETS else "no secret",
    }
    can_serve = checks["database"] == "ok" and checks["stripe"] in {"ok", "no answer"}
    return JsonResponse(checks, status=200 if can_serve else 503)


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return "no answer"
    return "not migrated" if pending else "ok"


def _pages() -> str:
    """Tell whether public pages are kept. While they are not, they are right, and slow; that is no reason not to serve."""
    try:
        why = version.missing()
    except Error:
        return "no answer"
    return f"not kept: {why}" if why else "ok"


def _cache() -> str:
    try:
        cache.set("readyz", "ok", 5)
        word: str = cache.get("readyz", "no answer")
    except Exception:  # noqa: BLE001 - each cache client has errors of its own, and all of them mean this
        return "no answer"
    return "no answer" if getattr(cache, "is_away", False) else word
