"""whatmatters serve and demo: both programs live, or both end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from urllib.request import urlopen

import pytest

from learning_log.cli.processes import ProgramEnded, Programs, check_port_is_free, programs
from learning_log.cli.serving import environment_of
from learning_log.errors import SettingsWrong
from learning_log.settings import Settings
from tests.cli.conftest import Run, environment

SECONDS = 120
ENDS_WITHIN = 10
KPI = ["indicator", "period_start", "period_end", "value"]


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port


@contextmanager
def started(*arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a program of its own; ended at the end of the test, whatever happens."""
    program = subprocess.Popen(
        [sys.executable, "-c", "from learning_log.cli import main; main()", *arguments],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield program
    finally:
        if program.poll() is None:
            program.send_signal(signal.SIGTERM)
            program.communicate(timeout=3 * ENDS_WITHIN)


def read_until(program: subprocess.Popen[str], words: str) -> str:
    """What it printed, up to the line with these words. Kills it when they do not come."""
    watch = threading.Timer(SECONDS, program.kill)
    watch.start()
    said = ""
    assert program.stdout is not None
    for line in program.stdout:
        said += line
        if words in line:
            break
    watch.cancel()
    assert words in said, said
    return said


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def end(program: subprocess.Popen[str], number: signal.Signals) -> str:
    before = monotonic()
    program.send_signal(number)
    rest, _ = program.communicate(timeout=3 * ENDS_WITHIN)
    assert monotonic() - before < ENDS_WITHIN
    return rest


def is_free(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0


def test_serve_prints_the_addresses_once_both_answer_and_ends_cleanly(run: Run, settings: Settings) -> None:
    # Each takes seconds: Ctrl-C is tried on the one database, what a service manager sends on the other.
    number = signal.SIGINT if settings.database_url.startswith("sqlite") else signal.SIGTERM
    chat, page = free_port(), free_port()
    ports = {"WHATMATTERS_CHAT_PORT": str(chat), "WHATMATTERS_APP_PORT": str(page)}
    with started("serve", **environment(settings.data_dir, settings.database_url), **ports) as program:
        said = read_until(program, "Ctrl-C ends all.")
        assert f"http://127.0.0.1:{chat}\n" in said
        assert f"http://127.0.0.1:{page}\n" in said
        for address in (f"http://127.0.0.1:{chat}/healthz", f"http://127.0.0.1:{page}/_stcore/health"):
            with urlopen(address, timeout=10) as answer:  # noqa: S310
                assert answer.status == 200
        assert "Ended. Everything is kept." in end(program, number)
        assert program.returncode == 0
    assert is_free(chat)
    assert is_free(page)


def test_the_demo_shows_everything_and_is_used_again(tmp_path: Path) -> None:
    arguments = ("demo", "--data-dir", str(tmp_path / "demo"))
    # A demo must never reach the log of the installation that it is tried on.
    real = {"WHATMATTERS_DATABASE_URL": "postgresql://127.0.0.1:1/real", "WHATMATTERS_KEY_FILE": "/nowhere/keys.json"}
    # tests/acceptance/ tries it with the model.
    real["WHATMATTERS_MODELS_DIR"] = str(tmp_path / "none")
    links = set()
    for _ in range(2):
        ports = ("--chat-port", str(free_port()), "--app-port", str(free_port()))
        with started(*arguments, *ports, **real) as program:
            said = read_until(program, "Start it again with the same command.")
            end(program, signal.SIGINT)
        assert "Everything here is invented" in said
        assert "(commissioner)" in said
        links |= {line.split()[-1] for line in said.splitlines() if "/join/" in line}
    assert len(links) == 2


def test_the_demo_leaves_a_real_organisation_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = {"WHATMATTERS_DATA_DIR": str(data), "WHATMATTERS_DATABASE_URL": ""}
    with started("init", "--name", "Riverside Together", **settings) as program:
        assert program.wait(SECONDS) == 0
    ports = ("--chat-port", str(free_port()), "--app-port", str(free_port()))
    with started("demo", "--data-dir", str(data), *ports) as program:
        said, _ = program.communicate(timeout=SECONDS)
    assert program.returncode == 1
    assert "holds an organisation that is not invented. Nothing was changed." in said


def test_when_one_program_ends_the_other_is_stopped_and_it_is_said(tmp_path: Path) -> None:
    said = r"The app ended by itself \(with 3\)"
    with pytest.raises(ProgramEnded, match=said), programs() as running:  # noqa: PT012
        worker = running.start("worker", python("import time; time.sleep(60)"), dict(os.environ), tmp_path)
        running.start("app", python("raise SystemExit(3)"), dict(os.environ), tmp_path)
        running.wait([], lambda: None)
    assert worker.poll() == -signal.SIGTERM


def test_a_program_that_does_not_want_to_end_is_killed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "deaf")
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('deaf', 'w'); time.sleep(60)"
    running = Programs()
    worker = running.start("worker", python(stubborn), dict(os.environ), tmp_path)
    (tmp_path / "deaf").read_text()  # waits until it no longer listens
    before = monotonic()
    running.stop()
    assert worker.poll() == -signal.SIGKILL
    assert monotonic() - before < ENDS_WITHIN


def test_a_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as used:
        used.bind(("127.0.0.1", 0))
        used.listen()
        port = used.getsockname()[1]
        with pytest.raises(SettingsWrong, match=f"Port {port} on 127.0.0.1 cannot be used"):
            check_port_is_free("127.0.0.1", port, "--chat-port")


def test_children_get_absolute_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = environment_of(Settings(data_dir=Path("here"), database_url="sqlite:///here/log.db"))
    assert given["WHATMATTERS_DATA_DIR"] == str(tmp_path / "here")
    assert given["WHATMATTERS_KEY_FILE"] == str(tmp_path / "here" / "keys.json")
    assert given["WHATMATTERS_DATABASE_URL"] == f"sqlite:///{tmp_path / 'here' / 'log.db'}"


def test_what_nobody_foresaw_is_a_sentence_without_words_of_people(tmp_path: Path) -> None:
    settings = {"WHATMATTERS_DATA_DIR": str(tmp_path / "data"), "WHATMATTERS_DATABASE_URL": ""}
    with started("init", **settings) as program:
        program.wait(SECONDS)
    broken = {**settings, "WHATMATTERS_CONFIG_DIR": str(tmp_path / "config")}
    for folder, content in (
        ("import_layouts/default.toml", "[indicators.columns]\n" + "".join(f"{name} = '{name}'\n" for name in KPI)),
        ("indicators/minimum.toml", "indicator = ['Zebedee']\n"),
    ):
        path = tmp_path / "config" / folder
        path.parent.mkdir(parents=True)
        path.write_text(content)
    (tmp_path / "a.csv").write_text(",".join(KPI) + "\nZebedee,2026-01-01,2026-01-31,1\n")
    with started("import", "indicators", str(tmp_path / "a.csv"), **broken) as program:
        said, _ = program.communicate(timeout=SECONDS)
    assert program.returncode == 1
    assert said.startswith("Something went wrong that was not foreseen (TypeError at learning_log.")
    assert "Zebedee" not in said
    assert "Traceback" not in said


def test_the_app_answers_to_its_own_name_and_to_no_other() -> None:
    hosts = environment_of(Settings(app_url="https://learn.example.org"))["STREAMLIT_SERVER_ALLOWED_HOSTS"]
    assert hosts.split() == ["127.0.0.1", "localhost", "[::1]", "learn.example.org"]
    assert "example" not in environment_of(Settings())["STREAMLIT_SERVER_ALLOWED_HOSTS"]
