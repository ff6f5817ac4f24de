"""Things that happen at the same instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime
from threading import Barrier, local
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.db import connections
from django.db.models import Model

from checkout.models import Order
from checkout.orders import transitions
from checkout.orders.transitions import Actor


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; return each result or the error it raised."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait(20)
            return call()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def met(call: Callable[..., Any], parties: int = 2) -> Callable[..., Any]:
    """Return the call, in which so many threads wait for each other before their first go; later ones do not wait."""
    meeting, known = Barrier(parties), local()

    def wait_then_call(*args: Any, **kwargs: Any) -> Any:
        if not getattr(known, "has_met", False):
            known.has_met = True
            meeting.wait(20)
        return call(*args, **kwargs)

    return wait_then_call


def once_first(call: Callable[..., Any], other: Callable[[], Any]) -> Callable[..., Any]:
    """Return the call, before whose first go something else happens."""
    todo = [other]

    def other_then_call(*args: Any, **kwargs: Any) -> Any:
        if todo:
            todo.pop()()
        return call(*args, **kwargs)

    return other_then_call


def without_locks(monkeypatch: pytest.MonkeyPatch, module: ModuleType, model: type[Model]) -> None:
    """Take a module's transactions and locks away, for a negative control."""
    monkeypatch.setattr(module, "transaction", SimpleNamespace(atomic=nullcontext))
    monkeypatch.setattr(model._default_manager, "select_for_update", model._default_manager.all)


def move_without_looking(
    order: Order, to: str, kind: str, *, actor: Actor, now: datetime, **changes: Any
) -> None:
    """Move an order as `states.move` does, without the condition. For negative controls."""
    data = changes.pop("data", None)
    Order.objects.filter(pk=order.pk).update(status=to, **changes)
    transitions.note(order, kind, actor=actor, now=now, data=data)
    order.status = to


def elsewhere(call: Callable[[], Any]) -> Any:
    """Return what a call gets on a database connection of its own: what is committed, and nothing else."""
    [result] = at_once(call)
    if isinstance(result, Exception):
        raise result
    return result
