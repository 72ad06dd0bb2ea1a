"""Structured logs on standard output: one JSON object a line (or coloured text for a person), secrets redacted."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from luxewin.kit.observability import failures, tracing
from luxewin.kit.observability.redaction import by_name


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
        _with_exception,
        tracing.with_ids,
        failures.told,
        structlog.processors.format_exc_info,
        redacted,
    ]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_OfLibraries()], force=True)


def redacted(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what a name or a form gives away as secret; line breaks cannot forge a second entry."""
    return {name: by_name(name, value) for name, value in event.items()}


def _with_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if event.get("exc_info") is True:
        event["exc_info"] = sys.exception()
    return event


class _OfLibraries(logging.Handler):
    """Passes on what libraries log in the standard library's way."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        log = structlog.get_logger().bind(logger=record.name)
        log.log(record.levelno, record.getMessage(), **({"exc_info": error} if error is not None else {}))
