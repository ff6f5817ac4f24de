"""What a process of the shop does in these tests. Plain values go in, plain values come out."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from checkout.purchase import sweeping
from tests.webhook import deliver

ASK = "tests.faults.acts.ask"
ASK_API = "tests.faults.acts.ask_api"
RECEIVE = "tests.faults.acts.receive"
COMMAND = "tests.faults.acts.command"
SWEEP = "tests.faults.acts.sweep"


def ask(session: str, path: str, form: dict[str, Any] | None = None) -> tuple[int, str]:
    """Ask for a page as who is logged in, or send a form to it; return the status and where it leads."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    answer = client.get(path) if form is None else client.post(path, form)
    return answer.status_code, answer.get("Location", "")


def ask_api(session: str, path: str, body: dict[str, Any], key: str) -> tuple[int, str]:
    """Send a write to the API as an app does, with its session's token and a key; return the status and the body."""
    headers = {"X-Session-Token": session, "Idempotency-Key": key}
    answer = Client().post(path, body, "application/json", headers=headers)
    return answer.status_code, answer.content.decode()


def receive(event: dict[str, Any]) -> int:
    """Take a webhook and return the status."""
    status: int = deliver(event).status_code
    return status


def command(name: str) -> int:
    """Run a management command and return its exit code."""
    try:
        call_command(name, stdout=open("/dev/null", "w"), stderr=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def sweep(now: str) -> list[str]:
    """End the orders whose time to pay was over at a moment; return what stood in the way of which."""
    return [f"{one.number} {one.problem}".strip() for one in sweeping.expire(now=datetime.fromisoformat(now))]
