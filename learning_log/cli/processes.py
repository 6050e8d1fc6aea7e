"""Runs programs side by side: all live, or all end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from learning_log.errors import LearningLogError, SettingsWrong

END_SECONDS = 7.0
READY_SECONDS = 120.0
LOOK_SECONDS = 0.2


class ProgramEnded(LearningLogError):
    """One of the programs ended by itself. The others were stopped too. Everything kept is safe."""


Program = subprocess.Popen[bytes]


class Programs:
    """Child processes in groups of their own, so that a Ctrl-C here reaches them once, and from us."""

    def __init__(self) -> None:
        self.ending = threading.Event()
        self._running: dict[str, Program] = {}

    def start(
        self, name: str, command: Sequence[str], environment: dict[str, str], folder: Path
    ) -> subprocess.Popen[bytes]:
        program = subprocess.Popen(  # noqa: S603  (the commands are ours)
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self._running[name] = program
        return program

    def wait(self, addresses: Sequence[str], ready: Callable[[], None]) -> None:
        """Until somebody ends it. Calls `ready` once every address has answered. Raises ProgramEnded."""
        waiting, deadline = list(addresses), time.monotonic() + READY_SECONDS
        while not self.ending.wait(LOOK_SECONDS):
            self._see_that_all_live()
            if not waiting:
                continue
            waiting = [address for address in waiting if not answers(address)]
            if not waiting:
                ready()
            elif time.monotonic() > deadline:
                raise ProgramEnded(f"There was no answer from {', '.join(waiting)}. Everything was stopped.")

    def stop(self) -> None:
        """Asks each group to end; after END_SECONDS those that have not are killed."""
        for program in self._running.values():
            _signal(program, signal.SIGTERM)
        deadline = time.monotonic() + END_SECONDS
        for program in self._running.values():
            try:
                program.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(program, signal.SIGKILL)
                program.wait()
        self._running.clear()

    def _see_that_all_live(self) -> None:
        for name, program in self._running.items():
            code = program.poll()
            if code is not None:
                raise ProgramEnded(
                    f"The {name} ended by itself (with {code}). Everything was stopped; what was kept is safe. "
                    "Look with: whatmatters check"
                )


@contextmanager
def programs() -> Iterator[Programs]:
    """Ctrl-C and SIGTERM end the wait, and whatever happens the children end with it."""
    running = Programs()

    def end(number: int, frame: FrameType | None) -> None:
        running.ending.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield running
    finally:
        running.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=1) as answer:  # noqa: S310  (our own addresses)
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False


def check_port_is_free(host: str, port: int, option: str) -> None:
    """Raises SettingsWrong, which is kinder than two programs that wait for each other."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((host, port))
    except OSError as error:
        raise SettingsWrong(
            f"Port {port} on {host} cannot be used ({error.strerror}). Nothing was started. Choose another: {option}"
        ) from error


def _signal(program: Program, number: signal.Signals) -> None:
    if program.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, number)
