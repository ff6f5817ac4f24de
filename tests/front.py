"""Asks the shop as a server does: by its WSGI application, with the kept pages in front."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import RequestFactory


class Answer(HttpResponse):
    """What came back."""

    def json(self) -> Any:
        return json.loads(self.content)


class Front:
    """What Django's own test client is, as far as tests of public pages need one, but from before Django on."""

    def get(self, path: str, **kwargs: Any) -> Answer:
        return self._ask(RequestFactory().get(path, **kwargs).environ)

    def head(self, path: str, **kwargs: Any) -> Answer:
        return self._ask(RequestFactory().head(path, **kwargs).environ)

    def _ask(self, environ: dict[str, Any]) -> Answer:
        from config.wsgi import application  # it sets Django up

        said: list[Any] = []
        body = application(environ, lambda *args: said.extend(args))  # type: ignore[arg-type, return-value]
        try:
            status, headers = said[:2]
            answer = Answer(b"".join(body), status=int(status.split()[0]))
        finally:
            if close := getattr(body, "close", None):
                close()
        del answer.headers["Content-Type"]  # it comes with the others
        for name, value in headers:
            answer.headers[name] = value
        return answer
