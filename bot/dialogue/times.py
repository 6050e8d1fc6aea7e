"""Days and times in the words of one language."""

from __future__ import annotations

from datetime import date, time

from bot.dialogue.book import Words

WEEKDAYS = 0b11111


def when(words: Words, days: int, at: time) -> str:
    """Such as "on Tuesday and Friday at 10:00 in the morning". days: a bit for each, Monday's the lowest."""
    names = words.list("times.days")
    chosen = [name for day, name in enumerate(names) if days >> day & 1]
    if len(chosen) == len(names):
        told = words.say("times.every_day")
    elif days == WEEKDAYS:
        told = words.say("times.weekdays")
    else:
        told = words.say("times.on", days=f" {words.say('times.and')} ".join(chosen))
    return words.say("times.when", days=told, time=_clock(words, at))


def day(words: Words, on: date) -> str:
    """Such as "3 March"."""
    return words.say("times.day", day=str(on.day), month=words.list("times.months")[on.month - 1])


def weekday(words: Words, on: date) -> str:
    """Such as "Tuesday 3 March"."""
    return words.say("times.weekday", weekday=words.list("times.days")[on.weekday()], day=day(words, on))


def _clock(words: Words, at: time) -> str:
    part = "morning" if at.hour < 12 else "afternoon" if at.hour < 17 else "evening"
    return words.say(f"times.{part}", clock=f"{at.hour % 12 or 12}:{at.minute:02}")
