"""Logs say what happened and where, with ids, and never what somebody wrote."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_log import logs
from learning_log.settings import Settings

# Somebody's words: long enough that no file or function is called like them.
WORDS = st.text(st.characters(codec="utf-8"), min_size=12, max_size=80).map(lambda text: f"Ann’s {text}")
FORMS = ("text", "json")


class Page:
    """What a logger of its own writes."""

    def __init__(self, form: str, *secrets: str, formatter: logging.Formatter | None = None) -> None:
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        careful = logs.AsJson(*secrets) if form == "json" else logs.Careful(*secrets)
        handler.setFormatter(formatter or careful)
        self.logger = logging.Logger("bot.page")
        self.logger.addHandler(handler)

    @property
    def written(self) -> str:
        return self.stream.getvalue()


def fail(words: str) -> None:
    try:
        raise KeyError(words)
    except KeyError as error:
        raise ValueError(f"could not keep {words}") from error


def is_silent_about(words: str, written: str) -> bool:
    quoted = (words, repr(words)[1:-1], json.dumps(words)[1:-1], ascii(words)[1:-1])
    return "Ann" not in written and not any(each in written for each in quoted)


@pytest.mark.parametrize("form", FORMS)
@given(words=WORDS)
def test_words_in_an_error_are_never_shown(form: str, words: str) -> None:
    page = Page(form)
    try:
        fail(words)
    except ValueError as error:
        page.logger.exception("not kept")
        page.logger.error("not kept: %s", error)
        page.logger.error("not kept: %(why)r", {"why": error})
        page.logger.error(error)
        page.logger.warning("not kept", extra={"trouble": error})
    assert is_silent_about(words, page.written)
    assert page.written.count("ValueError") == 5
    assert "test_logs.py" in page.written


@pytest.mark.parametrize("form", FORMS)
@given(words=WORDS)
def test_an_error_that_another_handler_has_formatted_before_is_not_quoted(form: str, words: str) -> None:
    page = Page(form)
    loud = logging.StreamHandler(io.StringIO())
    page.logger.handlers.insert(0, loud)
    try:
        fail(words)
    except ValueError:
        page.logger.exception("not kept")
    assert is_silent_about(words, page.written)


@given(words=WORDS)
def test_what_asyncio_says_of_a_lost_error_ends_before_its_text(words: str) -> None:
    page = Page("json")
    page.logger.name = "asyncio"
    page.logger.error(f"Task exception was never retrieved\nfuture: <Task exception=ValueError({words!r})>")
    assert json.loads(page.written)["event"] == "Task exception was never retrieved"


@pytest.mark.usefixtures("_logging_as_before")
def test_a_handler_that_is_not_ours_shows_where_and_which_kind_only() -> None:
    logs.set_up(Settings())
    page = Page("text", formatter=logging.Formatter("%(message)s"))
    try:
        fail("Ann went out")
    except ValueError:
        page.logger.exception("not kept")
    assert "Ann" not in page.written
    assert page.written.endswith(" fail\nValueError\n")


@pytest.mark.parametrize("form", FORMS)
def test_secrets_are_taken_out_wherever_they_stand(form: str) -> None:
    page = Page(form, '12:a"b')
    page.logger.error('asked /bot12:a"b/getMe', extra={"url": 'x12:a"b'})
    assert "12:a" not in page.written
    assert page.written.count("***") == 2


def test_a_line_of_json_has_time_level_logger_event_and_ids() -> None:
    page = Page("json")
    page.logger.warning("message %s refused", 7, extra={"outbox": "0192", "level": "mine"})
    line = json.loads(page.written)
    assert datetime.fromisoformat(line.pop("time")).utcoffset() is not None
    assert line == {"level": "WARNING", "logger": "bot.page", "event": "message 7 refused", "outbox": "0192"}


def test_a_line_of_json_says_where_an_error_was() -> None:
    page = Page("json")
    try:
        fail("words")
    except ValueError:
        page.logger.exception("not kept")
    line = json.loads(page.written)
    assert line["error"] == "ValueError"
    assert [step.split(" ")[1] for step in line["where"]] == [
        "test_a_line_of_json_says_where_an_error_was",
        "fail",
    ]


@pytest.mark.parametrize("form", FORMS)
@given(text=st.text())
def test_one_event_is_one_line_whatever_stands_in_it(form: str, text: str) -> None:
    page = Page(form)
    page.logger.error("seen", extra={"chat_message": text})
    assert page.written.count("\n") == 1
    assert "\r" not in page.written


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    root, factory, hooks = (
        logging.getLogger(),
        logging.getLogRecordFactory(),
        (sys.excepthook, logs.threading.excepthook),
    )
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.setLogRecordFactory(factory)
    sys.excepthook, logs.threading.excepthook = hooks


@pytest.mark.usefixtures("_logging_as_before")
def test_an_error_that_nobody_caught_is_logged_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(Settings(log_format="json"))
    try:
        fail("Ann went out")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    written = capsys.readouterr().err
    assert json.loads(written)["error"] == "ValueError"
    assert "Ann" not in written


@pytest.mark.usefixtures("_logging_as_before")
def test_the_handlers_of_a_framework_speak_as_ours() -> None:
    theirs, page = logging.getLogger("invented.framework"), Page("text", formatter=logging.Formatter("%(message)s"))
    theirs.addHandler(page.logger.handlers[0])
    logs.set_up_beside(Settings(log_format="json"), ("invented",))
    try:
        fail("Ann went out")
    except ValueError:
        theirs.exception("page failed")
    theirs.handlers.clear()
    assert json.loads(page.written)["event"] == "page failed"
    assert "Ann" not in page.written


def test_the_secrets_of_the_settings_are_known() -> None:
    settings = Settings(
        telegram_token="1:token", telegram_webhook_secret="hook", database_url="postgresql://me:pass@db/log"
    )
    assert logs.secrets_of(settings) == ("1:token", "hook", "pass")
