"""Walks the dialogues of config/: pure, and the same for each channel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.dialogue.book import DIALOGUES, END, Dialogue, Option, Step, Words, dialogue, words
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Choice, Effect, Say, State, Turn

SKIP = "skip"
WORRIED = "worried"


@dataclass
class Walk:
    """One turn while it is being made: it gathers what to say and to keep until a step waits for an answer."""

    facts: Facts
    say: list[Say] = field(default_factory=list)
    keep: list[Effect] = field(default_factory=list)

    @property
    def words(self) -> Words:
        return words(self.facts.language)

    def tell(self, key: str, **values: str) -> None:
        self.say.append(self.message(key, **values))

    def message(self, key: str, **values: str) -> Say:
        book = self.words
        text = book.say(key, self.facts.who, self.facts.value, **values)
        return Say(text, picture=book.picture(key))

    def turn(self, state: State | None) -> Turn:
        return Turn(tuple(self.say), state, tuple(self.keep))

    def choose(self, state: State, option: Option, **values: str) -> State | None:
        """Keeps and says what a choice or an answer asks for, and goes on to where it leads."""
        for effect in option.keep:
            named = {name: value for name, value in effect.items() if name != "effect"}
            self.keep.append(Effect(effect["effect"], {**state.data, **named, **values, "walk": state.id}))
            if effect["effect"] == "choose_language":
                self.facts = replace(self.facts, language=values["language"])
            if effect["effect"] == "keep_reflection":
                state = replace(state, data={**state.data, "kept": "yes"})
        for key in option.say:
            self.tell(key)
        return self.go(state, option.next)

    def go(self, state: State, target: str) -> State | None:
        """On to a step of this dialogue, to the start of another one, or to the end."""
        if target == END:
            return self.resume(state.under) if state.under else None
        if target in dialogue(state.dialogue).steps:
            return self.enter(replace(state, step=target))
        return self.begin(target)

    def begin(self, name: str, under: State | None = None, data: dict[str, str] | None = None) -> State | None:
        first = dialogue(name).first
        return self.enter(State(name, first, self.facts.walk_id, data or {}, under))

    def keep_words(self, walk: str, data: dict[str, str]) -> None:
        """Keeps words that came where no answer was asked for."""
        self.keep.append(Effect("keep_reflection", {**data, "direction": "other", "question": "", "walk": walk}))

    def resume(self, state: State) -> State:
        """Asks again what was open before."""
        self.ask(state)
        return state

    def enter(self, state: State) -> State | None:
        step = step_of(state)
        if step.when and not self._holds(step.when, state):
            return self.go(state, step.otherwise)
        if step.prompt and step.prompt not in self.facts.questions:
            return self.go(state, step.skip)
        if step.prompt:
            state = replace(state, data={**state.data, "question": self.facts.questions[step.prompt].id})
        self.ask(state)
        return state if step.waits else self.go(state, step.next or END)

    def ask(self, state: State) -> None:
        """Says the step's texts; the last of them carries the choices."""
        step = step_of(state)
        says = [self.message(key) for key in step.say]
        if step.prompt:
            says.append(Say(self._question(step, state), picture=self.words.picture(step.prompt)))
        if says:
            says[-1] = replace(says[-1], choices=self.choices(state, step))
        self.say.extend(says)

    def choices(self, state: State, step: Step) -> tuple[Choice, ...]:
        found = [
            Choice(self.words.say(option.label, self.facts.who), button(state, option.value)) for option in step.options
        ]
        if step.choices_from == "outcomes":
            found += [Choice(label, button(state, id)) for id, label in self.facts.outcomes]
        if step.choices_from == "languages":
            found += [Choice(label, button(state, language)) for language, label in self.facts.languages]
        if step.skip:
            found.append(Choice(self.words.say(step.skip_label, self.facts.who), button(state, SKIP)))
        return tuple(found)

    def _holds(self, fact: str, state: State) -> bool:
        if fact == "answered":
            return "kept" in state.data
        if fact == "answered_with_outcomes":
            return "kept" in state.data and self.facts.holds("outcomes")
        return self.facts.holds(fact)

    def _question(self, step: Step, state: State) -> str:
        question = self.facts.questions.get(step.prompt)
        return question.words if question else ""


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
