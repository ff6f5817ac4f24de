"""What was measured beside what it should be: one line for each claim of docs/scaling.md."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from bench.cost import LINES, PUBLIC
from bench.customer import Cost, steps
from bench.databases import Database

Costs = Mapping[str, Cost]

# From so many products on, a page made anew is held against the same page among a thousand.
LARGE = 100_000
WARM, ANEW = 0.9, 0.33
GROWTH = {"SQLite": 2.0, "PostgreSQL": 1.5}
CART = {"header fragment": 2.0, "cart of three": 0.6, "add, new visitor": 1.0, "add, known visitor": 1.0}
STATEMENTS = {"place": 24, "pay page": 14, "status page, second": 14}
# A whole purchase, at the two numbers of lines.
PURCHASE = (22.0, 26.0)
P99_MILLISECONDS, MEMORY_MB, LONGEST_SECONDS = 150, 95, 12


@dataclass(frozen=True)
class PageLine:
    """A page, and how many of it cost as much as one bare page, at least."""

    name: str
    cost: Cost
    reference: str
    bare: Cost
    least: float | None

    @property
    def by_cpu(self) -> float:
        """Return the ratio by CPU time."""
        return self.bare.cpu / self.cost.cpu

    @property
    def by_instructions(self) -> float | None:
        """Return the ratio by instructions; None where they were not counted."""
        return self.bare.instructions / self.cost.instructions if self.cost.instructions else None

    @property
    def ratio(self) -> float:
        """Return the ratio that decides."""
        return self.by_instructions or self.by_cpu

    @property
    def passes(self) -> bool:
        """Tell whether the target is reached."""
        return self.least is None or self.ratio >= self.least


@dataclass(frozen=True)
class StepLine:
    """A step of a purchase at few and many lines, and how many bare pages it may cost, or statements it may take."""

    name: str
    costs: tuple[Cost, ...]
    bare: Cost
    most: tuple[float, ...] = ()
    most_statements: int | None = None

    @property
    def by_cpu(self) -> list[float]:
        """Return how many bare pages it costs by CPU time."""
        return [cost.cpu / self.bare.cpu for cost in self.costs]

    @property
    def by_instructions(self) -> list[float]:
        """Return how many bare pages it costs by instructions; none where they were not counted."""
        return [cost.instructions / self.bare.instructions for cost in self.costs if cost.instructions]

    @property
    def statements(self) -> list[int]:
        """Return how many statements it takes."""
        return [int(cost.statements) for cost in self.costs]

    @property
    def passes(self) -> bool:
        """Tell whether it takes the same statements at few and many lines, and no more than it may."""
        few, many = self.statements
        costly = zip(self.by_instructions or self.by_cpu, self.most, strict=False)
        return few == many <= (self.most_statements or many) and all(ratio <= most for ratio, most in costly)


@dataclass(frozen=True)
class GrowthLine:
    """A page made anew among a thousand products and among many."""

    name: str
    database: Database
    small: Cost
    large: Cost

    @property
    def times(self) -> float:
        """Return how much it grew: by the clock where the database is another process, else by what this one does."""
        if self.database.is_apart:
            return self.large.took / self.small.took
        if self.small.instructions:
            return self.large.instructions / self.small.instructions
        return self.large.cpu / self.small.cpu

    @property
    def most(self) -> float:
        """Return how much it may grow."""
        return GROWTH[self.database.kind]

    @property
    def passes(self) -> bool:
        """Tell whether it grew no more than it may."""
        return self.times <= self.most


def pages(costs: Costs, products: int) -> list[PageLine]:
    """Return the lines of all pages."""
    anew = None if products >= LARGE else ANEW
    wanted: list[tuple[str, str, float | None]] = [
        *((f"{name}, warm", "hello", WARM) for name in PUBLIC),
        *((f"{name}, anew", "list", anew) for name in (*PUBLIC, "search")),
        *((name, "list", least) for name, least in CART.items()),
    ]
    return [PageLine(name, costs[name], bare, costs[bare], least) for name, bare, least in wanted]


def purchase(costs: Costs) -> list[StepLine]:
    """Return the lines of a purchase: each step, and the sum of the five, whichever comes first after the payment."""

    def at_each(step: str) -> tuple[Cost, ...]:
        return tuple(costs[f"{step}, {lines}"] for lines in LINES)

    bare = costs["list"]
    orders = {"webhook first": steps(webhook_first=True), "status page first": steps(webhook_first=False)}
    names = dict.fromkeys(name for order in orders.values() for name in order)
    lines = [StepLine(name, at_each(name), bare, most_statements=STATEMENTS.get(name)) for name in names]
    for name, order in orders.items():
        each = tuple(_sum(parts) for parts in zip(*map(at_each, order), strict=True))
        lines.append(StepLine(f"all five, {name}", each, bare, most=PURCHASE))
    return lines


def growth(costs: Costs, database: Database) -> list[GrowthLine]:
    """Return how much each page made anew grew; nothing where there was no smaller shop to compare with."""
    small = {name: costs.get(f"{name}, smaller") for name in (*PUBLIC, "search")}
    return [GrowthLine(name, database, cost, costs[f"{name}, anew"]) for name, cost in small.items() if cost]


def _sum(parts: tuple[Cost, ...]) -> Cost:
    return Cost(**{field.name: sum(getattr(part, field.name) for part in parts) for field in fields(Cost)})
