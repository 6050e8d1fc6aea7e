"""The database is locked by others, gone, or has no room."""

from __future__ import annotations

import os
import resource
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg

from benchmarks.databases import Postgres, Sqlite
from benchmarks.faults.counted import Counted
from benchmarks.faults.place import Place
from benchmarks.faults.troubles.scene import Plan, Scene, scene

ROOM = 64 * 1024  # bytes that the files may still grow


def locked(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    with scene(server, plan.people) as at_work:
        lock(at_work, plan.minute)
        yield from at_work.over(Counted(f"database locked by another process for {plan.minute:g} s", 1))


def lock(at_work: Scene, seconds: float) -> None:
    """Nobody else can write messages meanwhile, nor in PostgreSQL even read them; people go on writing theirs."""
    url = at_work.place.installation.url
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(_file(url), timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
        return
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE inbox, outbox IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)


def gone(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    """PostgreSQL is stopped, which ends all connections, and started again. SQLite has no server that could go."""
    assert isinstance(server, Postgres)
    with scene(server, plan.people) as at_work:
        server.stop()
        time.sleep(plan.minute)
        at_work.place.bring_back(server)
        yield from at_work.over(Counted(f"PostgreSQL stopped for {plan.minute:g} s", 1))


def full(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    """The worker's files may grow no more, which the system refuses as it refuses a full disk.

    PostgreSQL's own process would have to meet it, on a disk of its own: that is not tried here.
    """
    with scene(server, plan.people) as at_work:
        limit = _largest(at_work.place) + ROOM
        _allow(at_work.place, limit)
        time.sleep(plan.minute)
        met = _largest(at_work.place) > limit - ROOM / 2
        _allow(at_work.place, resource.RLIM_INFINITY)
        yield from at_work.over(Counted(f"no room on the disk for {plan.minute:g} s", 1, holds=met))


def _allow(place: Place, size: int) -> None:
    """Bytes, of each file."""
    for pid in place.fleet.alive:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _largest(place: Place) -> int:
    database = _file(place.installation.url)
    return max(os.path.getsize(path) for path in database.parent.glob(f"{database.name}*"))


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
