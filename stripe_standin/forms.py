"""Stripe's form encoding: `shipping[address][city]=Oslo`, `expand[]=x`, `expand[0]=x`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from stripe_standin import errors

_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode(text: str) -> dict[str, Any]:
    """Return the nested values of a form body or query string.

    Leaves stay text. An array is a list, in the order of its indexes or, without indexes, of its items.
    Raises `Refusal` 400 when a name cannot be read or means two things at once.
    """
    tree: dict[str, Any] = {}
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=False, max_num_fields=5000, errors="strict"
        )
    except ValueError:
        raise errors.invalid("Invalid request: the body is not a form in UTF-8.") from None
    for name, value in pairs:
        found = _NAME.match(name)
        if not found:
            raise errors.invalid(f"Invalid parameter name: {name}", name)
        _put(tree, [found[1], *_PART.findall(found[2])], value, name)
    return {key: _settle(value) for key, value in tree.items()}


def _put(tree: dict[str, Any], path: list[str], value: str, name: str) -> None:
    """Put one value at its place in the tree; array items are kept under running numbers."""
    for position, part in enumerate(path[:-1]):
        child = tree.setdefault(part or _next(tree, path, position), {})
        if not isinstance(child, dict):
            raise errors.invalid(f"Invalid parameter: {name} is given in two ways.", name)
        tree = child
    last = path[-1] or str(len(tree))
    if isinstance(tree.get(last), dict):
        raise errors.invalid(f"Invalid parameter: {name} is given in two ways.", name)
    tree[last] = value


def _next(tree: dict[str, Any], path: list[str], position: int) -> str:
    """Return the number for an item of an array of objects: a repeated field begins the next item."""
    if not tree:
        return "0"
    last = str(len(tree) - 1)
    field = path[position + 1]
    return str(len(tree)) if isinstance(tree.get(last), dict) and field in tree[last] else last


def _settle(value: Any) -> Any:
    """Turn {"0": a, "1": b} into [a, b], at every depth."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_settle(value[key]) for key in sorted(value, key=int)]
    return {key: _settle(child) for key, child in value.items()}
