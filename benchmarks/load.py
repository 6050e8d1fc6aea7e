"""The benchmark's side of the lean Bot API server: it speaks for everybody, and asks what came of it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from benchmarks.installation import ROOT, free_port, python

PATIENCE_SECONDS = 600.0
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Load:
    """base_url: what a bot is given, ending in /bot."""

    port: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    def say(self, chats: Sequence[int], texts: Sequence[str]) -> None:
        self._call("say", {"chats": list(chats), "texts": list(texts)})

    def state(self) -> dict[str, Any]:
        return self._call("state")

    def heard(self) -> dict[int, int]:
        """How many of our messages each chat got."""
        return {int(chat): number for chat, number in self._call("heard").items()}

    def forget(self) -> None:
        self._call("forget", {})

    def wait(self, reached: Callable[[dict[str, Any]], bool], process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """The state, once it is as wanted. Raises when the process that should bring it there has ended."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            state = self.state()
            if reached(state):
                return state
            try:
                process.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"the process that is measured has ended with {process.returncode}")
        raise TimeoutError(f"not reached in {PATIENCE_SECONDS:.0f} s: {self.state()['sent']} were sent")

    def _call(self, path: str, body: object = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"http://127.0.0.1:{self.port}/load/{path}", data, {"Content-Type": "application/json"})
        with urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310  (ours, on loopback)
            found: dict[str, Any] = json.load(answer)
            return found


@contextmanager
def load(latency: float = 0.0) -> Iterator[Load]:
    """A server of its own for one measurement. latency: of each answer of the Bot API, in seconds."""
    server = Load(free_port())
    process = subprocess.Popen(python("-m", "benchmarks.telegram", str(server.port), str(latency)), cwd=ROOT)
    try:
        wait_for_answer(f"http://127.0.0.1:{server.port}/load/state", process)
        yield server
    finally:
        process.terminate()
        process.wait(15)


def wait_for_answer(address: str, process: subprocess.Popen[bytes], patience: float = 120.0) -> float:
    """Until the address answers 200. Returns the seconds that took, to 5 ms."""
    start = time.monotonic()
    while time.monotonic() - start < patience:
        try:
            with urlopen(address, timeout=5) as answer:  # noqa: S310  (ours, on loopback)
                if answer.status == 200:
                    return time.monotonic() - start
        except (URLError, OSError):
            if process.poll() is not None:
                raise RuntimeError(f"a process ended with {process.returncode} before it answered") from None
            time.sleep(0.005)
    raise TimeoutError(f"no answer in {patience:.0f} s")
