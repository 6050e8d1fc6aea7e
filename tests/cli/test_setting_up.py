"""whatmatters init, and what every command promises."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from learning_log.cli import app
from tests.cli.conftest import Run, runner


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in (group or get_command(app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands())
NO_DATA = {("serve",), ("demo",)}


def test_init_makes_everything_private_and_says_so(bare: Run, tmp_path: Path) -> None:
    result = bare("init", "--name", "Riverside Together")
    assert result.exit_code == 0
    said = result.stdout.splitlines()
    assert [line.split()[0] for line in said] == ["Made"] * 4
    assert "Keep a copy of it apart from backups." in said[1]
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "data" / "keys.json").stat().st_mode) == 0o600


def test_init_again_changes_nothing(bare: Run, tmp_path: Path) -> None:
    bare("init", "--name", "Riverside Together")
    keys = (tmp_path / "data" / "keys.json").read_bytes()
    result = bare("init", "--name", "Riverside Together")
    assert result.stdout == "Everything was there already. Nothing was changed.\n"
    other = bare("init", "--name", "Hillside")
    assert "whatmatters add organisation 'Hillside'" in other.stdout
    assert (tmp_path / "data" / "keys.json").read_bytes() == keys
    assert [each["name"] for each in json.loads(bare("list", "organisations", "--json").stdout)] == [
        "Riverside Together"
    ]


def test_init_makes_no_new_key_for_words_that_another_key_sealed(bare: Run, tmp_path: Path) -> None:
    bare("init")
    (tmp_path / "data" / "keys.json").unlink()
    result = bare("init")
    assert result.exit_code == 1
    assert "the key file" in result.stderr
    assert "is missing. Nothing was changed. Put the key file back." in result.stderr
    assert not (tmp_path / "data" / "keys.json").exists()


def test_before_init_every_command_says_what_to_do(bare: Run) -> None:
    for arguments in (["list", "people"], ["add", "provider", "X"], ["keys", "rotate"], ["export", "nowhere"]):
        result = bare(*arguments)
        assert result.exit_code == 1
        assert result.stderr == "There is no database here yet. Make one with: whatmatters init\n"


def test_a_wrong_setting_is_named_without_its_value(bare: Run) -> None:
    result = bare("list", "people", WHATMATTERS_CHAT_PORT="secret")
    assert result.exit_code == 1
    assert "WHATMATTERS_CHAT_PORT is wrong" in result.stderr
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://127.0.0.1:1/nothing", "does not answer"),
        ("mysql://somewhere/log", "must start with sqlite"),
        ("nonsense", "not an address of a database"),
    ],
)
def test_a_database_that_cannot_be_reached_is_a_sentence(bare: Run, url: str, said: str) -> None:
    bare("init")
    result = bare("list", "people", WHATMATTERS_DATABASE_URL=url)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_is_complete(tmp_path: Path, path: tuple[str, ...]) -> None:
    result = runner(tmp_path, "")(*path, "--help")
    assert result.exit_code == 0
    command = COMMANDS[path]
    assert command.help.strip()
    for parameter in command.params:
        if parameter.name != "help":
            assert getattr(parameter, "help", None), f"{' '.join(path)}: {parameter.name} has no help"
    if path[0] != "list" and path != ("themes", "list"):
        assert f"Example: whatmatters {' '.join(path)}" in " ".join(result.stdout.split())


@pytest.mark.parametrize("path", [path for path in COMMANDS if path not in NO_DATA], ids=" ".join)
def test_every_command_speaks_json_too(path: tuple[str, ...]) -> None:
    assert "json" in {parameter.name for parameter in COMMANDS[path].params}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_no_password_is_ever_an_argument(path: tuple[str, ...]) -> None:
    for parameter in COMMANDS[path].params:
        if "password" in parameter.name:
            assert parameter.is_flag


def test_an_unknown_command_ends_with_two(bare: Run) -> None:
    result = bare("sing")
    assert result.exit_code == 2
    assert "No such command 'sing'" in result.stderr
