"""What was measured on one database, as text; and the place of that text in docs/scaling.md."""

import os
import platform
import re
import subprocess
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import lines, tables
from bench.cost import has_valgrind
from bench.customer import Cost
from bench.databases import ROOT, Database
from bench.purchases import Seen
from bench.served import Served

DOCUMENT = ROOT / "docs" / "scaling.md"
# Lines of prose in documents are no longer (tests/config/test_docs.py).
WIDTH = 118
_BLOCK = re.compile(r"(<!-- make bench -->\n)(.*?)(<!-- end of make bench -->)", re.DOTALL)


@dataclass
class Result:
    """What was measured on one database; what was left out is None."""

    database: Database
    version: str
    costs: dict[str, Cost] | None = None
    served: Served | None = None
    purchases: tuple[Seen, Seen] | None = None
    memory: dict[str, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return what the tables are about."""
        return f"{self.database.kind}, {self.database.products:,} products"

    @property
    def pages(self) -> list[lines.PageLine]:
        """Return the lines of all pages."""
        return lines.pages(self.costs, self.database.products) if self.costs else []

    @property
    def steps(self) -> list[lines.StepLine]:
        """Return the lines of a purchase."""
        return lines.purchase(self.costs) if self.costs else []

    @property
    def growth(self) -> list[lines.GrowthLine]:
        """Return how much pages grew."""
        return lines.growth(self.costs, self.database) if self.costs else []

    def missed(self) -> list[str]:
        """Return the names of the lines that miss their targets."""
        found = [line.name for line in self.pages if not line.passes]
        found += [line.name for line in self.steps if not line.passes]
        found += [f"{line.name}, grown" for line in self.growth if not line.passes]
        if self.served:
            found += [f"{name}, as served" for name in self.served.missed(lines.WARM)]
            found += ["search, as served"] * (self.served.search_p99 >= lines.P99_MILLISECONDS)
        for seen in self.purchases or ():
            found += [f"a purchase: {seen.wrong[0]}"] if seen.wrong else []
            found += [f"an answer took {seen.longest:.1f} s"] * (seen.longest >= lines.LONGEST_SECONDS)
        return found + [f"memory {when}" for when, size in self.memory.items() if size > lines.MEMORY_MB]


def text(result: Result, machine: str) -> str:
    """Return all tables of one database."""
    parts = [f"### {result.title}", f"{machine}; {result.version}."]
    if result.costs:
        parts += [tables.pages(result.pages, result.costs), tables.purchase(result.steps)]
    if result.growth:
        parts += [tables.growth(result.growth)]
    if result.served:
        p99, most = result.served.search_p99, lines.P99_MILLISECONDS
        parts += [tables.served(result.served)]
        parts += [f"Search made anew, over one connection: 99 of 100 within {p99:.0f} ms (under {most})."]
    if result.purchases:
        parts += [tables.at_once(*result.purchases), _said(*result.purchases)]
    if result.memory:
        memory = ", ".join(f"{size:.0f} MB {when}" for when, size in result.memory.items())
        parts += [f"Memory of the largest worker: {memory} (at most {lines.MEMORY_MB})."]
    return "\n\n".join(part if part[0] in "#|" else _reflowed(part) for part in parts)


def _reflowed(prose: str) -> str:
    return textwrap.fill(prose, WIDTH, break_long_words=False, break_on_hyphens=False)


def _said(bought: Seen, hung: Seen) -> str:
    rate = bought.walks / bought.seconds
    return (
        f"{rate:.1f} purchases a second; {len(bought.wrong)} went wrong. While Stripe hangs: {hung.walks} tries,"
        f" {len(hung.wrong)} went wrong, the longest answer took {hung.longest:.1f} s (under {lines.LONGEST_SECONDS})."
    )


def machine() -> str:
    """Return when and on what this was measured, and how busy that was before."""
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.+)", cpuinfo.read_text() if cpuinfo.exists() else "")
    parts = [
        f"{datetime.now(UTC):%d %B %Y}: {os.cpu_count()} cores ({model[1] if model else platform.machine()})",
        f"load {os.getloadavg()[0]:.1f} at the start",
        f"Python {platform.python_version()}",
    ]
    if has_valgrind():
        said = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True).stdout
        parts.append(said.strip().replace("valgrind-", "Valgrind "))
    return ", ".join(parts).lstrip("0")


def write(results: Sequence[Result], machine: str) -> None:
    """Put the tables into docs/scaling.md, in the place of those about the same databases."""
    document = DOCUMENT.read_text("utf-8")
    block = _BLOCK.search(document)
    if block is None:
        raise SystemExit(
            f"{DOCUMENT} has no place for tables between comments “make bench” and “end of make bench”."
        )
    parts = re.split(r"^(?=### )", block[2], flags=re.MULTILINE)
    kept = {part.partition("\n")[0]: part.strip() for part in parts if part.strip()}
    kept |= {f"### {result.title}": text(result, machine) for result in results}
    titles = sorted(kept, key=lambda title: ("SQLite" not in title, len(title)))
    body = "\n\n".join(kept[title] for title in titles)
    DOCUMENT.write_text(document.replace(block[0], f"{block[1]}\n{body}\n\n{block[3]}"), "utf-8")
