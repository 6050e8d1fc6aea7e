"""The short form of `python -m benchmarks faults`: a few kills of the worker and of the database, and some troubles."""

from __future__ import annotations

import pytest

from benchmarks import databases
from benchmarks.faults import kills
from benchmarks.faults.counted import Counted
from benchmarks.faults.kills import Plan
from benchmarks.faults.troubles import channel, database, malformed
from benchmarks.faults.troubles.scene import scene


@pytest.mark.parametrize("name", databases.NAMES)
def test_kills_lose_no_reply_and_double_no_prompt(name: str) -> None:
    with databases.server(name) as server:
        counted = list(kills.run(Plan(kills=4, people=12, seed=3), server))
    killed = sum(one.tried for one in counted if one.what.startswith("kill"))
    tried = {one.what: one.tried for one in counted}
    assert killed == 4
    assert tried["messages confirmed, each kept as one reflection"] >= 12
    assert tried["prompts, each sent at most once"] == 8
    assert [one for one in counted if not one.is_well] == []


@pytest.mark.parametrize("name", databases.NAMES)
def test_a_locked_database_dropped_calls_and_malformed_updates_lose_nothing(name: str) -> None:
    with databases.server(name) as server, scene(server, people=12) as at_work, malformed.deep_stack():
        database.lock(at_work, seconds=1.0)
        malformed.push(at_work, number=100, seconds=1.0, seed=3)
        met = channel.spoil(at_work, seconds=1.2, seed=3, share=0.2)
        first, *counted = at_work.over(Counted("three troubles", 3), met.broken)
    assert met.dropped > 0
    assert first.holds, first.remark
    assert [one for one in counted if not one.is_well] == []
