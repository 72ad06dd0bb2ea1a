"""The history of the clients' requests, and the check that nothing was lost, duplicated or invented.

Each request contains a unique tag, so that every stored row can be traced to its request. The client knows only the
responses that it received:

    acknowledged ⊆ stored ⊆ acknowledged or indeterminate
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

IN_FLIGHT = "idempotency.in_flight"
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500


class Outcome(StrEnum):
    """The outcome of a request for its client, after all attempts."""

    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    INDETERMINATE = "indeterminate"


@dataclass(slots=True)
class RequestRecord:
    """One request: how many times it was sent, and the responses that were conclusive."""

    sent: int = 0
    effects: list[str] = field(default_factory=list)
    rejections: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """The outcome so far. A request without a conclusive response may have taken effect, or may still do so."""
        if self.effects:
            return Outcome.ACKNOWLEDGED
        return Outcome.REJECTED if self.rejections else Outcome.INDETERMINATE


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored row: the tag of its request, and a summary of its effect."""

    tag: str
    effect: str


class History:
    """All requests of one kind, by tag."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._records: dict[str, RequestRecord] = {}

    def sent(self, tag: str) -> None:
        """Record that a request is being sent, for the first time or again."""
        self._records.setdefault(tag, RequestRecord()).sent += 1

    def acknowledged(self, tag: str, effect: str) -> None:
        """Record that the effect was confirmed, with its summary."""
        self._records[tag].effects.append(effect)

    def rejected(self, tag: str, reason: str) -> None:
        """Record a response that rules out an effect."""
        self._records[tag].rejections.append(reason)

    def record_response(self, tag: str, status: int, *, code: str | None, effect: str | None) -> Outcome:
        """Record a response and return the outcome; server errors, 429 and requests in flight are inconclusive."""
        if effect is not None:
            self.acknowledged(tag, effect)
        elif status < _SERVER_ERRORS and status != _TOO_MANY_REQUESTS and code != IN_FLIGHT:
            self.rejected(tag, code or str(status))
        return self._records[tag].outcome

    def outcome(self, tag: str) -> Outcome:
        """Return the outcome of a request so far."""
        return self._records[tag].outcome

    def counts(self) -> Counter[Outcome]:
        """Return the number of requests of each outcome."""
        return Counter(record.outcome for record in self._records.values())

    def anomalies(self, stored: Iterable[Stored]) -> list[str]:
        """Compare the history with the stored rows, and return every contradiction."""
        found: dict[str, list[str]] = {}
        for row in stored:
            found.setdefault(row.tag, []).append(row.effect)
        anomalies = [anomaly for tag, effects in found.items() for anomaly in self._anomalies_of(tag, effects)]
        for tag, record in self._records.items():
            if record.outcome is Outcome.ACKNOWLEDGED and tag not in found:
                anomalies.append(f"{self.kind} {tag}: lost, but it was acknowledged as {record.effects[0]}")
            if len(set(record.effects)) > 1:
                anomalies.append(f"{self.kind} {tag}: acknowledged differently, {sorted(set(record.effects))}")
        return anomalies

    def _anomalies_of(self, tag: str, effects: list[str]) -> list[str]:
        record = self._records.get(tag)
        if record is None:
            return [f"{self.kind} {tag}: stored, but never requested"]
        anomalies = []
        if len(effects) > 1:
            anomalies.append(f"{self.kind} {tag}: stored {len(effects)} times")
        if record.outcome is Outcome.REJECTED:
            anomalies.append(f"{self.kind} {tag}: stored, but it was rejected ({record.rejections[-1]})")
        if record.effects and effects[0] != record.effects[0]:
            anomalies.append(f"{self.kind} {tag}: stored as {effects[0]}, acknowledged as {record.effects[0]}")
        return anomalies
