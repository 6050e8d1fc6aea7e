"""Settings come from the environment; a secret may be a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from learning_log.errors import SettingsWrong
from learning_log.settings import read_settings


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHATMATTERS_SECRETS_DIR", str(tmp_path))
    return tmp_path


def test_a_secret_may_be_a_file(secrets: Path) -> None:
    (secrets / "whatmatters_telegram_token").write_text("12:token\n")
    (secrets / "whatmatters_telegram_webhook_secret").write_text("")
    (secrets / "another_secret").write_text("of another program")
    settings = read_settings()
    assert settings.telegram_token.get_secret_value() == "12:token"
    assert settings.telegram_webhook_secret.get_secret_value() == ""


def test_the_environment_goes_before_a_file(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (secrets / "whatmatters_telegram_token").write_text("12:file")
    monkeypatch.setenv("WHATMATTERS_TELEGRAM_TOKEN", "12:environment")
    assert read_settings().telegram_token.get_secret_value() == "12:environment"


def test_a_missing_folder_of_secrets_is_said(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATMATTERS_SECRETS_DIR", str(secrets / "gone"))
    with pytest.raises(SettingsWrong, match="WHATMATTERS_SECRETS_DIR"):
        read_settings()


def test_a_wrong_setting_is_named_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATMATTERS_HEALTH_PORT", "a-secret-by-mistake")
    with pytest.raises(SettingsWrong, match="WHATMATTERS_HEALTH_PORT") as wrong:
        read_settings()
    assert "a-secret-by-mistake" not in str(wrong.value)
