"""The lines as Markdown tables."""

from collections.abc import Iterable, Sequence

from bench import lines
from bench.cost import LINES
from bench.customer import Cost
from bench.purchases import CUSTOMERS, Seen
from bench.served import Served

Cells = Sequence[str]


def pages(made: Sequence[lines.PageLine], bare: lines.Costs) -> str:
    """Return what pages cost, beside the bare ones."""
    rows = [
        (
            line.name,
            _numbers([line.cost.statements], "d"),
            _numbers([line.cost.cpu * 1000], ".2f"),
            _millions([line.cost], ".2f"),
            _numbers([line.by_cpu], ".3g"),
            _numbers([line.by_instructions] if line.by_instructions else [], ".3g"),
            f"≥ {line.least:g} × {line.reference}" if line.least else f"× {line.reference}; grown: below",
            _verdict(line.passes) if line.least else "",
        )
        for line in made
    ]
    for name in ("hello", "list"):
        cost = bare[name]
        measured = (_numbers([cost.cpu * 1000], ".2f"), _millions([cost], ".2f"))
        rows.append((f"*{name}*", _numbers([cost.statements], "d"), *measured, "", "", "", ""))
    return _table(
        ("page", "SQL", "CPU, ms", "instructions, M", "× by CPU", "× by instructions", "target", ""), rows
    )


def purchase(made: Sequence[lines.StepLine]) -> str:
    """Return what a purchase costs, at few and many lines."""
    rows = []
    for line in made:
        most = [f"≤ {_numbers(line.most, 'g')} × list"] if line.most else []
        most += [f"≤ {line.most_statements} SQL"] if line.most_statements else ["the same SQL"]
        rows.append(
            (
                line.name,
                _numbers(line.statements, "d"),
                _numbers([cost.cpu * 1000 for cost in line.costs], ".1f"),
                _millions(line.costs, ".1f"),
                _numbers(line.by_cpu, ".1f"),
                _numbers(line.by_instructions, ".1f"),
                ", ".join(most),
                _verdict(line.passes),
            )
        )
    of = f"purchase of {' / '.join(map(str, LINES))} lines"
    return _table(
        (of, "SQL", "CPU, ms", "instructions, M", "list, by CPU", "by instructions", "target", ""), rows
    )


def growth(made: Sequence[lines.GrowthLine]) -> str:
    """Return how much pages made anew grew."""
    rows = [
        (
            f"{line.name}, anew",
            _numbers([line.small.took * 1000], ".1f"),
            _numbers([line.large.took * 1000], ".1f"),
            f"{line.times:.2f} ×",
            f"≤ {line.most:g} ×",
            _verdict(line.passes),
        )
        for line in made
    ]
    return _table(
        ("page", "ms among 1,000", f"ms among {made[0].database.products:,}", "grew", "target", ""), rows
    )


def served(made: Served) -> str:
    """Return what the server answered to wrk."""
    missed = made.missed(lines.WARM)
    rows = [
        (
            f"{name}, warm",
            f"{pair.rate:,.0f}",
            f"{pair.by_rate:.2f}",
            f"{pair.by_cpu:.2f}" if pair.by_cpu else "–",
            f"≥ {lines.WARM:g} × hello",
            _verdict(name not in missed),
        )
        for name, pair in made.pages.items()
    ]
    rows.append(("*hello*", f"{made.hello:,.0f}", "", "", "", ""))
    return _table(("as served", "requests/s", "× by requests/s", "× by workers' CPU", "target", ""), rows)


def at_once(bought: Seen, hung: Seen) -> str:
    """Return how long the steps of a purchase took for many customers at once."""
    rows = [
        (
            name,
            *(_numbers(bought.percentiles(name, part), ".2f") for part in (50, 95)),
            _numbers(sorted(hung.steps.get(name, []))[-1:], ".1f"),
        )
        for name in dict.fromkeys([*bought.steps, *hung.steps])
    ]
    return _table(
        (f"{CUSTOMERS} customers at once, seconds", "p50", "p95", "longest while Stripe hangs"), rows
    )


def _numbers(values: Iterable[float], form: str) -> str:
    """Return numbers side by side; what was not measured is a dash."""
    return " / ".join(f"{int(value) if form == 'd' else value:{form}}" for value in values) or "–"


def _millions(costs: Iterable[Cost], form: str) -> str:
    return _numbers([cost.instructions / 1e6 for cost in costs if cost.instructions], form)


def _verdict(passes: bool) -> str:  # noqa: FBT001 - its one argument
    return "pass" if passes else "MISS"


def _table(head: Cells, rows: Sequence[Cells]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
