"""Alice's order of two books, with its payment begun, as in tests/faults."""

from tests.faults.conftest import buyer, order, variant

__all__ = ["buyer", "order", "variant"]
