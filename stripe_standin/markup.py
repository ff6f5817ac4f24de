"""HTML written as Python: every text is escaped unless it is markup already."""

import html
from collections.abc import Iterable
from typing import Any

VOID = {"input", "link", "meta", "br"}


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(child: Any) -> str:
    """Return a child as HTML: markup as it is, lists joined, None as nothing, all else escaped."""
    if child is None or child is False:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, Iterable) and not isinstance(child, str):
        return "".join(text(one) for one in child)
    return html.escape(str(child))


def tag(kind: str, /, *children: Any, **attributes: Any) -> Markup:
    """Return an element. `class_` and `for_` lose their underscore, True stands alone, None and False are left out."""
    words = [kind]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        word = key.rstrip("_").replace("_", "-")
        words.append(word if value is True else f'{word}="{html.escape(str(value))}"')
    inner = "" if kind in VOID else f"{text(children)}</{kind}>"
    return Markup(f"<{' '.join(words)}>{inner}")


def table(heads: list[str], rows: list[list[Any]], empty: str) -> Markup:
    """Return a table, or a sentence where there is nothing to show. Numbers stand right by their head's `#`."""
    if not rows:
        return tag("p", empty, class_="empty")
    right = [head.startswith("#") for head in heads]

    def cells(kind: str, values: list[Any]) -> list[Markup]:
        return [
            tag(kind, value, class_="right" if right[place] else None) for place, value in enumerate(values)
        ]

    head = tag("thead", tag("tr", cells("th", [head.lstrip("#") for head in heads])))
    body = tag("tbody", [tag("tr", cells("td", row)) for row in rows])
    return tag("div", tag("table", head, body), class_="scroll")


def facts(pairs: list[tuple[str, Any]]) -> Markup:
    """Return a list of names and what they stand for; what is not there is left out."""
    return tag(
        "dl",
        [tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs if value not in (None, "")],
    )


def button(
    label: str, action: str, fields: dict[str, str] | None = None, *extra: Markup, kind: str = ""
) -> Markup:
    """Return a form of one button that posts to an address."""
    hidden = [tag("input", type="hidden", name=name, value=value) for name, value in (fields or {}).items()]
    return tag("form", hidden, extra, tag("button", label, class_=kind or None), method="post", action=action)
