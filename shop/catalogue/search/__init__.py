"""Product search.

A product is found where it has every word, the last one also as the beginning of a longer one. Products with all words
in the title come first, then those with all in title and author, then those that have them anywhere. Case, accents and
signs do not matter: what is typed and what is indexed are folded by one function (`folding.py`), on every database.

A search looks at the first matches only, so that a word in a million products costs what a rare one does.
"""

from shop.catalogue.search.matches import Found, Suggestion, facets, find, for_staff, suggest

__all__ = ["Found", "Suggestion", "facets", "find", "for_staff", "suggest"]
