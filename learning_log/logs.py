"""Logs of every program: ids, never words or names, and never a secret. As text for people, or JSON for programs."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit

from learning_log.settings import Settings

Form = Literal["text", "json"]
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
# These log addresses, request lines or statements with their values.
NOISY = ("httpx", "httpcore", "apscheduler", "uvicorn", "telegram", "alembic", "sqlalchemy")

logger = logging.getLogger(__name__)


class Careful(logging.Formatter):
    """One line with the ids given as `extra`, and where an error was. An error's own text may hold words that somebody
    wrote: it is left out, wherever it stands. So is every secret."""

    def __init__(self, *secrets: str) -> None:
        super().__init__()
        self.secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        ids = [f"{name}={value}" for name, value in self._ids(record).items()]
        at = _at(record).strftime("%Y-%m-%d %H:%M:%S,%f")[:-3]
        line = " ".join([at, record.levelname, f"{record.name}:", self._event(record), *ids])
        # A line break in it could pass for a line of the log.
        return "\n".join([line.replace("\r", "\\r").replace("\n", "\\n"), *map(self._clean, _places(record))])

    def _event(self, record: logging.LogRecord) -> str:
        said = logging.makeLogRecord({"msg": _named(record.msg), "args": _named_args(record.args)}).getMessage()
        if record.name == "asyncio":
            said = said.partition("\n")[0]  # the lines after it quote the error
        return self._clean(said)

    def _ids(self, record: logging.LogRecord) -> dict[str, str]:
        given = record.__dict__.items()
        return {name: self._clean(str(_named(value))) for name, value in given if name not in STANDARD}

    def _clean(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


class AsJson(Careful):
    """One JSON object a line: time, level, logger, event, the ids, and of an error its kind and where."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": _at(record).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": self._event(record),
        }
        *where, kind = map(self._clean, _places(record) or [""])
        error: dict[str, Any] = {"error": kind, "where": [step.strip() for step in where]} if kind else {}
        return json.dumps({**self._ids(record), **said, **error})


def formatter(settings: Settings) -> Careful:
    kind = AsJson if settings.log_format == "json" else Careful
    return kind(*secrets_of(settings))


def secrets_of(settings: Settings) -> tuple[str, ...]:
    return (
        settings.telegram_token.get_secret_value(),
        settings.telegram_webhook_secret.get_secret_value(),
        _password(settings.database_url),
    )


def set_up(settings: Settings) -> None:
    """The one handler of this program, and its way to say an error that nobody caught."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(settings))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.setLogRecordFactory(_careful_record)
    sys.excepthook = _say_uncaught
    threading.excepthook = lambda told: _say_uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def set_up_beside(settings: Settings, owners: Collection[str]) -> None:
    """For a program whose framework has handlers of its own, on loggers under these names: they speak as ours do."""
    careful = formatter(settings)
    for name, known in logging.Logger.manager.loggerDict.items():
        if name.split(".")[0] in owners and isinstance(known, logging.Logger):
            for handler in known.handlers:
                handler.setFormatter(careful)
    logging.setLogRecordFactory(_careful_record)
    if not logging.getLogger().handlers:
        set_up(settings)


def _say_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logger.critical("ended by an error that nobody foresaw", exc_info=(kind, error or kind(), trace))


def _careful_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A formatter that is not ours shows this text in place of the error's own."""
    record = logging.LogRecord(*args, **kwargs)
    record.exc_text = "\n".join(_places(record)) or None
    return record


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _named(value: Any) -> Any:
    """An error is called by its kind."""
    return type(value).__name__ if isinstance(value, BaseException) else value


def _named_args(args: Any) -> Any:
    if isinstance(args, tuple):
        return tuple(map(_named, args))
    if isinstance(args, dict):
        return {name: _named(value) for name, value in args.items()}
    return args


def _places(record: logging.LogRecord) -> list[str]:
    """Where it happened, from the outside in, and the kind of error."""
    if not isinstance(record.exc_info, tuple) or record.exc_info[0] is None:
        return []
    kind, _error, trace = record.exc_info
    return [*_steps(trace), kind.__name__]


def _steps(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"  {code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""
