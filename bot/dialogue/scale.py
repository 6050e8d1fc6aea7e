"""A person's own scale in the chat: few buttons at a time, and any step may be written instead."""

from __future__ import annotations

from collections.abc import Mapping

from bot.dialogue.book import Words, fold
from bot.dialogue.facts import Choices
from learning_log.domain.outcomes import in_groups

BETWEEN = "-"  # in the value of a choice that stands for several steps


def steps_of(data: Mapping[str, str]) -> list[str]:
    """What each step is called, the lowest first."""
    return data["steps"].split("\n") if data.get("steps") else []


def offered(data: Mapping[str, str], words: Words) -> Choices:
    """The steps, or groups of them where there are many; within a group that was chosen, its steps."""
    steps = steps_of(data)
    low, _, high = data.get("step", "").partition(BETWEEN)
    first, last = (int(low), int(high)) if low and high else (1, len(steps))
    return tuple(_choice(steps, group, words) for group in in_groups(first, last))


def is_chosen(data: Mapping[str, str]) -> bool:
    """Whether it is one step by now, and not a group of them."""
    return BETWEEN not in data["step"]


def picture(data: Mapping[str, str], words: Words) -> str:
    """Where they are, and where they were at first, if they said so before: in words, with a row of steps to see it."""
    steps, now = steps_of(data), int(data["step"])
    values = {"now": steps[now - 1], "now_bar": _bar(now, len(steps))}
    then = int(data.get("then") or 0)
    if not 1 <= then <= len(steps):
        return words.say("check_in.first_time", **values)
    return words.say("check_in.since", then=steps[then - 1], then_bar=_bar(then, len(steps)), **values)


def _bar(step: int, steps: int) -> str:
    return "".join("●" if place == step else "○" for place in range(1, steps + 1))


def is_on_it(data: Mapping[str, str], value: str) -> bool:
    """Whether a button of this scale may have this value."""
    ends = value.split(BETWEEN)
    return len(ends) <= 2 and all(end.isdecimal() and 1 <= int(end) <= len(steps_of(data)) for end in ends)


def named(data: Mapping[str, str], said: str) -> str:
    """The step that somebody wrote, by its name; nothing where they wrote something else."""
    names = [fold(step) for step in steps_of(data)]
    return str(names.index(fold(said)) + 1) if fold(said) in names else ""


def _choice(steps: list[str], group: tuple[int, int], words: Words) -> tuple[str, str]:
    first, last = group
    if first == last:
        return str(first), steps[first - 1]
    label = words.say("check_in.group", first=steps[first - 1], last=steps[last - 1])
    return f"{first}{BETWEEN}{last}", label
