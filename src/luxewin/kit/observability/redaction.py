"""What must not be told: secrets by their name or form, and personal values in what goes to others."""

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


def by_name(name: str, value: Any) -> Any:
    """Return a value as a log may show it under this name."""
    if _SECRET_NAMES.search(name):
        return REDACTED
    if isinstance(value, str):
        return _SECRET_VALUES.sub(REDACTED, value)
    if isinstance(value, dict):
        return {key: by_name(str(key), item) for key, item in value.items()}
    return value


def without_secrets(text: str | None) -> str:
    """Return a text as a third party may see it: it holds no secret and nobody's data."""
    return _PERSONAL_VALUES.sub(REDACTED, _SECRET_VALUES.sub(REDACTED, text or ""))
