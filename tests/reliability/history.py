"""What clients remember of their own requests, and what may be stored if nothing was lost, doubled or made up.

A client writes a tag of its own into everything it asks for, so that whatever is stored can be traced to the request
it came from. What it was told is all it knows:

    acknowledged ⊆ stored ⊆ acknowledged or indeterminate
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

IN_FLIGHT = "idempotency.in_flight"
_TOO_MANY = 429
_OUR_FAILURES = 500


class Outcome(StrEnum):
    """What a client knows of a request, however often it was sent."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    INDETERMINATE = "indeterminate"


@dataclass(slots=True)
class Memory:
    """All that a client remembers of one request: how often it was sent, and what was told of its effect."""

    sent: int = 0
    facts: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """What is known by now; a request without any clear answer may have had its effect, or may still have it."""
        if self.facts:
            return Outcome.ACKNOWLEDGED
        return Outcome.REFUSED if self.refusals else Outcome.INDETERMINATE


@dataclass(frozen=True, slots=True)
class Stored:
    """Something that was found at the end, with the tag of the request that asked for it."""

    tag: str
    fact: str


class History:
    """The memories of many clients of one kind of request, by tag."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._memories: dict[str, Memory] = {}

    def sent(self, tag: str) -> None:
        """Remember that a request is on its way, for the first time or once more."""
        self._memories.setdefault(tag, Memory()).sent += 1

    def acknowledged(self, tag: str, fact: str) -> None:
        """Remember that the effect was confirmed, and what was told of it."""
        self._memories[tag].facts.append(fact)

    def refused(self, tag: str, reason: str) -> None:
        """Remember that the request was told to have no effect."""
        self._memories[tag].refusals.append(reason)

    def told(self, tag: str, status: int, *, code: str | None, fact: str | None) -> Outcome:
        """Remember an answer as what it says: silence, our own failures and 'try again' say nothing."""
        if fact is not None:
            self.acknowledged(tag, fact)
        elif status < _OUR_FAILURES and status != _TOO_MANY and code != IN_FLIGHT:
            self.refused(tag, code or str(status))
        return self._memories[tag].outcome

    def outcome(self, tag: str) -> Outcome:
        """Return what is known of a request."""
        return self._memories[tag].outcome

    def counts(self) -> Counter[Outcome]:
        """Return how many requests there are of each outcome."""
        return Counter(memory.outcome for memory in self._memories.values())

    def faults(self, stored: Iterable[Stored]) -> list[str]:
        """Compare with what is stored, and return whatever cannot be."""
        found: dict[str, list[str]] = {}
        for thing in stored:
            found.setdefault(thing.tag, []).append(thing.fact)
        faults = [fault for tag, facts in found.items() for fault in self._faults_of(tag, facts)]
        for tag, memory in self._memories.items():
            if memory.outcome is Outcome.ACKNOWLEDGED and tag not in found:
                faults.append(f"{self.kind} {tag}: lost, though it was acknowledged as {memory.facts[0]}")
            if len(set(memory.facts)) > 1:
                faults.append(f"{self.kind} {tag}: acknowledged differently, {sorted(set(memory.facts))}")
        return faults

    def _faults_of(self, tag: str, facts: list[str]) -> list[str]:
        memory = self._memories.get(tag)
        if memory is None:
            return [f"{self.kind} {tag}: stored, though nobody asked for it"]
        faults = []
        if len(facts) > 1:
            faults.append(f"{self.kind} {tag}: stored {len(facts)} times")
        if memory.outcome is Outcome.REFUSED:
            faults.append(f"{self.kind} {tag}: stored, though it was refused ({memory.refusals[-1]})")
        if memory.facts and facts[0] != memory.facts[0]:
            faults.append(f"{self.kind} {tag}: stored as {facts[0]}, acknowledged as {memory.facts[0]}")
        return faults
