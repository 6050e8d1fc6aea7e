"""Walks the dialogues of config/: pure, and the same for each channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.dialogue import scale
from bot.dialogue.book import CLOSE, DIALOGUES, END, Dialogue, Option, Step, Words, dialogue, words
from bot.dialogue.facts import Choices, Facts, Question
from bot.dialogue.turn import Choice, Effect, Say, State, Turn

SKIP = "skip"
WORRIED = "worried"
REFLECTING = "reflecting"
LATER = "later"
MY_DATA = "my_data"
STEPS, STEP = "steps", "step"
# What a choice out of a list is called by the effects that it leads to.
CHOSEN = {
    "outcomes": "outcome",
    "languages": "language",
    "agreements": "purpose",
    "answers": "answer",
    STEPS: STEP,
}
CARRIED = ("walk", "asked", "experiment")  # on to a dialogue that goes on where another ends


@dataclass
class Walk:
    """One turn while it is being made: it gathers what to say and to keep until a step waits for an answer."""

    facts: Facts
    say: list[Say] = field(default_factory=list)
    keep: list[Effect] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)  # of the dialogue that speaks

    @property
    def words(self) -> Words:
        return words(self.facts.language)

    def tell(self, key: str, **values: str) -> None:
        self.say.append(self.message(key, **values))

    def message(self, key: str, **values: str) -> Say:
        book = self.words
        text = book.say(key, self.facts.who, self.facts.value, **{**self.data, **values})
        return Say(text, picture=book.picture(key))

    def turn(self, state: State | None) -> Turn:
        return Turn(tuple(self.say), state, tuple(self.keep))

    def choose(self, state: State, option: Option, **values: str) -> State | None:
        """Keeps and says what a choice or an answer asks for, and goes on to where it leads."""
        # What was chosen stays known to the steps that follow.
        state = replace(state, data={**state.data, **values})
        if STEP in values and not scale.is_chosen(state.data):
            return self.enter(state)
        if STEP in values:
            state = replace(state, data={**state.data, "picture": scale.picture(state.data, self.words)})
        for effect in option.keep:
            self._keep(effect, state)
            if effect["effect"] == "choose_language":
                self.facts = replace(self.facts, language=values["language"])
            if effect["effect"] == "keep_reflection":
                state = replace(state, data={**state.data, "kept": "yes"})
        self.data = state.data
        for key in option.say:
            self.tell(key)
        return self.go(state, option.next)

    def go(self, state: State, target: str) -> State | None:
        """On to a step of this dialogue, to the start of another one, or to the end."""
        if target == CLOSE:
            return None
        if target == END:
            return self.resume(state.under) if state.under else None
        if target in dialogue(state.dialogue).steps:
            return self.enter(replace(state, step=target))
        carried = {name: state.data[name] for name in CARRIED if name in state.data}
        return self.begin(target, state.under, {"walk": state.id, **carried})

    def begin(self, name: str, under: State | None = None, data: Mapping[str, str] | None = None) -> State | None:
        found = dialogue(name)
        state = State(name, found.first, self.facts.walk_id, {**(data or {}), **self._round_of(name)}, under)
        for effect in found.keep:
            self._keep(effect, state)
        return self.enter(state)

    def next_round(self, data: Mapping[str, str] | None = None) -> State | None:
        """What there is to ask about next: something that was left open, or else the questions whose turn it is."""
        following = self.facts.following()
        if following is None:
            return self.begin(REFLECTING, data=data)
        return self.begin(following.dialogue, data={**(data or {}), **following.data})

    def _round_of(self, name: str) -> dict[str, str]:
        if name != REFLECTING:
            return {}
        begun = self.facts.round("")
        about = {"outcome": begun.goal[0], "goal": begun.goal[1]} if begun.goal else {}
        return {"round": begun.key, **about}

    def _keep(self, effect: Mapping[str, str], state: State) -> None:
        named = {name: value for name, value in effect.items() if name != "effect"}
        self.keep.append(Effect(effect["effect"], {"walk": state.id, **state.data, **named}))

    def keep_words(self, walk: str, data: dict[str, str]) -> None:
        """Keeps words that came where no answer was asked for."""
        self.keep.append(Effect("keep_reflection", {**data, "direction": "other", "question": "", "walk": walk}))

    def resume(self, state: State) -> State | None:
        """Asks again what was open before; goes on where its question is no longer in the bank."""
        step = step_of(state)
        if step.prompt and self._question(step, state) is None:
            return self.go(state, step.skip)
        self.ask(state)
        return state

    def enter(self, state: State) -> State | None:
        step = step_of(state)
        self.data = state.data
        if step.when and not self._holds(step.when, state):
            return self.go(state, step.otherwise)
        if step.prompt and self._question(step, state) is None:
            return self.go(state, step.skip)
        if question := self._question(step, state):
            state = replace(state, data={**state.data, "question": question.id})
        if step.shuffled:
            state = replace(state, data={**state.data, "shown": self._shuffled(state, step)})
        self.ask(state)
        return state if step.waits else self.go(state, step.next or END)

    def ask(self, state: State) -> None:
        """Says the step's texts; the last of them carries the choices."""
        step = step_of(state)
        self.data = state.data
        says = [self.message(key) for key in step.say]
        if question := self._question(step, state):
            says.append(Say(question.words, picture=self.words.picture(step.prompt)))
        if says:
            says[-1] = replace(says[-1], choices=self.choices(state, step))
        self.say.extend(says)

    def choices(self, state: State, step: Step) -> tuple[Choice, ...]:
        offered = self.offered(state, step)
        if "shown" in state.data and step.shuffled:
            shown = state.data["shown"].split()
            offered.sort(key=lambda each: shown.index(each[0]) if each[0] in shown else len(shown))
        found = [Choice(label, button(state, value)) for value, label in offered]
        if step.skip:
            found.append(Choice(self.words.say(step.skip_label, self.facts.who), button(state, SKIP)))
        return tuple(found)

    def _holds(self, fact: str, state: State) -> bool:
        if fact in ("answered", "goal"):
            return {"answered": "kept", "goal": "goal"}[fact] in state.data
        if fact == "answered_with_outcomes":
            return "kept" in state.data and "outcome" not in state.data and self.facts.holds("outcomes")
        if fact.startswith("is:"):  # such as is:answer:yes
            _, name, value = fact.split(":")
            return state.data.get(name) == value
        return self.facts.holds(fact)

    def _question(self, step: Step, state: State) -> Question | None:
        """Of the round that this walk began with: others may have begun since."""
        if not step.prompt:
            return None
        return self.facts.round(state.data.get("round", "")).questions.get(step.prompt)

    def offered(self, state: State, step: Step) -> list[tuple[str, str]]:
        """The choices that hold now: value and label."""
        said = [
            (option.value, self.words.say(option.label, self.facts.who, self.facts.value, **state.data))
            for option in step.options
            if not option.when or self._holds(option.when, state)
        ]
        return said + (list(self._list(step.choices_from, state)) if step.choices_from else [])

    def _list(self, name: str, state: State) -> Choices:
        return scale.offered(state.data, self.words) if name == STEPS else self.facts.choices(name)

    def _shuffled(self, state: State, step: Step) -> str:
        """Either way round, by the walk: people tend to choose what was said last, so the order is kept with it."""
        values = [value for value, _ in self.offered(state, step)]
        return " ".join(values[::-1] if int(self.facts.walk_id[-1], 16) % 2 else values)


def button(state: State, value: str) -> str:
    """The value behind a choice: which walk, which step, which choice. At most 64 bytes: Telegram's limit."""
    return f"{state.tag}:{state.step}:{value}"


def is_known(state: State) -> bool:
    """Whether config/ still has this step, and the one beneath it."""
    return (
        state.dialogue in DIALOGUES
        and state.step in dialogue(state.dialogue).steps
        and (state.under is None or is_known(state.under))
    )


def step_of(state: State) -> Step:
    found: Dialogue = dialogue(state.dialogue)
    return found.steps[state.step]
