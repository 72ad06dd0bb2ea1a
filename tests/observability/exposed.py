"""What `/metrics` exposes, and what the documentation says that it does."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.architecture.tree import ROOT
from tests.observability.receivers import SURELY_THERE_SECONDS
from tests.program import Program

GUIDE = ROOT / "docs" / "monitoring.md"
_ROW = re.compile(r"^\| `(luxewin_\w+)` \| (\w+) \|([^|]*)\|", re.MULTILINE)


@dataclass(frozen=True)
class Shape:
    """A metric's kind and labels."""

    kind: str
    labels: frozenset[str]


class Scrape:
    """What one scrape has brought."""

    def __init__(self, text: str) -> None:
        self.shapes: dict[str, Shape] = {}
        self._values: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
        for family in text_string_to_metric_families(text):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = {label for sample in family.samples for label in sample.labels} - {"le"}
            self.shapes[name] = Shape(family.type, frozenset(labels))
            for sample in family.samples:
                self._values[sample.name, frozenset(sample.labels.items())] = sample.value

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of what is told under a name with these labels, and maybe others."""
        wanted = set(labels.items())
        return sum(value for (told, pairs), value in self._values.items() if told == name and wanted <= pairs)

    def labels_of(self, name: str, label: str) -> set[str]:
        """Return every value that a label has."""
        return {dict(pairs)[label] for told, pairs in self._values if told == name}


def documented() -> Mapping[str, Shape]:
    """Return every metric in the documentation's table."""
    rows = _ROW.findall(GUIDE.read_text(encoding="utf-8"))
    return {
        name: Shape(kind, frozenset(label.strip() for label in labels.split(",") if label.strip()))
        for name, kind, labels in rows
    }


async def scrape(program: Program) -> Scrape:
    """Read a program's metrics."""
    async with httpx2.AsyncClient(timeout=30) as client:
        answer = await client.get(f"{program.url}/metrics")
    assert answer.status_code == 200, answer.text
    return Scrape(answer.text)


async def until(program: Program, holds: Callable[[Scrape], bool]) -> Scrape:
    """Scrape until something holds, as a scraper would: again and again; return the last scrape, whatever it says."""
    give_up_at = time.monotonic() + SURELY_THERE_SECONDS
    while True:
        seen = await scrape(program)
        if holds(seen) or time.monotonic() > give_up_at:
            return seen
        await asyncio.sleep(0.2)
