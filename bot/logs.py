"""Logs of the worker: ids, never words or names, and never the token."""

from __future__ import annotations

import logging
import sys
import warnings

from telegram.warnings import PTBUserWarning

STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class Careful(logging.Formatter):
    """One line with the ids given as `extra`; whatever is secret is taken out, also of a traceback."""

    def __init__(self, *secrets: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        ids = [f"{name}={value}" for name, value in record.__dict__.items() if name not in STANDARD]
        text = " ".join([super().format(record), *ids])
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def formatException(self, ei: object) -> str:  # noqa: N802  (logging's own name)
        """Where it happened and the kind of error; its text may hold words that somebody wrote."""
        kind, _error, trace = ei if isinstance(ei, tuple) else (None, None, None)
        lines = []
        while trace is not None:
            code = trace.tb_frame.f_code
            lines.append(f"  {code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return "\n".join([*lines, getattr(kind, "__name__", "error")])


def set_up(level: str, *secrets: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Careful(*secrets))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # These log addresses and request lines, and the token is a part of Telegram's addresses.
    for noisy in ("httpx", "httpcore", "apscheduler", "uvicorn", "telegram", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # bot/polling.py wants the updates raw, so that one that cannot be read does not stop the others.
    warnings.filterwarnings("ignore", message=".*do_api_request.*getUpdates.*", category=PTBUserWarning)
