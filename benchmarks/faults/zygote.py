"""A process that has loaded the worker's modules and forks a worker for each line on its standard input.

A worker begins in a tenth of the time that way, and is otherwise what `python -m bot` is. A line is JSON: environment
and log (a path). The answer is the worker's process id.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG = 1


def main() -> None:
    from bot import __main__ as worker
    from bot.wiring import warm_up

    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not waited for
    _tell("ready")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
            os._exit(worker.main())
        _tell(str(child))


def _become(asked: dict[str, Any]) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # no worker outlives the benchmark
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for to, handle in ((0, nothing), (1, log), (2, log)):
        os.dup2(handle, to)
    os.environ.update(asked["environment"])
    sys.argv[1:] = []


def _tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
