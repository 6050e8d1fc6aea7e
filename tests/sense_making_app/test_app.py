"""The whole app, as Streamlit runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import sense_making_app
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from sense_making_app.wording import say
from tests.conftest import new_tenant
from tests.sense_making_app.place import PASSWORD, Place, make_place

APP = Path(sense_making_app.__file__).parent / "app.py"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Settings:
    monkeypatch.setenv("WHATMATTERS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("WHATMATTERS_DATABASE_URL", settings.database_url)
    return settings


@pytest.fixture
def place(log: LearningLog, environment: Settings) -> Place:
    return make_place(log, new_tenant(log, "Riverside"), password=PASSWORD, signing_in=["own_team", "lead"])


def start() -> AppTest:
    return AppTest.from_file(str(APP), default_timeout=30).run()


def sign_in(test: AppTest, username: str, password: str = PASSWORD) -> AppTest:
    name, word = test.text_input
    name.set_value(username)
    word.set_value(password)
    test.button[0].click().run()
    return test


def said(test: AppTest) -> str:
    kinds = ("title", "markdown", "caption", "info", "warning", "error")
    return "\n".join(str(element.value) for kind in kinds for element in test.get(kind))


def test_the_sign_in_page_says_that_everything_is_invented(place: Place) -> None:
    test = start()

    assert not test.exception
    assert say("app.invented") in said(test)
    assert say("sign_in.what") in said(test)


def test_signing_in_opens_the_overview_which_says_so_too(place: Place) -> None:
    test = sign_in(start(), "own_team.Aa")

    assert not test.exception
    assert say("home.title") in said(test)
    assert say("app.invented") in said(test)
    assert "Staffown\\_teamAa" in said(test) or "Staffown_teamAa" in said(test)


def test_a_lead_lands_on_the_worries(place: Place) -> None:
    assert say("worries.title") in said(sign_in(start(), "lead.Aa"))


def test_nothing_is_shown_before_somebody_signed_in(place: Place) -> None:
    shown = said(start())

    assert not [name for name in place.names if name in shown]
    assert say("home.title") not in shown


def test_a_missing_database_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WHATMATTERS_DATA_DIR", str(tmp_path / "nowhere"))
    monkeypatch.delenv("WHATMATTERS_DATABASE_URL", raising=False)
    test = start()

    assert not test.exception
    assert "whatmatters init" in test.error[0].value


def test_a_newer_database_is_a_sentence(log: LearningLog, environment: Settings) -> None:
    with log.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    test = start()

    assert not test.exception
    assert "newer What Matters" in test.error[0].value


def test_a_missing_key_is_a_sentence(log: LearningLog, environment: Settings) -> None:
    environment.path_of_keys.unlink()
    test = start()

    assert not test.exception
    assert "key file" in test.error[0].value


def test_a_wrong_setting_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATMATTERS_APP_PORT", "many")
    test = start()

    assert not test.exception
    assert "WHATMATTERS_APP_PORT" in test.error[0].value
