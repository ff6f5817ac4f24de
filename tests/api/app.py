"""An app that speaks to the API as a phone would: it keeps its tokens itself, and no cookies."""

from typing import Any

from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

ROOT = "/api/v1"


class App:
    """A client of the API."""

    def __init__(self) -> None:
        self.session_token = ""
        self.cart_token = ""

    def log_in(self, user: User) -> None:
        body = {"email": user.email, "password": PASSWORD}
        answer = Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json").json()
        self.session_token = answer["meta"]["session_token"]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Send a request and return the response."""
        sent = {
            "X-Session-Token": self.session_token,
            "X-Cart-Token": self.cart_token,
            "Idempotency-Key": key,
            **(headers or {}),
        }
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        send = getattr(Client(), method.lower())
        return send(ROOT + path, headers={name: value for name, value in sent.items() if value}, **content)

    def get(self, path: str, *, status: int = 200) -> Any:
        return self._json(self.ask("GET", path), status)

    def post(self, path: str, body: Any = None, *, status: int = 200, key: str = "") -> Any:
        return self._json(self.ask("POST", path, body, key=key), status)

    def patch(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        return self._json(self.ask("PATCH", path, body), status)

    def delete(self, path: str, *, status: int = 200) -> Any:
        return self._json(self.ask("DELETE", path), status)

    @staticmethod
    def _json(response: Any, status: int) -> Any:
        assert response.status_code == status, response.content
        return response.json()
