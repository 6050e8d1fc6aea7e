"""What deploy/ names is there, and what it promises about safety is written in it. No container is started here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from configparser import ConfigParser
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.main import get_command

from learning_log.cli import app
from learning_log.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
# Read outside Settings: by config.py, by the command line, and by read_settings itself.
OTHER_SETTINGS = {"config_dir", "organisation", "secrets_dir"}
KNOWN = set(Settings.model_fields) | OTHER_SETTINGS
PROGRAMS = "/opt/whatmatters/.venv/bin/"


def unit(path: Path) -> ConfigParser:
    """Keys that come twice are joined: only whether they are there is looked at."""
    read = ConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text(encoding="utf-8").replace("\\\n", " "))
    return read


def copied() -> Iterator[str]:
    """What the Containerfile takes out of the project's folder."""
    for line in (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            yield from line.split()[1:-1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = {name.lower() for name in re.findall(r"WHATMATTERS_([A-Z_]+)", text)}
    assert named - KNOWN == set()
    assert set(re.findall(r"\bwhatmatters_([a-z_]+)", text)) - KNOWN == set()


def test_every_file_that_goes_into_the_image_exists_and_is_let_in() -> None:
    let_in = [line[1:] for line in _ignoring() if line.startswith("!")]
    sources = list(copied())
    assert {"bot", "learning_log", "sense_making_app", "config", ".streamlit"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source in let_in, source


def test_nothing_else_can_get_into_the_image() -> None:
    first = next(line for line in _ignoring() if not line.startswith("!"))
    assert first == "*"
    assert {line[1:] for line in _ignoring() if line.startswith("!")} == set(copied())
    for secret in ("data/keys.json", ".git/config", "deploy/secrets/postgres_password"):
        assert not any(fnmatch(secret, f"{source}*") for source in copied())


def test_every_package_of_the_image_is_checked_against_its_hash() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert len(installs) == 2
    for line in installs:
        assert "--require-hashes" in line or ("--no-index" in line and "--no-deps" in line)


def test_the_image_runs_as_nobody_special_and_holds_no_secret() -> None:
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER whatmatters"]
    last_root = max(number for number, line in enumerate(lines) if line.startswith("RUN "))
    assert lines.index("USER whatmatters") > last_root
    set_in_image = " ".join(lines)
    for field in Settings.model_fields:
        if "token" in field or "secret" in field or field == "database_url":
            assert f"WHATMATTERS_{field.upper()}" not in set_in_image


def test_a_container_is_ended_when_it_hangs_and_not_when_the_database_is_away() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert "HEALTHCHECK" in text
    assert "/healthz" in text.split("HEALTHCHECK")[1]


def test_compose_takes_secrets_from_files_only() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    settings = "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))
    assert "WHATMATTERS_SECRETS_DIR: /run/secrets" in settings
    assert not re.search(r"WHATMATTERS_\w*(TOKEN|SECRET|DATABASE_URL)\b", settings)
    assert not re.search(r"POSTGRES_PASSWORD:", settings)
    assert {"/deploy/secrets/", "/deploy/.env"} <= set((ROOT / ".gitignore").read_text(encoding="utf-8").splitlines())


def test_compose_publishes_the_proxy_alone() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^\s+ports: (.*)$", text, re.MULTILINE) == ['["80:80", "443:443"]']


def test_the_image_brings_the_tools_of_the_very_database() -> None:
    major = re.search(r"postgres:(\d+)-bookworm", (DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    image = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert major is not None
    assert "FROM python:3.11-slim-bookworm\n" in image
    assert f"as new as the server: {major[1]}," in image


def test_the_proxy_forwards_nothing_that_is_for_the_monitor() -> None:
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    hidden = re.search(r"@watching path (.*)\n\s+respond @watching 404", text)
    assert hidden is not None
    assert {"/healthz", "/readyz", "/metrics", "/_stcore/metrics"} <= set(hidden[1].split())
    sites = re.findall(r"^\{\$\w+:[\w.]+\} \{\n\timport safe", text, re.MULTILINE)
    assert len(sites) == len(re.findall(r"^\s*reverse_proxy ", text, re.MULTILINE)) == 2
    assert ":909" not in text


def test_the_proxy_guards_what_streamlit_does_not() -> None:
    site = (DEPLOY / "Caddyfile").read_text(encoding="utf-8").split("{$APP_NAME:")[1]
    assert 'header_down Set-Cookie "(.+)" "$1; Secure"' in site
    assert re.search(r"@unguarded path /media/\* .*\n\s+respond @unguarded 404", site)
    assert "frame-ancestors 'none'" in site


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_service_of_the_system_can_do_no_more_than_it_needs(path: Path) -> None:
    service = dict(unit(path)["Service"])
    wanted = {
        "User": "whatmatters",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "RestrictSUIDSGID": "yes",
        "SystemCallFilter": "@system-service",
        "UMask": "0077",
    }
    assert {name: service.get(name) for name in wanted} == wanted
    assert service["LoadCredential"].startswith("whatmatters:")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_service_of_the_system_starts_what_there_is(path: Path) -> None:
    command = unit(path)["Service"]["ExecStart"]
    program, *arguments = command.split(PROGRAMS)[1].split()
    if program == "python":
        assert arguments[0] == "-m"
        assert find_spec(arguments[1]) is not None
    elif program == "streamlit":
        assert (ROOT / arguments[1]).is_file()
    else:
        assert program == "whatmatters"
        assert arguments[0] in get_command(app).commands  # type: ignore[attr-defined]


def test_every_command_that_is_named_exists() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = {
        name for path in FILES for name in re.findall(r"(?<![/\w-])whatmatters ([a-z]+)\b", path.read_text("utf-8"))
    }
    assert {"init", "check", "doctor"} <= named
    assert named - set(commands) == set()


def _ignoring() -> list[str]:
    lines = (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
