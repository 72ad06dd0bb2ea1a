"""Redaction of secrets in logs, and of secrets and personal data in reports to third parties."""

import re
from typing import Any

REDACTED = "[redacted]"
_SECRET_NAMES = re.compile(
    r"password|secret|token|authorization|cookie|api_?key|card|cvv|salt|mfa|answer", re.IGNORECASE
)
_SECRET_VALUES = re.compile(r"(eyJ[\w-]+\.[\w-]+\.[\w-]+|Bearer\s+\S+|postgres(?:ql)?://[^\s@]+@)")
_PERSONAL_VALUES = re.compile(
    r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    r"|(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])"  # a card or account number
    r"|(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_]{24,}(?![\w-])"  # a token: long, of letters and digits
    r"|(?i:(?:password|secret|token|key|cvv)\b[\"']?\s*[=:]\s*[\"']?[^\s\"',;)]+)"  # a secret that is named
    r"|(?<=Key )\([^()]*\)=\([^()]*\)|(?<=Failing row contains )\(.*\)"  # values in PostgreSQL's details
)


def redact(name: str, value: Any) -> Any:
    """Return a value that may be logged under this name."""
    if _SECRET_NAMES.search(name):
        return REDACTED
    if isinstance(value, str):
        return _SECRET_VALUES.sub(REDACTED, value)
    if isinstance(value, dict):
        return {key: redact(str(key), item) for key, item in value.items()}
    return value


def redact_text(text: str | None) -> str:
    """Return a text without secrets and personal data, which may be sent to a third party."""
    return _PERSONAL_VALUES.sub(REDACTED, _SECRET_VALUES.sub(REDACTED, text or ""))
