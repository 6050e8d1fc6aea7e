"""The way in, and the way back in."""

from __future__ import annotations

from bot.dialogue.machine import Walk
from bot.dialogue.turn import State


def start(walk: Walk, state: State | None) -> State | None:
    """A joining link, or START: joins who has not, and asks who has."""
    if state is not None and state.dialogue == "joining":
        return walk.resume(state)
    if not walk.facts.joined:
        return walk.begin("joining")
    return walk.next_round()
