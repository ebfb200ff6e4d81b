"""Where log events go: one line each, as JSON or for a terminal.

Nothing is set up on import; what the standard library's loggers say takes the same way as our own events.
"""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import orjson
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

LOGGER_ERRORS = (TypeError, ValueError, KeyError)
"""What a record whose arguments do not fit its message raises."""


def configure(
    *, level: str, log_format: str, stream: BinaryIO, ids: Callable[[], Mapping[str, str]] = dict
) -> FilteringBoundLogger:
    """`level` is DEBUG, INFO, WARNING, ERROR or CRITICAL; `log_format` is json, console or auto: console on a terminal.

    `ids` says on whose behalf the current task is at work; what it names stands in each line that does not name it.
    Events below the level cost next to nothing. Loggers that have already spoken keep to what was configured then.
    """
    on_terminal = stream.isatty()
    is_console = log_format == "console" or (log_format == "auto" and on_terminal)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with(ids),
            *(_for_eyes(colors=on_terminal) if is_console else _for_machines()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=level, handlers=[Foreign()], force=True)
    logging.getLogger("alembic").setLevel("WARNING")  # its steps are of no interest to who runs them
    return get_logger()


def get_logger(**bound: Any) -> FilteringBoundLogger:
    """What is bound stands in each of its events."""
    logger: FilteringBoundLogger = structlog.get_logger(**bound)
    return logger


class Foreign(logging.Handler):
    """Takes what the standard library's loggers (aiohttp, asyncio, alembic) say into our log."""

    def __init__(self) -> None:
        super().__init__()
        self._log = get_logger()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except LOGGER_ERRORS:
            self.handleError(record)
            return
        self._log.log(_level(record.levelno), message, logger=record.name, **_traceback(record))


def as_json(event: EventDict, **_options: Any) -> bytes:
    """Whatever an event holds becomes a line: what orjson refuses (lone surrogates, huge numbers) is escaped."""
    try:
        return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        return json.dumps(event, default=repr, skipkeys=True).encode()


def _with(ids: Callable[[], Mapping[str, str]]) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {**ids(), **event}

    return add


def _for_machines() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=as_json)]


def _for_eyes(*, colors: bool) -> list[Processor]:
    return [ConsoleRenderer(colors=colors, exception_formatter=plain_traceback), _encoded]


def _encoded(_logger: WrappedLogger, _method: str, line: Any) -> bytes:
    return str(line).encode("utf-8", "backslashreplace")


def _level(number: int) -> int:
    """The nearest level below that has a name here."""
    return min(max(number // 10 * 10, logging.DEBUG), logging.CRITICAL)


def _traceback(record: logging.LogRecord) -> Mapping[str, Any]:
    return {"exc_info": record.exc_info} if record.exc_info else {}
