"""How far an anchor may go: depth, fees, patience."""

from dataclasses import dataclass

GWEI = 10**9
_RAISED_BY = (5, 4)
"""Nodes take a replacement that pays a tenth more; a quarter gets there in fewer steps."""
_LEAST_RAISE = (11, 10)


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction pays at most for each unit of gas, and what of it goes to whoever includes it; in wei."""

    max_fee_wei: int
    priority_fee_wei: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a step may do; `confirmations` counts the block itself."""

    confirmations: int
    max_fee_wei: int
    bump_seconds: int
    stale_seconds: int
    step_seconds: float

    def fees(self, *, base_fee_wei: int, priority_fee_wei: int) -> Fees | None:
        """Return what to pay at first: room for a base fee that doubles; None where even today's is too much."""
        if base_fee_wei >= self.max_fee_wei:
            return None
        max_fee = min(2 * base_fee_wei + priority_fee_wei, self.max_fee_wei)
        return Fees(max_fee, min(priority_fee_wei, max_fee))

    def raised(self, paid: Fees, *, usual: Fees) -> Fees | None:
        """Return what to pay instead of `paid`, enough for a node to replace it; None where the limit is reached."""
        wanted = Fees(
            max(_times(paid.max_fee_wei, _RAISED_BY), usual.max_fee_wei),
            max(_times(paid.priority_fee_wei, _RAISED_BY), usual.priority_fee_wei),
        )
        capped = Fees(
            min(wanted.max_fee_wei, self.max_fee_wei),
            min(wanted.priority_fee_wei, self.max_fee_wei),
        )
        enough = capped.max_fee_wei >= _times(paid.max_fee_wei, _LEAST_RAISE) and capped.priority_fee_wei >= _times(
            paid.priority_fee_wei, _LEAST_RAISE
        )
        return capped if enough else None


def _times(amount: int, ratio: tuple[int, int]) -> int:
    """Return the amount times a ratio, rounded up."""
    return -(-amount * ratio[0] // ratio[1])
