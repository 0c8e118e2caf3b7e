"""Structured logs: one event per line, JSON in production, readable elsewhere."""

import logging
import re
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

# Personal data and secrets that reach a log by way of an address, a query or the text of an error.
_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_RESET_LINK = re.compile(r"(/password/reset/key/)[^\s/?\"']+")
# A calendar at its secret address, and the end of the letters of the day.
_REMINDER_LINK = re.compile(r"(/(?:calendar|digest)(?:/|%2[fF])+)[^\s/?\"']+")
# Everything behind it, however a mail program spelt the slash: a mangled link may hold the whole secret.
_SURVEY_LINK = re.compile(r"(/[sS](?:/|%2[fF])+)([^\s?\"']+)")
_SURVEY_WORDS = frozenset({"c", "cases", "o", "stop"})
_QUERY = re.compile(r"\?[^\s\"']+")
# The second as it stands in an access log.
_REQUEST = re.compile(r"^(?:GET |POST |HEAD |/)|\"[A-Z]+ /")


def without_secrets(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take what a link proves out of every text of an event: to set a password, to answer a survey,
    to read a calendar."""
    return _each_text(event, _without_links)


def without_personal_data(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take e-mail addresses and query strings out of every text of an event."""
    return _each_text(event, _without_persons)


def _each_text(event: MutableMapping[str, Any], clean: Callable[[str], str]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = clean(value)
    return event


def _without_links(text: str) -> str:
    text = _REMINDER_LINK.sub(r"\1…", _RESET_LINK.sub(r"\1…", text))
    return _SURVEY_LINK.sub(lambda link: link[1] + "/".join(map(_segment, link[2].split("/"))), text)


def _segment(text: str) -> str:
    """A segment of a path below /s/: one of our words, a short number, or what nobody may read."""
    is_harmless = not text or text in _SURVEY_WORDS or (text.isdecimal() and len(text) < 19)
    return text if is_harmless else "…"


def _without_persons(text: str) -> str:
    text = _ADDRESS.sub("…@…", text)
    return _QUERY.sub("?…", text) if _REQUEST.search(text) else text


_SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)

# Celery's own words on each task; task_enqueued, task_started and task_succeeded have the ids as well.
_SAID_BY_OTHERS = ("celery.app.trace", "celery.beat", "celery.worker.strategy")


def logging_config(*, json_lines: bool, level: str) -> dict[str, Any]:
    """Configure structlog and return Django's LOGGING dictionary. Warnings become events, too."""
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            *_SHARED,
            structlog.stdlib.filter_by_level,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: list[Any] = (
        [without_personal_data, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if json_lines
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "events": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    without_secrets,
                    *renderer,
                ],
                "foreign_pre_chain": list(_SHARED),
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "events"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": _loggers({"handlers": ["stderr"], "level": level, "propagate": False}),
    }


def _loggers(stderr: dict[str, Any]) -> dict[str, Any]:
    # gunicorn's own would write an address as it is.
    of_servers = dict.fromkeys(("django.server", "gunicorn.error", "gunicorn.access"), stderr)
    return of_servers | {name: {"level": "WARNING"} for name in _SAID_BY_OTHERS}
