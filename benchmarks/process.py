"""A process as the machine sees it: what it took of the processor and of the memory, and whether it lives."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PARENT, USED = 1, slice(11, 15)  # fields of /proc/PID/stat after the name; used: its own and its dead children's


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()


def cpu_seconds(pid: int) -> float:
    """Of the process, its threads and its children, living and dead."""
    used = sum(int(ticks) for ticks in _stat(pid)[USED])
    return used / TICKS + sum(cpu_seconds(child) for child in children(pid))


def children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int(_stat(int(entry.name))[PARENT]) == pid:
                    found.append(int(entry.name))
            except (OSError, IndexError):
                continue  # it ended while we looked
    return found


def memory(pid: int) -> int:
    """Bytes in memory of their own and shared, of the process alone."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def kill(pid: int, patience: float = 10.0) -> bool:
    """kill -9, and waits until it is gone. False if it was gone before."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        if not select.select([handle], [], [], patience)[0]:
            raise TimeoutError(f"process {pid} outlived its kill by {patience} s")
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True
