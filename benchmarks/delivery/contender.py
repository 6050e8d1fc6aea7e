"""What is measured as a black box: a program that answers every message of the load server."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.installation import ROOT, TOKEN, Installation, free_port, python
from benchmarks.load import Load, wait_for_answer
from benchmarks.process import cpu_seconds

WORDS = "The bus was late again and nobody told me (invented)."


@dataclass(frozen=True)
class Measured:
    """cpu: seconds of the processor that the program took. seconds: by the clock, from the first message on."""

    replies: int
    cpu: float
    seconds: float
    database_cpu: float = 0.0

    @property
    def per_cpu_second(self) -> float:
        return self.replies / self.cpu

    @property
    def per_second(self) -> float:
        return self.replies / self.seconds


@contextmanager
def echo(load: Load, kind: str = "stock_echo", *, webhook: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """kind: a module of rivals/. Only the stock echo knows the webhook."""
    words = ["-m", f"benchmarks.delivery.rivals.{kind}", load.base_url, TOKEN]
    with _running([*words, str(free_port())] if webhook else words, None) as process:
        load.wait(lambda state: bool(state["webhook"] if webhook else state["polls"]), process)
        yield process


@contextmanager
def worker(installation: Installation, load: Load) -> Iterator[subprocess.Popen[bytes]]:
    """python -m bot, once it reads updates and has loaded what it loads at the start."""
    with _running(["-m", "bot"], installation) as process:
        wait_for_answer(installation.healthz, process)
        load.wait(lambda state: bool(state["webhook"] or state["polls"]), process)
        settle(process)
        yield process


def settle(process: subprocess.Popen[bytes], calm: float = 0.02) -> None:
    """Until it takes next to nothing of the processor: what it does at its start is measured elsewhere."""
    before = cpu_seconds(process.pid)
    for _ in range(100):
        time.sleep(0.3)
        now = cpu_seconds(process.pid)
        if now - before <= calm:
            return
        before = now


@contextmanager
def _running(words: Sequence[str], installation: Installation | None) -> Iterator[subprocess.Popen[bytes]]:
    environment = installation.environment if installation else None
    process = subprocess.Popen(python(*words), cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def measure(
    load: Load,
    process: subprocess.Popen[bytes],
    chats: Sequence[int],
    messages: int,
    done: Callable[[], bool] = lambda: True,
    *,
    answers: int = 1,
    database: int | None = None,
) -> Measured:
    """So many messages of each chat, all waiting at once; until each is answered and `done` says that all is kept.

    answers: how many messages answer each. database: the process of a database server, whose use of the processor is
    told apart.
    """
    everybody = [chat for _ in range(messages) for chat in chats]
    load.forget()
    used, theirs = cpu_seconds(process.pid), cpu_seconds(database) if database else 0.0
    start = time.monotonic()
    load.say(everybody, [WORDS] * len(everybody))
    state = load.wait(lambda state: state["sent"] >= len(everybody) * answers and done(), process)
    return Measured(
        len(everybody),
        cpu_seconds(process.pid) - used,
        state["last"] - start,
        cpu_seconds(database) - theirs if database else 0.0,
    )
