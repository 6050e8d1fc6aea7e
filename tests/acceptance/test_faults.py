"""The short form of `python -m benchmarks faults`: a few kills of the real worker and of the real database."""

from __future__ import annotations

import pytest

from benchmarks import databases
from benchmarks.faults import kills
from benchmarks.faults.kills import Plan


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
