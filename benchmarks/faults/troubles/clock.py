"""The machine's clock jumps an hour ahead, and back: by libfaketime, which tells the worker another time.

Only the time of day jumps. What a program waits for by the monotonic clock goes on, as it does on a real machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.databases import Postgres, Sqlite
from benchmarks.faults.counted import Counted
from benchmarks.faults.troubles.scene import Plan, scene

WHAT = "clock an hour ahead, back, an hour behind, and back"
SECONDS = (3600, 0, -3600, 0)
SHORTEST = 3.0  # seconds between two jumps: the library looks once a second what it is to tell
LIBRARIES = ("lib/*/faketime/libfaketimeMT.so.1", "lib/faketime/libfaketimeMT.so.1")


def jumps(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    library = _library()
    if library is None:
        yield Counted(WHAT, 0, remark="not tried: faketime is not installed")
        return
    with TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        _tell(told, 0)
        more = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(told), "FAKETIME_CACHE_DURATION": "1"}
        with scene(
            server, plan.people, more=more | {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
        ) as at_work:
            for seconds in SECONDS:
                _tell(told, seconds)
                # As if it came about by the clock: whoever was asked today must not be asked again.
                at_work.place.make_due(at_work.place.people.record.prompted)
                at_work.go_on(max(SHORTEST, plan.minute / len(SECONDS)))
            yield from at_work.over(Counted(WHAT, len(SECONDS)))


def _library() -> Path | None:
    roots = (Path("/usr"), Path("/usr/local"))
    return next((path for root in roots for pattern in LIBRARIES for path in root.glob(pattern)), None)


def _tell(told: Path, seconds: int) -> None:
    """Whole at once: the library may read it at any moment."""
    new = told.with_suffix(".new")
    new.write_text(f"{seconds:+d}\n", encoding="ascii")
    new.replace(told)
