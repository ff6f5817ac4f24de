"""Context of the cart page."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from shop.cart import review
from shop.cart.review import Line, Review
from shop.catalogue import availability
from shop.catalogue.availability import Availability
from shop.models import Cart


@dataclass(frozen=True)
class WrongQuantity:
    """What somebody typed into a line's field, and why it cannot be."""

    line_id: int
    typed: str
    problem: str


@dataclass(frozen=True)
class Row:
    """A line, what stands in its field, and what is wrong with that."""

    line: Line
    typed: str
    problem: str

    @property
    def title(self) -> str:
        """Return title and variant."""
        return self.line.variant.full_title

    @property
    def field(self) -> str:
        """Return the id of the field."""
        return f"quantity-{self.line.id}"

    @cached_property
    def availability(self) -> Availability:
        """Return what we say about stock, counting what the cart's own open order holds for it."""
        # What one may choose ends at MAX_LINE_QUANTITY, what there is does not.
        return availability.of_stock(self.line.variant, max(self.line.available, self.line.variant.stock))

    @property
    def most(self) -> int:
        """Return the most its keys reach. Above a few that is the house's limit, as the stock is not told."""
        left = self.availability.left
        return settings.MAX_LINE_QUANTITY if left is None else min(left, settings.MAX_LINE_QUANTITY)


@dataclass(frozen=True)
class CartPage:
    """The cart's rows and what changed since they were last seen."""

    rows: tuple[Row, ...]
    review: Review

    @property
    def says_error(self) -> bool:
        """Tell whether a row says what is wrong."""
        return any(row.problem for row in self.rows)

    def row_after(self, line_id: int) -> int:
        """Return the id of the line that follows one that is gone; 0 where none does."""
        return next((row.line.id for row in self.rows if row.line.id > line_id), 0)


def cart_page(cart: Cart | None, wrong: WrongQuantity | None = None) -> CartPage:
    """Look again at a cart (None: nothing was ever put into one) and return its page."""
    reviewed = review.of_cart(cart) if cart else Review((), ())
    return CartPage(tuple(_row(line, wrong) for line in reviewed), reviewed)


def _row(line: Line, wrong: WrongQuantity | None) -> Row:
    if wrong and wrong.line_id == line.id:
        return Row(line, wrong.typed, wrong.problem)
    return Row(line, str(line.quantity), "")
