"""What is kept of the person, told in the chat."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.machine import Walk


def tell_my_data(walk: Walk) -> None:
    """The number of answers, the newest of them, and who may read them."""
    lines = walk.facts.mine().lines
    if not lines:
        walk.tell("mydata.none")
        return
    walk.tell("mydata.some")
    walk.say[-1] = replace(walk.say[-1], words="\n".join([walk.say[-1].words, *lines]))
    walk.tell("mydata.who")
