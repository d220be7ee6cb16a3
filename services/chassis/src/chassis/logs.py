"""JSON lines on stdout: ids and facts, never payloads, never secrets."""

import logging
import re
import sys
from typing import Any

import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

# Without the variables of each frame: they hold requests and settings, so names, addresses and secrets.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))

_QUOTED = re.compile(r"(invalid input [^:]+): .*")


def without_values(text: str) -> str:
    """What an error says, in one line, less the values it quotes.

    PostgreSQL's DETAIL shows whole rows, its driver the argument that did not fit.
    """
    return _QUOTED.sub(r"\1", text.partition("\n")[0]).replace("\x00", "?")


def _quiet(_logger: Any, _method: str, entry: Any) -> Any:
    for error in entry.get("exception", ()):
        _silence(error)
    return entry


def _silence(error: dict[str, Any]) -> None:
    error["exc_value"] = without_values(error["exc_value"])
    for inner in error.get("exceptions", ()):
        for one in inner:
            _silence(one)


def configure(service: str, replica: str, level: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _TRACEBACKS,
            _quiet,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, replica=replica)
    # Libraries only when something is wrong: their messages may quote what they were sent.
    logging.basicConfig(level=logging.ERROR, format='{"level":"error","library":"%(name)s","event":"library error"}')


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(room=name)
    return logger
