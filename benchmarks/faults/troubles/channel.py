"""The channel is slow, drops connections, wants a rest, or is read by somebody else."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from benchmarks.databases import Postgres, Sqlite
from benchmarks.faults.counted import Counted
from benchmarks.faults.troubles.scene import Plan, Scene, scene
from tests.bot_api import Pace, Refused
from tests.bot_api.faults import Fault, Faults

SHARE_SPOILT = 0.05
PATIENCE_SECONDS = 5.0  # a person who waits for an answer that was dropped writes again after that
SHARE_OF_RESTS = 0.02
REST_SECONDS = 2
# Answers of 429 need a moment to be read, and what was on the way meanwhile may still come.
UNDER_WAY_SECONDS = 0.5
AT_A_PACE = 30  # people: their answers alone are more than 30 messages a second


class Unsteady(Faults):
    """Spoils calls at random. dropped, slow: how many. broken: those of sendMessage whose fate stays open."""

    def __init__(self, seed: int, share: float) -> None:
        super().__init__()
        self.random, self.share = Random(seed), share
        self.dropped = self.slow = self.broken = 0

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        if self.random.random() >= self.share:
            return None
        kind, after = self.random.choice(("drops", "drops", "fails", "slow")), self.random.random() < 0.5
        if kind == "slow":
            self.slow += 1
            return Fault(method, 1, after, seconds=self.random.uniform(0.2, 2.0))
        self.dropped += 1
        self.broken += method == "sendmessage"
        refusal = Refused(502, "Bad Gateway") if kind == "fails" else None
        return Fault(method, 1, after, drops=kind == "drops", refusal=refusal)


def unsteady(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    with scene(server, plan.people) as at_work:
        met = spoil(at_work, plan.minute / 2, plan.seed)
        what = "calls of the channel dropped, failed or slow, before and after they were taken"
        yield from at_work.over(Counted(what, met.dropped + met.slow, remark=f"{met.slow} slow"), met.broken)


def spoil(at_work: Scene, seconds: float, seed: int, share: float = SHARE_SPOILT) -> Unsteady:
    """For so long; everything goes on meanwhile. share: of all calls."""
    place, met = at_work.place, Unsteady(seed, share)
    place.people.patience = PATIENCE_SECONDS
    place.telegram.cloud.faults = met
    at_work.go_on(seconds)
    place.telegram.cloud.faults = Faults()
    return met


class Storm(Faults):
    """Wants a rest now and then, and refuses all that is sent in it. early: what came in a rest all the same."""

    def __init__(self, seed: int, share: float = SHARE_OF_RESTS, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.random, self.share, self.clock = Random(seed), share, clock
        self.rests = self.refused = self.early = 0
        self._began = self._ends = 0.0

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        if method != "sendmessage":
            return None
        now = self.clock()
        if now >= self._ends:
            if self.random.random() >= self.share:
                return None
            self._began, self._ends = now, now + REST_SECONDS
            self.rests += 1
        elif now > self._began + UNDER_WAY_SECONDS:
            self.early += 1
        self.refused += 1
        left = math.ceil(self._ends - now)
        return Fault(method, 1, False, refusal=Refused(429, f"Too Many Requests: retry after {left}", retry_after=left))


def storm(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    with scene(server, plan.people) as at_work:
        met = Storm(plan.seed)
        at_work.place.telegram.cloud.faults = met
        at_work.go_on(plan.minute / 2)
        at_work.place.telegram.cloud.faults = Faults()
        remark = f"in {met.rests} rests of {REST_SECONDS} s; sent in a rest: {met.early}"
        yield from at_work.over(Counted("messages refused with 429", met.refused, remark=remark, holds=not met.early))


def paced(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    """As shipped, at a server that enforces Telegram's limits."""
    pace = Pace(enforced=True, slack=0)
    with scene(server, min(plan.people, AT_A_PACE), pace=pace) as at_work:
        at_work.go_on(plan.minute / 2)
        first, *counted = at_work.over(Counted("messages sent at a server that enforces its limits", 0))
        remark = f"429: {len(pace.violations)}; {pace.busiest_second} in the busiest second"
        sent, well = at_work.place.telegram.cloud.chats.sent, first.holds and not pace.violations
        yield replace(first, tried=sent, remark=remark, holds=well)
        yield from counted


def refused(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    """Another program polls with our token for a while, and wins each time."""
    with scene(server, plan.people) as at_work:
        faults, before = at_work.place.telegram.faults, at_work.place.telegram.calls("getupdates")
        faults.answer("getupdates", 409, times=10_000)
        time.sleep(plan.minute / 4)
        faults.clear()
        polls = at_work.place.telegram.calls("getupdates") - before
        yield from at_work.over(Counted("polls refused with 409", polls))


def second(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    """A second worker of the same token on the same database stands by, and takes over when the first dies."""
    with scene(server, plan.people) as at_work:
        fleet, polling = at_work.place.fleet, at_work.place.telegram.cloud.polling
        first, before = fleet.alive[0], polling.conflicts
        fleet.start()
        at_work.go_on(plan.minute / 4)
        conflicts = polling.conflicts - before
        fleet.kill(first)
        at_work.place.note_in_flight()
        remark = f"409 between them: {conflicts}; the first was killed"
        yield from at_work.over(Counted("a second worker with the same token", 1, remark=remark, holds=not conflicts))
