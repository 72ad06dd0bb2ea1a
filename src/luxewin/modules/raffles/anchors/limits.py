"""Limits of anchoring: confirmations, fees and times."""

from dataclasses import dataclass

GWEI = 10**9
_RAISE_RATIO = (5, 4)
"""Nodes accept a replacement whose fees are a tenth higher; raising by a quarter needs fewer replacements."""
_MIN_RAISE_RATIO = (11, 10)


@dataclass(frozen=True, slots=True)
class Fees:
    """The maximum fee of a transaction, and the part of it that goes to the block's producer; wei per unit of gas."""

    max_fee_wei: int
    priority_fee_wei: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of a step; `confirmations` includes the block itself."""

    confirmations: int
    max_fee_wei: int
    bump_seconds: int
    stale_seconds: int
    step_seconds: float

    def initial_fees(self, *, base_fee_wei: int, priority_fee_wei: int) -> Fees | None:
        """Return the fees of a new transaction, enough for twice the base fee; None if the base fee is at the limit."""
        if base_fee_wei >= self.max_fee_wei:
            return None
        max_fee = min(2 * base_fee_wei + priority_fee_wei, self.max_fee_wei)
        return Fees(max_fee, min(priority_fee_wei, max_fee))

    def raised_fees(self, paid: Fees, *, usual: Fees) -> Fees | None:
        """Return the fees of a replacement of a transaction with the fees `paid`.

        None if the limit does not allow fees that are high enough for a node to accept the replacement.
        """
        raised = Fees(
            min(max(_times(paid.max_fee_wei, _RAISE_RATIO), usual.max_fee_wei), self.max_fee_wei),
            min(max(_times(paid.priority_fee_wei, _RAISE_RATIO), usual.priority_fee_wei), self.max_fee_wei),
        )
        is_enough = raised.max_fee_wei >= _times(
            paid.max_fee_wei, _MIN_RAISE_RATIO
        ) and raised.priority_fee_wei >= _times(paid.priority_fee_wei, _MIN_RAISE_RATIO)
        return raised if is_enough else None


def _times(amount: int, ratio: tuple[int, int]) -> int:
    """Return the amount times a ratio, rounded up."""
    return -(-amount * ratio[0] // ratio[1])
