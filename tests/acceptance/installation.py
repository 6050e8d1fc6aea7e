"""One installation as its administrator has it: the command line, the worker and the app, as processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
PASSWORD = "an invented password 42"
READY_SECONDS = 120.0  # the demo invents a year, and encodes it, before it answers


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Installation:
    """folder: data and keys. database_url: empty for SQLite."""

    folder: Path
    database_url: str = ""
    more: dict[str, str] = field(default_factory=dict)
    chat_port: int = field(default_factory=free_port)
    app_port: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WHATMATTERS_")}
        return {
            **clean,
            "WHATMATTERS_DATA_DIR": str(self.folder),
            "WHATMATTERS_DATABASE_URL": self.database_url,
            "WHATMATTERS_CHAT_PORT": str(self.chat_port),
            "WHATMATTERS_APP_PORT": str(self.app_port),
            "WHATMATTERS_TICK_SECONDS": "0.5",
            **self.more,
        }

    @property
    def chat(self) -> str:
        return f"http://127.0.0.1:{self.chat_port}"

    @property
    def app(self) -> str:
        return f"http://127.0.0.1:{self.app_port}"

    def whatmatters(self, *words: str, given: str = "") -> str:
        """Runs a command of the administrator; what it prints. A command that fails is a failed test."""
        done = subprocess.run(
            [Path(sys.executable).parent / "whatmatters", *words],
            env=self.environment,
            cwd=ROOT,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"whatmatters {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def set_up(self) -> None:
        """Invented: one home, Ada who is supported, Ben who supports her, and Una who reads worries."""
        self.whatmatters("init", "--name", "Riverside Together (invented)")
        self.whatmatters("add", "provider", "Invented Support")
        self.whatmatters("add", "service", "Invented Living", "--provider", "Invented Support")
        self.whatmatters("add", "team", "Elm House", "--service", "Invented Living")
        self.whatmatters("add", "person", "Ada Invented", "--team", "Elm House")
        for name, role in (("Ben Madeup", "team"), ("Una Fictional", "safeguarding_lead")):
            username = name.split()[0].lower()
            self.whatmatters(
                *("add", "staff", name, "--team", "Elm House", "--role", role, "--username", username),
                "--password-stdin",
                given=PASSWORD + "\n",
            )

    def invite(self, who: str) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.whatmatters("invite", who, "--json"))
        return found

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        with self._process("worker", ["-m", "bot"], f"{self.chat}/healthz") as process:
            yield process

    @contextmanager
    def sense_making(self) -> Iterator[subprocess.Popen[bytes]]:
        words = ["-m", "streamlit", "run", "sense_making_app/app.py", "--server.port", str(self.app_port)]
        words += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
        words += ["--browser.gatherUsageStats", "false"]
        with self._process("app", words, f"{self.app}/_stcore/health") as process:
            yield process

    def logged(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    @contextmanager
    def _process(self, name: str, words: Sequence[str], health: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *words], env=self.environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_until_it_answers(health, process)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def wait_until_it_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{address}: its process has ended"
        try:
            with urlopen(address, timeout=2) as answer:  # noqa: S310  (ours, on loopback)
                if answer.status == 200:
                    return
        except (URLError, OSError):
            process_ended(process, 0.1)
    raise AssertionError(f"{address} did not answer in {READY_SECONDS:.0f} seconds")


def process_ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Waits for the end of a process for so long, which is also a pause between two looks at it."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
