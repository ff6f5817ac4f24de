"""Whether the process lives, and whether it can serve."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database is there and migrated and the cache answers, else 503 and what is missing."""
    checks = {"database": _database(), "cache": _cache()}
    return JsonResponse(checks, status=200 if all(word == "ok" for word in checks.values()) else 503)


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "no answer"
    return "not migrated" if pending else "ok"


def _cache() -> str:
    try:
        cache.set("readyz", "ok", 5)
        word: str = cache.get("readyz", "no answer")
    except Exception:  # noqa: BLE001 - each cache client has errors of its own, and all of them mean this
        return "no answer"
    return word
