"""The workers of one installation: started in a moment, killed without a warning."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.installation import ROOT, Installation, free_port, python
from benchmarks.process import kill


class Fleet:
    """alive: the process ids of the workers, the oldest first."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.alive: list[int] = []
        self.killed = 0
        # Threads of a library's own would be gone after a fork.
        quiet = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._zygote = subprocess.Popen(
            python("-m", "benchmarks.faults.zygote"),
            cwd=ROOT,
            env=installation.environment | quiet,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._hear()

    def start(self) -> int:
        """One more worker; the first has the installation's own port, where a webhook finds it."""
        port = self.installation.port if not self.alive else free_port()
        asked = {
            "environment": {**self.installation.settings, "WHATMATTERS_CHAT_PORT": str(port)},
            "log": str(self.installation.folder / "worker.log"),
        }
        assert self._zygote.stdin
        self._zygote.stdin.write(json.dumps(asked) + "\n")
        self._zygote.stdin.flush()
        self.alive.append(int(self._hear()))
        return self.alive[-1]

    def kill(self, pid: int) -> None:
        """Raises when the worker had ended by itself, which no fault is an excuse for."""
        self.alive.remove(pid)
        if not kill(pid):
            raise RuntimeError(f"a worker has ended by itself:\n{self.logged()}")
        self.killed += 1

    def kill_all(self) -> None:
        for pid in list(self.alive):
            self.kill(pid)

    def logged(self) -> str:
        """The end of what the workers logged."""
        path = self.installation.folder / "worker.log"
        return path.read_text(encoding="utf-8", errors="replace")[-3000:] if path.exists() else ""

    def close(self) -> None:
        assert self._zygote.stdin
        for pid in self.alive:
            kill(pid)
        self._zygote.stdin.close()
        self._zygote.wait(15)

    def _hear(self) -> str:
        assert self._zygote.stdout
        said = self._zygote.stdout.readline().strip()
        if not said:
            raise RuntimeError(f"the process that starts workers has ended with {self._zygote.wait(15)}")
        return said


@contextmanager
def fleet(installation: Installation) -> Iterator[Fleet]:
    made = Fleet(installation)
    try:
        yield made
    finally:
        made.close()
