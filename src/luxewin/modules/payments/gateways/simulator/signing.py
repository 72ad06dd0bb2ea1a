"""The simulator's signature: HMAC-SHA256 of the time and the body, keyed with the endpoint's secret."""

import hashlib
import hmac
import re
from datetime import datetime

from luxewin.modules.payments.errors import WebhookRefused

HEADER = "Simulator-Signature"
TOLERANCE_SECONDS = 300
_HEADER_FORMAT = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def signature(secret: str, body: bytes, *, at_seconds: int) -> str:
    """Return the value of the header for a body that is sent at this Unix time."""
    return f"t={at_seconds},v1={_digest(secret, body, at_seconds)}"


def verify(secret: str, header: str, body: bytes, *, at: datetime) -> None:
    """Check that the body was signed with this secret within five minutes of `at`.

    Raises:
        WebhookRefused: the header is malformed, more than five minutes from `at`, or for another body or secret.
    """
    match = _HEADER_FORMAT.fullmatch(header)
    if match is None:
        raise WebhookRefused("The signature is missing or malformed")
    at_seconds = int(match[1])
    if not hmac.compare_digest(match[2], _digest(secret, body, at_seconds)):
        raise WebhookRefused("The signature does not match the body")
    if abs(at.timestamp() - at_seconds) > TOLERANCE_SECONDS:
        raise WebhookRefused("The signature is too old")


def _digest(secret: str, body: bytes, at_seconds: int) -> str:
    return hmac.new(secret.encode(), f"{at_seconds}.".encode() + body, hashlib.sha256).hexdigest()
