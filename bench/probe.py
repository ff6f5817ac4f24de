"""One WSGI application in this process, and what its requests cost: `python -m bench.probe config.wsgi`.

Reads commands as lines of JSON and answers each with one. `prepare` builds a request, `go` runs it and does nothing
else, so that who counts instructions from outside counts the application's; `answer` tells what came of it.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

Json = dict[str, Any]


class Probe:
    """Runs requests through an application."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._environ: Json = {}
        self._body = b""
        self._times = 1
        self._answer: Json = {}

    def settle(self) -> None:
        """Be as a worker is that has served for a while: what was imported is out of the collector's way."""
        gc.collect()
        gc.freeze()

    def prepare(self, asked: Json, times: int, *, forget: bool) -> None:
        """Build what `go` will run, and where asked, forget all that was kept."""
        environ = {
            "HTTP_HOST": "127.0.0.1:8300",
            "REMOTE_ADDR": "127.0.0.1",
            "REQUEST_METHOD": asked["method"],
        }
        environ["PATH_INFO"], _mark, environ["QUERY_STRING"] = asked["path"].partition("?")
        for name, value in asked["headers"].items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        self._body = asked["body"].encode()
        environ["CONTENT_LENGTH"] = str(len(self._body))
        setup_testing_defaults(environ)
        self._environ, self._times = environ, times
        if forget:
            self._forget()

    def _forget(self) -> None:
        """Change the catalogue, and empty what the shop keeps of data: nothing that is kept may help."""
        from django.core.cache import cache
        from django.core.signals import request_finished

        from shop.models import Product

        last = Product.objects.order_by("-pk")[0]
        Product.objects.filter(pk=last.pk).update(title=f"{last.title.split(' #')[0]} #{time.time_ns()}")
        cache.clear()
        request_finished.send(sender=type(self))  # its connection goes back, as after a request

    def go(self) -> None:
        """Run the request as often as asked."""
        cpu, took = [], []
        for _time in range(self._times):
            environ = {**self._environ, "wsgi.input": BytesIO(self._body)}
            clock, begun = time.perf_counter(), time.process_time()
            self._answer = _run(self._application, environ)
            cpu.append(time.process_time() - begun)
            took.append(time.perf_counter() - clock)
        self._answer |= {"cpu": _mean(cpu), "took": _mean(took)}

    def count(self) -> None:
        """Run the request once, and count its SQL statements: begin and commit among them."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as statements:
            self.go()
        self._answer["statements"] = len(statements)

    def answer(self) -> Json:
        """Return the last answer and what it cost."""
        return {**self._answer, "body": self._answer["body"].decode(errors="replace")}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _run(application: Any, environ: Json) -> Json:
    head: list[Any] = []
    parts = application(environ, lambda status, headers, _error=None: head.extend((status, headers)))
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return {"status": int(head[0][:3]), "headers": head[1], "body": body}


def main() -> None:
    """Do what comes in, until nothing does."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed is no answer
    probe = Probe(import_module(sys.argv[1]).application)
    for line in sys.stdin:
        name, arguments = json.loads(line)
        done: Callable[..., Json | None] = getattr(probe, name)
        print(json.dumps(done(**arguments)), file=out, flush=True)


if __name__ == "__main__":
    main()
