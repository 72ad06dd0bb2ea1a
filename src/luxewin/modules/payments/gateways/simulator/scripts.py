"""The outcome of a charge for each of the simulator's tokens."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The outcome of a charge: its status in the simulator's ledger, the reason, and what follows later.

    `responds` is False if the charge is recorded, but the call gets no response.
    """

    status: str = "captured"
    reason: str | None = None
    responds: bool = True
    captures_after_seconds: float | None = None
    disputed_after_seconds: float | None = None

    @property
    def takes_money(self) -> bool:
        """True if the charge is captured without a further step."""
        return self.status == "captured"


SCRIPTS: Mapping[str, Script] = {
    "tok_visa": Script(),
    "tok_declined": Script(status="declined", reason="card_declined"),
    "tok_insufficient_funds": Script(status="declined", reason="insufficient_funds"),
    "tok_3ds": Script(status="requires_action"),
    "tok_unknown": Script(responds=False),
    "tok_slow": Script(captures_after_seconds=5.0),
    "tok_dispute": Script(disputed_after_seconds=2.0),
}
_UNKNOWN_TOKEN = Script(status="declined", reason="invalid_token")


def script_of(token: str) -> Script:
    """Return the outcome of a charge with this token; an unknown token is declined."""
    return SCRIPTS.get(token, _UNKNOWN_TOKEN)
