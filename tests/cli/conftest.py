"""Runs the command line as somebody would, in an installation of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from learning_log.cli import app
from learning_log.settings import Settings

Run = Callable[..., Result]


def environment(data_dir: Path, database_url: str) -> dict[str, str]:
    return {
        "WHATMATTERS_DATA_DIR": str(data_dir),
        "WHATMATTERS_DATABASE_URL": database_url,
        "COLUMNS": "200",
        "TERM": "dumb",
        "NO_COLOR": "1",
    }


def runner(data_dir: Path, database_url: str) -> Run:
    def run(*arguments: object, typed: str | None = None, **settings: str) -> Result:
        env = {**environment(data_dir, database_url), **settings}
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed, env=env)

    return run


@pytest.fixture
def bare(tmp_path: Path, empty_database_url: str) -> Run:
    """The command line where nothing was set up yet."""
    return runner(tmp_path / "data", empty_database_url)


@pytest.fixture
def run(settings: Settings) -> Run:
    """The command line of an installation with the invented organisation "Riverside Together"."""
    run = runner(settings.data_dir, settings.database_url)
    assert run("init", "--name", "Riverside Together").exit_code == 0
    return run


@pytest.fixture
def home(run: Run) -> Run:
    """The same, with a team that supports Ann Example."""
    for arguments in (
        ("provider", "Riverside Care"),
        ("service", "Supported living"),
        ("team", "Mill House"),
        ("person", "Ann Example", "--team", "Mill House"),
    ):
        result = run("add", *arguments)
        assert result.exit_code == 0, result.output
    return run
