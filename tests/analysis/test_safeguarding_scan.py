"""A worry in plain words is noticed. All sentences are invented."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_log.analysis.safeguarding_scan import Rules, rules_from, scan
from learning_log.config import load

WORRIES = {
    "physical": [
        "my worker slapped my hand",
        "he twisted my arm behind my back",
        "she hurted me",
        "they put me on the floor and sat on me",
    ],
    "sexual": ["he puts his hand up my skirt", "my uncle tries to kiss me", "he comes in when I am in the bath"],
    "psychological": [
        "Night staff shouted at me",
        "they laugh when I talk",
        "im skared of Pete",
        "she said it was my fault",
    ],
    "financial": [
        "someone is taking ten pounds from my purse",
        "my cousin has got my bank card",
        "I paid for all the staff to eat",
    ],
    "neglect": [
        "I have not had a bath for two weeks",
        "they forgot my tablits again",
        "i sat in my own wee",
        "the fridge is empty",
    ],
    "organisational": ["we get put in our pyjamas at five", "im not aloud out", "they locked the kitchen"],
    "domestic": ["my husband checks who I text and goes mad", "he wont let me ring my sister"],
    "sexual exploitation": ["I have to sleep with his mates", "he gave me vapes if i sent photos"],
    "modern slavery": [
        "I work all week and they dont pay me",
        "men are selling drugs in my flat",
        "he took my passport",
    ],
    "discriminatory": ["they threw stones at my window", "they pick on me because I am in a wheelchair"],
    "self-neglect": ["I cant be bothered to wash any more", "she has stopped eating"],
    "self-harm": ["I burnt my arm with a lighter on purpose", "i scratch my skin until it bleeds"],
    "suicide": [
        "i wish i was never born",
        "I have been saving up my tablets",
        "no one would notice if I was gone",
        "whats the point of going on",
    ],
    "staff-concern": ["Noticed a bruise on his back", "Colleague pulled the duvet off her and shouted"],
}
HARMLESS = [
    "the bus was late",
    "we made a cake and it was lovely",
    "my back is sore from the new chair",
    "I spent the day at the farm",
    "I want to change my day at college",
    "I beat my own time at the run",
    "he asked me to show him my holiday photos",
    "the doctor changed the dose and explained it",
    "we locked the van and went home",
    "I cut the grass by myself",
    "there was not enough milk",
    "I wish I had more friends",
]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_from(load("safeguarding/phrases"))


@pytest.mark.parametrize(
    ("category", "words"), [(category, words) for category, said in WORRIES.items() for words in said]
)
def test_plain_words_about_harm_are_noticed_under_their_category(rules: Rules, category: str, words: str) -> None:
    assert category in {signal.category for signal in scan(words, rules)}


@pytest.mark.parametrize("words", HARMLESS)
def test_everyday_words_raise_no_alarm(rules: Rules, words: str) -> None:
    assert scan(words, rules) == ()


@pytest.mark.parametrize(
    "words",
    ["he did not hit me", "when I was little my dad hit me", "on the telly a man hit her and it was only a film"],
)
def test_a_not_long_ago_or_a_film_lowers_the_priority_and_never_hides_the_worry(rules: Rules, words: str) -> None:
    assert {signal.priority for signal in scan("he hit me", rules)} == {"high"}
    signals = scan(words, rules)
    assert signals
    assert "high" not in {signal.priority for signal in signals}


def test_an_urgent_sentence_is_not_softened_by_the_one_beside_it(rules: Rules) -> None:
    assert scan("I do not like peas. He hit me.", rules)[0].priority == "high"


def test_two_worries_in_one_message_are_both_told(rules: Rules) -> None:
    assert {"physical", "suicide"} <= {signal.category for signal in scan("he hit me and I want to die", rules)}


def test_shouting_stretched_letters_and_curly_apostrophes_are_understood(rules: Rules) -> None:
    assert scan("I DON’T WANT TO LIIIIVE", rules)


@given(st.text(max_size=300))
def test_any_words_can_be_scanned_and_twice_gives_the_same(words: str) -> None:
    known = rules_from(load("safeguarding/phrases"))
    assert scan(words, known) == scan(words, known)


@given(st.sampled_from([words for said in WORRIES.values() for words in said]), st.sampled_from(HARMLESS))
def test_harmless_words_around_it_never_hide_a_worry(worry: str, harmless: str) -> None:
    known = rules_from(load("safeguarding/phrases"))
    heard = {signal.rule for signal in scan(worry, known)}
    assert heard <= {signal.rule for signal in scan(f"{harmless}. {worry}. {harmless}", known)}


def test_a_broken_rule_is_named() -> None:
    broken = {
        "words": {},
        "spelling": {},
        "softer": {},
        "rule": [{"name": "odd", "category": "x", "priority": "high", "says": ["(a"]}],
    }
    with pytest.raises(ValueError, match="odd"):
        rules_from(broken)


def test_every_category_of_the_code_has_a_rule(rules: Rules) -> None:
    assert set(WORRIES) <= {rule.category for rule in rules.rules}


SAID = sorted({word for said in [*WORRIES.values(), HARMLESS] for words in said for word in words.split()})


@given(st.lists(st.sampled_from(SAID), max_size=12))
def test_the_quick_look_at_all_rules_at_once_misses_nothing_that_a_rule_hears(words: list[str]) -> None:
    known = rules_from(load("safeguarding/phrases"))
    one_by_one = {signal for rule in known.rules for signal in scan(" ".join(words), _only(known, rule.name))}
    assert set(scan(" ".join(words), known)) == one_by_one


def _only(known: Rules, name: str) -> Rules:
    """One rule, found without the quick look."""
    (rule,) = [rule for rule in known.rules if rule.name == name]
    return replace(known, rules=(rule,), any=re.compile(""))
