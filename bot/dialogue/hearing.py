"""The one way into the dialogues: what was heard, and where we are, give the next turn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.dialogue import joining, scale
from bot.dialogue.book import Option, fold, words
from bot.dialogue.facts import Facts
from bot.dialogue.machine import CHOSEN, LATER, MY_DATA, REFLECTING, SKIP, STEPS, WORRIED, Walk, button, step_of
from bot.dialogue.turn import Effect, Heard, Say, State, Turn

NOT_KEPT = {"nothing", "blocked"}
URGENT = {"stop", "worried"}
SORRY = {"too_big": "trouble.too_big", "unreadable": "trouble.unreadable", "group": "trouble.group"}


def hear(state: State | None, heard: Heard, facts: Facts) -> Turn:
    """The answer to anything that can be heard, in any state. Stop and worries come before all else."""
    walk = Walk(facts)
    if heard.kind in NOT_KEPT:
        return walk.turn(state)
    if heard.kind == "start":
        return walk.turn(joining.start(walk, state))
    command = "" if heard.kind == "button" else walk.words.command(heard.words)
    # A caption or a changed message says stop or a worry; any other word of ours in it is part of an answer.
    if command in URGENT or (command and heard.kind == "words"):
        return walk.turn(_obey(command, walk, state))
    if facts.worry and not (state and state.dialogue == WORRIED):  # there it is added to the worry that is open
        return _tell_worry(walk, state, heard)
    return walk.turn(_take(walk, state, heard))


def _take(walk: Walk, state: State | None, heard: Heard) -> State | None:
    if heard.kind in SORRY:
        walk.tell(SORRY[heard.kind])
        return _answer(walk, state, replace(heard, kind="words")) if heard.words else state
    return _edit(walk, state, heard) if heard.kind == "edited" else _answer(walk, state, heard)


def begin(name: str, facts: Facts, data: dict[str, str]) -> Turn:
    """A dialogue that we begin ourselves, such as a prompt that is due. data goes to what it keeps."""
    walk = Walk(facts)
    return walk.turn(walk.next_round(data) if name == REFLECTING else walk.begin(name, data=data))


def remind(state: State | None, facts: Facts, asked: str) -> Turn | None:
    """Asks once more what was asked and has no answer; none when the talk has gone elsewhere since."""
    walk = Walk(facts)
    if state is None or state.data.get("asked") != asked or "kept" in state.data:
        return None
    walk.tell("reminding.again")
    return walk.turn(walk.resume(state))


def is_worried(said: str, language: str = "en") -> bool:
    """Whether the whole message is the word for being worried."""
    return words(language).command(said) == "worried"


def is_stop(said: str, language: str = "en") -> bool:
    """Whether the whole message is the word for stopping."""
    return words(language).command(said) == "stop"


def _obey(command: str, walk: Walk, state: State | None) -> State | None:
    if command == "worried":
        walk.keep.append(Effect("raise_concern", {"raised_by": "button"}))
        return walk.begin(WORRIED, under=_without((WORRIED,), state))
    if command == "again":
        return _again(walk, state)
    if command == "skip":
        return _skip(walk, state)
    if command == "stop":
        walk.keep.append(Effect("stop"))
        return walk.begin("stopped")
    if command == "help":
        for key in ("help.help", "help.words") if walk.facts.joined else ("help.before",):
            walk.tell(key)
        return state
    if command == "mydata":
        return walk.begin(MY_DATA, under=_without((MY_DATA,), state))
    if not walk.facts.joined:
        return joining.start(walk, state)
    if command == "later":
        beneath = _without((LATER,), state)
        return walk.begin(LATER, beneath, beneath.data if beneath else {})
    if command == "start":
        return walk.next_round()
    return walk.begin({"pause": "pausing", "settings": "settings"}[command])


def _without(dialogues: Collection[str], state: State | None) -> State | None:
    """What waits beneath: none of these is there twice, however somebody goes to and fro."""
    if state is None:
        return None
    beneath = _without(dialogues, state.under)
    return beneath if state.dialogue in dialogues else replace(state, under=beneath)


def _again(walk: Walk, state: State | None) -> State | None:
    if state is None:
        walk.tell("trouble.nothing_open")
        return None
    return walk.resume(state)


def _skip(walk: Walk, state: State | None) -> State | None:
    if state is None:
        walk.tell("trouble.nothing_open")
        return None
    step = step_of(state)
    if not step.skip:
        walk.tell("trouble.choose")
        return walk.resume(state)
    return walk.go(state, step.skip)


def _tell_worry(walk: Walk, state: State | None, heard: Heard) -> Turn:
    """The words sound like harm: they are told, kept from the team, and what was asked waits until this is said."""
    walk.keep.append(Effect("raise_concern", {"raised_by": "scan", "category": walk.facts.worry}))
    aside = Walk(walk.facts)
    after = _take(aside, state, heard)
    walk.keep += [replace(effect, values={**effect.values, "private": "yes"}) for effect in aside.keep]
    return walk.turn(walk.begin(WORRIED, under=after))


def _edit(walk: Walk, state: State | None, heard: Heard) -> State | None:
    """The service knows whether the message was an answer; both sentences are ready for it."""
    if walk.facts.joined:
        walk.keep.append(Effect("correct", {"edits": heard.edits}))
    else:
        walk.tell(_not_kept(walk))
    return state


def _answer(walk: Walk, state: State | None, heard: Heard) -> State | None:
    if heard.kind == "button":
        return _tap(walk, state, heard.button)
    if heard.media and walk.facts.joined and (state is None or step_of(state).answer):
        walk.tell("trouble.made_out" if heard.made_out else "trouble.file", made_out=heard.made_out)
    if state is None:
        return _unasked(walk)
    option = "" if heard.media else _named(walk, state, heard.words)  # a caption chooses nothing: its photo would go
    if option:
        return _tap(walk, state, option)
    step = step_of(state)
    if step.answer:
        return walk.choose(state, step.answer)
    if step.over:  # it goes to what waits beneath, or was not asked for
        return _answer(walk, state.under, heard)
    return _choose_please(walk, state)


def _unasked(walk: Walk) -> State | None:
    """Words that nobody asked for: kept, when the person takes part."""
    if not walk.facts.joined:
        walk.tell(_not_kept(walk))
        return None
    walk.keep_words(walk.facts.walk_id, {})
    return walk.begin("telling")


def _choose_please(walk: Walk, state: State) -> State | None:
    """Words where only a choice fits: talk about settings is no answer for the team."""
    walk.tell("trouble.choose" if walk.facts.joined else _not_kept(walk))
    return walk.resume(state)


def _not_kept(walk: Walk) -> str:
    return "trouble.stopped" if walk.facts.status == "stopped" else "trouble.not_agreed"


def _named(walk: Walk, state: State, said: str) -> str:
    """The button whose label, or whose picture alone, was written out instead of tapped; or nothing."""
    plain = fold(said)
    if not plain and said.strip():
        pictures = (choice for choice in walk.choices(state, step_of(state)) if choice.label.startswith(said.strip()))
        return next((choice.value for choice in pictures), "")
    step = step_of(state)
    offered = {value for value, _ in walk.offered(state, step)}
    for option in (each for each in step.options if each.value in offered):
        if plain and plain in {fold(way) for way in walk.words.ways(option.label)}:
            return button(state, option.value)
    if step.choices_from == STEPS and (written := scale.named(state.data, said)):
        return button(state, written)
    for choice in walk.choices(state, step):
        if plain and fold(choice.label) == plain:
            return choice.value
    return ""


def _tap(walk: Walk, state: State | None, value: str) -> State | None:
    tag, _, rest = value.partition(":")
    step, _, chosen = rest.partition(":")
    open_state = _the_open_one(state, tag, step)
    if open_state is None:
        return _closed(walk, state)
    if chosen == SKIP and step_of(open_state).skip:
        return walk.go(open_state, step_of(open_state).skip)
    option, values = _chosen(walk, open_state, chosen)
    return walk.choose(open_state, option, **values) if option else _closed(walk, state)


def _the_open_one(state: State | None, tag: str, step: str) -> State | None:
    """The walk that a button belongs to: the one on top, or the one that waits beneath it."""
    while state is not None:
        if (state.tag, state.step) == (tag, step):
            return state
        state = state.under
    return None


def _chosen(walk: Walk, state: State, value: str) -> tuple[Option | None, dict[str, str]]:
    step = step_of(state)
    offered = {each for each, _ in walk.offered(state, step)}
    for option in step.options:
        if option.value == value and value in offered:
            return option, {}
    name = step.choices_from
    known = name == STEPS and scale.is_on_it(state.data, value)
    if known or (name and name != STEPS and value in dict(walk.facts.choices(name))):
        return step.choice, {CHOSEN[name]: value}
    return None, {}


def _closed(walk: Walk, state: State | None) -> State | None:
    walk.tell("trouble.closed")
    if state is None:
        return None
    return walk.resume(state)


def trouble(key: str, language: str = "en", **values: str) -> Say:
    """One sentence for somebody whom we do not know, or about something that went wrong."""
    return Say(words(language).say(f"trouble.{key}", **values))
