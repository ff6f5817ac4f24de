"""Finding books by words."""

from django.db import connection

from shop.filters import Condition, joined


def matching(words: str) -> Condition:
    """Return the condition that every word is somewhere in title, author, description or year."""
    return joined(*(_matching(word) for word in words.split()))


def _matching(word: str) -> Condition:
    like = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
    pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    places = [
        f"p.{column} {like} %s ESCAPE '\\'" for column in ("title", "author", "description", "years_text")
    ]
    parameters: list[object] = [pattern] * len(places)
    if word.isdecimal() and len(word) <= 4:
        places.append("p.year = %s")
        parameters.append(int(word))
    return Condition(f"({' OR '.join(places)})", tuple(parameters))
