"""The simulator's signature: HMAC-SHA256 over the time and the body, under the endpoint's secret."""

import hashlib
import hmac
import re
from datetime import datetime

from luxewin.modules.payments.errors import WebhookRefused

HEADER = "Simulator-Signature"
TOLERANCE_SECONDS = 300
_FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def signature(secret: str, body: bytes, *, at_seconds: int) -> str:
    """Return the header's value for a body sent at this Unix time."""
    return f"t={at_seconds},v1={_digest(secret, body, at_seconds)}"


def verify(secret: str, header: str, body: bytes, *, at: datetime) -> None:
    """Refuse a body that was not signed with this secret within five minutes of `at`.

    Raises:
        WebhookRefused: the header is malformed, too old or too new, or of another body or secret.
    """
    form = _FORM.fullmatch(header)
    if form is None:
        raise WebhookRefused("The signature is missing or malformed")
    at_seconds = int(form[1])
    if not hmac.compare_digest(form[2], _digest(secret, body, at_seconds)):
        raise WebhookRefused("The signature does not fit the body")
    if abs(at.timestamp() - at_seconds) > TOLERANCE_SECONDS:
        raise WebhookRefused("The signature is too old")


def _digest(secret: str, body: bytes, at_seconds: int) -> str:
    return hmac.new(secret.encode(), f"{at_seconds}.".encode() + body, hashlib.sha256).hexdigest()
