"""Alice's order of two books, with its payment begun, as in tests/faults."""

from tests.faults.conftest import buyer, order, processes, variant

__all__ = ["buyer", "order", "processes", "variant"]
