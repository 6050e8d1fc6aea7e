"""How each person in the example writes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from learning_log.example.cast import Cast, Member
from learning_log.example.dice import Deck, dice
from learning_log.example.topics import Topic

# How often somebody of this style adds a second and a third sentence.
GOES_ON = {
    "short": (0.12, 0.0),
    "plain": (0.5, 0.0),
    "emoji": (0.4, 0.0),
    "lower": (0.4, 0.0),
    "long": (0.9, 0.4),
    "staff": (0.65, 0.1),
}
TRIES = 8

Decks = dict[tuple[str, str], Deck]


class Voice:
    """One person's way of saying things. `decks` are shared in a home, so that nobody there soon repeats another."""

    def __init__(self, member: Member, cast: Cast, seed: object, decks: Decks) -> None:
        self._member = member
        self._chance = dice(seed, "voice", member.name)
        self._slots = _slots(member, cast, self._chance)
        self._faces = {"works": cast.slots["works_faces"], "not_working": cast.slots["not_working_faces"]}
        self._nothing = Deck(cast.slots["nothing"], self._chance)
        self._decks, self._seed = decks, seed

    def about(self, topic: Topic, said: set[str]) -> str:
        """Words about a topic that nobody has `said` yet in the same words, as far as that can be had."""
        words = ""
        for _ in range(TRIES):
            words = self._styled(self._words(topic), topic.direction)
            if words not in said:
                break
        said.add(words)
        return words

    def nothing(self) -> str:
        return self._nothing.deal()

    def _words(self, topic: Topic) -> str:
        second, third = GOES_ON[self._member.style]
        parts = [self._deck(topic, "say", topic.say).deal()]
        while len(parts) < 3 and self._chance.random() < (second, third)[len(parts) - 1]:
            parts.append(self._deck(topic, "more", topic.more).deal())
        return " ".join(self._filled(part) for part in dict.fromkeys(parts))

    def _deck(self, topic: Topic, part: str, cards: Sequence[str]) -> Deck:
        place = (topic.entry, part)
        if place not in self._decks:
            self._decks[place] = Deck(cards, dice(self._seed, "deck", self._member.home, *place))
        return self._decks[place]

    def _filled(self, sentence: str) -> str:
        chosen = {slot: self._chance.choice(list(values)) for slot, values in self._slots.items() if values}
        chosen["Family"] = chosen["family"][:1].upper() + chosen["family"][1:]
        return sentence.format(**chosen)

    def _styled(self, words: str, direction: str) -> str:
        style = self._member.style
        if style == "lower":
            return words.lower().removesuffix(".")
        if style == "emoji" and self._chance.random() < 0.5:
            return f"{words.removesuffix('.')} {self._chance.choice(list(self._faces[direction]))}"
        if style == "short" and self._chance.random() < 0.3:
            return words.removesuffix(".")
        return words


def _slots(member: Member, cast: Cast, chance: random.Random) -> Mapping[str, Sequence[str]]:
    others = [one.first_name for one in cast.at_home(member.home, cast.people) if one.joined and one != member]
    colleagues = [one.first_name for one in cast.at_home(member.home, cast.staff) if not one.left and one != member]
    everyday = cast.slots
    return {
        "worker": colleagues,
        "housemate": others,
        "person": others,
        "friend": [member.friend or "a friend"],
        "family": [member.family or "my family"],
        "club": chance.sample(list(everyday["clubs"]), 2),
        "place": everyday["places"],
        "food": everyday["foods"],
        "day": everyday["days"],
        "weekend": everyday["weekend"],
    }
