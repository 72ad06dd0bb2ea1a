"""What the simulator does for each token that it knows."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How a charge goes: its state in the books, why, and what follows later.

    `answers` is False where the books change and the call is never answered.
    """

    status: str = "captured"
    reason: str | None = None
    answers: bool = True
    captures_after_seconds: float | None = None
    disputed_after_seconds: float | None = None

    @property
    def takes_money(self) -> bool:
        """Whether the charge is captured without anybody's further doing."""
        return self.status == "captured"


SCRIPTS: Mapping[str, Script] = {
    "tok_visa": Script(),
    "tok_declined": Script(status="declined", reason="card_declined"),
    "tok_insufficient_funds": Script(status="declined", reason="insufficient_funds"),
    "tok_3ds": Script(status="requires_action"),
    "tok_unknown": Script(answers=False),
    "tok_slow": Script(captures_after_seconds=5.0),
    "tok_dispute": Script(disputed_after_seconds=2.0),
}
_STRANGER = Script(status="declined", reason="invalid_token")


def script_of(token: str) -> Script:
    """Return what happens to a charge with this token; a token that the simulator did not make is declined."""
    return SCRIPTS.get(token, _STRANGER)
