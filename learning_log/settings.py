"""Settings of one installation, from the environment: WHATMATTERS_..."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from learning_log.errors import SettingsWrong


class Settings(BaseSettings):
    """Every field is WHATMATTERS_<FIELD>; docs/settings.md explains each.

    A secret may be a file instead: whatmatters_<field> in the folder that WHATMATTERS_SECRETS_DIR names.
    """

    model_config = SettingsConfigDict(env_prefix="WHATMATTERS_", extra="ignore", hide_input_in_errors=True)

    data_dir: Path = Path("data")
    database_url: str = ""
    database_read_url: str = ""
    key_file: Path | None = None
    models_dir: Path = Path(sys.prefix) / "share" / "whatmatters" / "models"
    transcriber_dir: Path | None = None
    telegram_token: SecretStr = SecretStr("")
    telegram_base_url: str = "https://api.telegram.org/bot"
    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretStr = SecretStr("")
    chat_host: str = "127.0.0.1"
    chat_port: int = Field(default=8080, ge=0, le=65535)
    chat_url: str = ""
    pictures_dir: Path | None = None
    app_host: str = "127.0.0.1"
    app_port: int = Field(default=8501, ge=0, le=65535)
    app_url: str = ""
    zone: str = "Europe/London"
    log_level: str = "INFO"
    log_format: Literal["text", "json"] = "text"
    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    tick_seconds: float = Field(default=5.0, gt=0)

    @property
    def url_of_database(self) -> str:
        if self.database_url:
            return self.database_url
        return f"sqlite:///{(self.data_dir / 'whatmatters.db').absolute()}"

    @property
    def path_of_keys(self) -> Path:
        return self.key_file or self.data_dir / "keys.json"

    @property
    def address_of_chat(self) -> str:
        return (self.chat_url or f"http://{self.chat_host}:{self.chat_port}").rstrip("/")

    @property
    def address_of_app(self) -> str:
        return (self.app_url or f"http://{self.app_host}:{self.app_port}").rstrip("/")

    @property
    def telegram_file_url(self) -> str:
        """Where files are fetched: the same server, with /file before /bot."""
        base = self.telegram_base_url
        return f"{base.removesuffix('/bot')}/file/bot"

    @property
    def is_https(self) -> bool:
        return urlsplit(self.address_of_chat).scheme == "https"


def read_settings() -> Settings:
    """Raises SettingsWrong, naming the setting and never its value."""
    secrets = os.environ.get("WHATMATTERS_SECRETS_DIR")
    if secrets and not Path(secrets).is_dir():
        raise SettingsWrong(f"There is no folder {secrets}, which WHATMATTERS_SECRETS_DIR names. Nothing was changed.")
    try:
        return Settings(_secrets_dir=secrets or None)
    except ValidationError as error:
        first = error.errors()[0]
        name = "WHATMATTERS_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsWrong(f"The setting {name} is wrong: {first['msg']}. Nothing was changed.") from error
