"""Checks a request's parameters against the API's own lists and gives them their types.

The lists are in `data/parameters.json`; how a type is written there is told in `derive.py`.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from stripe_standin import errors

_INTEGER = re.compile(r"^-?\d{1,18}$")
_NUMBER = re.compile(r"^-?\d{1,18}(\.\d{1,18})?$")
_MARKS = "!?"


@cache
def _contract() -> dict[str, Any]:
    """Return the parameters of every operation, read once, when first asked."""
    text = (Path(__file__).parent / "data" / "parameters.json").read_text()
    contract: dict[str, Any] = json.loads(text)
    return contract


def check(operation: str, raw: dict[str, Any], extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the typed parameters of a request.

    `operation` is a method and path as in the contract, `extra` are types of fields that only browsers
    send. `""` for a field that may be unset becomes None. Raises `Refusal` 400 as Stripe does.
    """
    spec = {**_contract()["operations"].get(operation, {}), **(extra or {})}
    return _object(raw, spec, "")


def _name(prefix: str, key: str) -> str:
    return f"{prefix}[{key}]" if prefix else key


def _object(raw: Any, spec: dict[str, Any], prefix: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise errors.invalid("Invalid object", prefix)
    fields = {key.rstrip(_MARKS): (kind, key[-1]) for key, kind in spec.items()}
    for key in raw:
        if key not in fields:
            raise errors.unknown_parameter(_name(prefix, key))
    for key, (_, mark) in fields.items():
        if mark == "!" and key not in raw:
            raise errors.missing(_name(prefix, key))
    return {key: _field(value, *fields[key], _name(prefix, key)) for key, value in raw.items()}


def _field(value: Any, kind: Any, mark: str, name: str) -> Any:
    if value == "" and mark == "?":
        return None
    if value == "" and kind not in ("map", "any") and not isinstance(kind, list):
        message = (
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a "
            "non-empty value."
        )
        raise errors.invalid(message, name, "parameter_invalid_empty")
    return _value(value, kind, name)


def _value(value: Any, kind: Any, name: str) -> Any:
    if isinstance(kind, str) and kind.startswith("#"):
        kind = _contract()["shared"][kind]
    if isinstance(kind, list):
        return _array(value, kind[0], name)
    if isinstance(kind, dict):
        return _any(value, kind["|"], name) if "|" in kind else _object(value, kind, name)
    if kind == "any":
        return value
    if kind == "map":
        return _map(value, name)
    if not isinstance(value, str):
        raise errors.invalid(f"Invalid {'string' if kind[0] == '=' else kind}", name)
    return _scalar(value, kind, name)


def _scalar(value: str, kind: str, name: str) -> Any:
    if kind == "integer":
        if not _INTEGER.match(value):
            raise errors.invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer")
        return int(value)
    if kind == "boolean":
        # Python SDKs up to 11.6 write True and False.
        if value not in ("true", "false", "True", "False"):
            raise errors.invalid(f"Invalid boolean: {value}", name)
        return value.lower() == "true"
    if kind == "number" and not _NUMBER.match(value):
        raise errors.invalid(f"Invalid decimal: {value}", name)
    if kind.startswith("=") and value not in kind[1:].split("|"):
        words = kind[1:].split("|")
        choice = f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
        raise errors.invalid(f"Invalid {name}: must be one of {choice}", name)
    return value


def _array(value: Any, kind: Any, name: str) -> list[Any]:
    if value == "":
        return []
    if not isinstance(value, list):
        raise errors.invalid("Invalid array", name)
    return [_value(item, kind, f"{name}[{index}]") for index, item in enumerate(value)]


def _any(value: Any, kinds: list[Any], name: str) -> Any:
    """Return the value by the first type that takes it; the last type's refusal counts."""
    for kind in kinds[:-1]:
        try:
            return _value(value, kind, name)
        except errors.Refusal as refusal:
            if isinstance(value, dict) and refusal.fields.get("param") != name:
                raise
    return _value(value, kinds[-1], name)


def _map(value: Any, name: str) -> dict[str, str] | None:
    """Return metadata: at most 50 keys of 40 characters, values of 500; None clears all of it."""
    if value == "":
        return None
    if isinstance(value, list):
        value = {str(index): item for index, item in enumerate(value)}
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise errors.invalid("Invalid hash", name)
    for key, text in value.items():
        if len(key) > 40:
            raise errors.invalid(f"Metadata keys can be at most 40 characters long: {key}", name)
        if len(text) > 500:
            long = f"Metadata values can have up to 500 characters. You passed in a value that is {len(text)}"
            raise errors.invalid(f"{long} characters.", _name(name, key))
    if len(value) > 50:
        raise errors.invalid("Metadata can have at most 50 keys.", name)
    return value


def merge_metadata(old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    """Return metadata after an update: given keys change, an empty value removes one, None removes all."""
    if new is None:
        return {}
    return {key: text for key, text in {**old, **new}.items() if text != ""}
