"""“Did you mean”: the nearest words among titles and authors."""

from collections.abc import Iterable, Iterator

from django.db.models.functions import Length

from shop.catalogue.search.folding import tokens
from shop.models import Word

# Words that begin alike are looked through first, then all; no further than so many.
MOST = 50_000
SHORTEST = 3


def nearest(text: str) -> str:
    """Return the words with each that no title or author has replaced by the nearest; "" where that changes nothing.

    A word that nothing is near to is left out.
    """
    asked = tokens(text)
    known = _known(asked)
    meant = [word if word in known else _nearest(word) for word in asked]
    kept = [word for word in meant if word]
    return " ".join(kept) if kept and kept != asked else ""


def _known(words: list[str]) -> set[str]:
    return set(Word.objects.filter(word__in=words).values_list("word", flat=True))


def _nearest(word: str) -> str:
    if len(word) < SHORTEST:
        return ""
    slips = _slips(word)
    for some in _alike(word, slips):
        found = _best(word, slips, some)
        if found:
            return found
    return ""


def _slips(word: str) -> int:
    """Return how many letters may be wrong, missing, too many or have changed places."""
    return 1 if len(word) < 5 else 2 if len(word) < 9 else 3


def _alike(word: str, slips: int) -> Iterator[Iterable[str]]:
    """Yield words among which the nearest may be, the likeliest first."""
    words = Word.objects.values_list("word", flat=True)
    sized = words.alias(length=Length("word")).filter(
        length__gte=len(word) - slips, length__lte=len(word) + slips
    )
    yield sized.filter(word__startswith=word[0])[:MOST]
    yield sized[:MOST]


def _best(word: str, slips: int, candidates: Iterable[str]) -> str:
    from rapidfuzz import process  # only a search that finds nothing needs it
    from rapidfuzz.distance import OSA

    found = process.extractOne(word, list(candidates), scorer=OSA.distance, score_cutoff=slips)
    return found[0] if found else ""
