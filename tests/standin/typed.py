"""Checks answers against the types of the official `stripe` package, which are made from Stripe's own schema."""

import json
import types
import typing
from pathlib import Path

import stripe
from stripe._object_classes import OBJECT_CLASSES

UNNAMED = {"confirmation_token", "elements_session", "list", "search_result"}


def class_of(kind):
    module, name = OBJECT_CLASSES[kind]
    return getattr(__import__(module, fromlist=[name]), name)


def resolve(kind):
    """A forward reference names a class of the package, such as `Charge`."""
    if isinstance(kind, typing.ForwardRef):
        kind = kind.__forward_arg__
    if isinstance(kind, str):
        return {"Any": typing.Any}.get(kind) or getattr(stripe, kind.split(".")[-1], typing.Any)
    return kind


def problems(value, kind, where):
    """Return what is wrong with a value, as sentences; nothing for a right one."""
    kind = resolve(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind in (typing.Any, object):
        return []
    if origin is not None:
        return generic_problems(value, origin, arguments, where)
    if isinstance(kind, type) and issubclass(kind, stripe.StripeObject):
        return object_problems(value, kind, where)
    if kind in (None, type(None)):
        return [] if value is None else [f"{where}: {value!r} is not null"]
    right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    return [] if right else [f"{where}: {value!r} is no {kind.__name__}"]


def generic_problems(value, origin, arguments, where):
    if origin in (typing.Union, types.UnionType):
        found = [problems(value, one, where) for one in arguments]
        return [] if any(not one for one in found) else min(found, key=len)
    if origin is typing.Literal:
        return [] if value in arguments else [f"{where}: {value!r} is none of {arguments}"]
    wanted = list if origin is list else dict
    if not isinstance(value, wanted):
        return [f"{where}: {value!r} is no {wanted.__name__}"]
    if origin is not list:
        return []
    return [
        text for place, one in enumerate(value) for text in problems(one, arguments[0], f"{where}[{place}]")
    ]


def object_problems(value, cls, where):
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no {cls.__name__}"]
    if cls == stripe.StripeObject:
        return []
    fields = {
        name: kind
        for name, kind in cls.__annotations__.items()
        if not name.startswith("_") and name.islower()
    }
    found = [f"{where}.{name}: not a field of {cls.__name__}" for name in value if name not in fields]
    for name, kind in fields.items():
        if name in value:
            found += problems(value[name], kind, f"{where}.{name}")
        elif type(None) not in typing.get_args(kind) and typing.get_origin(kind) is not typing.ClassVar:
            found += [f"{where}.{name}: missing"]
    return found


def answer_problems(answer):
    """Return what is wrong with a whole answer of the API, whatever object it is."""
    kind = answer.get("object")
    if kind in ("list", "search_result"):
        return [text for one in answer["data"] for text in answer_problems(one)]
    if answer.get("deleted") or kind in UNNAMED:
        return []
    found = object_problems(answer, class_of(kind), kind)
    if kind == "event":
        found += answer_problems(answer["data"]["object"])
    return found


ALWAYS = json.loads((Path(__file__).parent / "always.json").read_text())


def absences(value, schema, where):
    """Return the fields that Stripe always sends, as null if need be, and that are not there."""
    known = ALWAYS.get(schema)
    if known is None or not isinstance(value, dict) or value.get("deleted"):
        return []
    found = [f"{where}.{name}: always there at Stripe" for name in known["always"] if name not in value]
    for name, part in known["parts"].items():
        for one in value.get(name) if isinstance(value.get(name), list) else [value.get(name)]:
            named = (
                one.get("object", "") if isinstance(one, dict) else ""
            )  # a part may be one of several kinds
            found += absences(
                one, named if isinstance(named, str) and named in ALWAYS else part, f"{where}.{name}"
            )
    return found


def faults_of(answer):
    """Return everything that is wrong with an answer: wrong types, unknown fields, missing fields."""
    kind = answer.get("object")
    if kind in ("list", "search_result"):
        return [text for one in answer["data"] for text in faults_of(one)]
    found = answer_problems(answer) + absences(answer, kind, str(kind))
    if kind == "event":
        found += faults_of(answer["data"]["object"])
    return found


def check(response):
    """An httpx hook: every good answer of the API in every test is checked."""
    if not response.request.url.path.startswith("/v1/") or response.status_code != 200:
        return
    response.read()
    try:
        answer = response.json()
    except ValueError:
        return
    reduced = "pk_test" in response.request.headers.get("authorization", "")
    if isinstance(answer, dict) and not reduced:
        found = faults_of(answer)
        assert not found, found
