"""Structured logs on standard output: one JSON object a line (or coloured text for a person), secrets redacted."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

_SECRET_NAMES = re.compile(r"password|secret|token|authorization|cookie|api_?key|card|cvv|salt", re.IGNORECASE)
_SECRET_VALUES = re.compile(r"(eyJ[\w-]+\.[\w-]+\.[\w-]+|Bearer\s+\S+|postgres(?:ql)?://[^\s@]+@)")
REDACTED = "[redacted]"


def configure(*, human: bool) -> None:
    """Send all logs, the libraries' too, through one redacting chain."""
    render: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
        if human
        else structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str).decode())
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redacted,
    ]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s", force=True)


def redacted(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what a name or a form gives away as secret; line breaks cannot forge a second entry."""
    return {name: _clean(name, value) for name, value in event.items()}


def _clean(name: str, value: Any) -> Any:
    if _SECRET_NAMES.search(name):
        return REDACTED
    if isinstance(value, str):
        return _SECRET_VALUES.sub(REDACTED, value)
    if isinstance(value, dict):
        return {key: _clean(str(key), item) for key, item in value.items()}
    return value
