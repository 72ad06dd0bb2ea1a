"""Structured logs on standard output: a JSON object per line, or coloured text on a terminal, without secrets."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from luxewin.kit.observability import failures, tracing
from luxewin.kit.observability.redaction import redact


def configure(*, human: bool) -> None:
    """Send all logs, including those of libraries, through one chain of processors that redacts secrets."""
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
        failures.report_logged,
        structlog.processors.format_exc_info,
        redact_entry,
    ]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_LibraryHandler()], force=True)


def redact_entry(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace values whose name or form is that of a secret; JSON escapes line breaks, so no entry can be forged."""
    return {name: redact(name, value) for name, value in event.items()}


def _with_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if event.get("exc_info") is True:
        event["exc_info"] = sys.exception()
    return event


class _LibraryHandler(logging.Handler):
    """Passes records of the standard `logging` module to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        log = structlog.get_logger().bind(logger=record.name)
        log.log(record.levelno, record.getMessage(), **({"exc_info": error} if error is not None else {}))
