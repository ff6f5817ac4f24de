"""Reads a page as far as these tests need: elements with their attributes and text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse

VOID = {"area", "br", "hr", "img", "input", "link", "meta", "use", "wbr"}


@dataclass
class Element:
    tag: str
    attrs: dict[str, str]
    inside: list[str]
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    @property
    def classes(self) -> set[str]:
        return set(self.attrs.get("class", "").split())


class Page(HTMLParser):
    """A page of HTML. `inside` of an element names the tags around it."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        element = Element(
            tag, {name: value or "" for name, value in attrs}, [outer.tag for outer in self._open]
        )
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if self._open and self._open[-1].tag == tag and tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data):
        for element in self._open:
            element.pieces.append(data)

    def all(self, tag, **attrs):
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            element
            for element in self.elements
            if element.tag == tag and all(element.attrs.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag, **attrs):
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} of <{tag}> {attrs}"
        return found[0]

    def by_id(self, id_):
        found = [element for element in self.elements if element.attrs.get("id") == id_]
        assert len(found) == 1, f"{len(found)} elements have the id {id_}"
        return found[0]

    @property
    def title(self):
        return next(element.text for element in self.elements if element.tag == "title")

    @property
    def controls(self):
        """What a person fills in inside <main>."""
        return [
            element
            for element in self.elements
            if element.tag in {"input", "select", "textarea"}
            and "main" in element.inside
            and element.attrs.get("type") != "hidden"
        ]

    @property
    def summary(self):
        """The links of the error summary, as (id they lead to, sentence)."""
        start = next((i for i, e in enumerate(self.elements) if "wrongs" in e.classes), None)
        if start is None:
            return []
        depth = len(self.elements[start].inside)
        lines = []
        for element in self.elements[start + 1 :]:
            if len(element.inside) <= depth:
                break
            if element.tag == "a":
                lines.append((element.attrs["href"].removeprefix("#"), element.text))
        return lines
