"""Reads a form of a page as a browser would send it."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse


class _Controls(HTMLParser):
    """The names and values of all that a browser would send of one form."""

    def __init__(self, page: str, form_id: str) -> None:
        super().__init__()
        self.values: list[tuple[str, str]] = []
        self._form_id, self._inside = form_id, False
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._textarea: str | None = None
        self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = facts.get("id", "") == self._form_id
        elif not self._inside or "disabled" in facts or not (facts.get("name") or tag == "option"):
            return
        elif tag == "input":
            self._input(facts)
        elif tag == "select":
            self._select, self._options = facts["name"], []
        elif tag == "option" and self._select:
            self._options.append((facts.get("value", ""), "selected" in facts))
        elif tag == "textarea":
            self._textarea, self._text = facts["name"], ""

    def _input(self, facts: dict[str, str]) -> None:
        kind = facts.get("type", "text")
        if kind in {"submit", "button", "file"} or (kind in {"checkbox", "radio"} and "checked" not in facts):
            return
        self.values.append((facts["name"], facts.get("value", "on" if kind == "checkbox" else "")))

    def handle_data(self, text: str) -> None:
        self._text += text

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._textarea:
            self.values.append((self._textarea, self._text.removeprefix("\n").replace("\n", "\r\n")))
            self._textarea = None
        elif tag == "select" and self._select:
            self.values += [(self._select, value) for value, is_chosen in self._options if is_chosen]
            self._select = None


def as_sent(page: HttpResponse, form_id: str = "", **changes: Any) -> dict[str, list[Any]]:
    """Return what a browser sends of the form with this id, after somebody changed some fields; None unticks a box."""
    sent: dict[str, list[Any]] = {}
    for name, value in _Controls(page.content.decode(), form_id).values:
        sent.setdefault(name, []).append(value)
    for name, value in changes.items():
        sent.pop(name, None)
        if value is not None:
            sent[name] = value if isinstance(value, list) else [value]
    return sent
