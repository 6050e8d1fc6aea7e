"""What leads back to a person is taken out. All names and numbers are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_log.analysis.redaction import Names, redact

NAMES = ["Dave", "Ann", "Ann Lee", "Mary-Jo", "O'Brien"]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("DAVE's mum and dave came", "[name] mum and [name] came"),
        ("daves dog", "[name] dog"),
        ("I saw Ann Lee and ann", "I saw [name] and [name]"),
        ("mary jo and Mary-Jo", "[name] and [name]"),
        ("O’Brien and OBriens", "[name] and [name]"),
        ("Davey has a plan with Annette", "Davey has a plan with Annette"),
    ],
)
def test_known_names_go_however_they_are_written_and_longer_words_stay(words: str, left: str) -> None:
    assert redact(words, NAMES) == left


@pytest.mark.parametrize(
    "words",
    ["07700 900123", "+44 7700 900123", "943 476 5919", "9434765919", "(0115) 496 0000", "12-34-56", "QQ 12 34 56 C"],
)
def test_numbers_that_reach_a_person_go(words: str) -> None:
    assert redact(f"it is {words} ok", []) == "it is [number] ok"


@pytest.mark.parametrize(
    "words", ["jo.bloggs@example.org", "NG1 5AA", "ng15aa", "12 Mill Lane", "Flat 3, 12 Old Mill Road"]
)
def test_addresses_go(words: str) -> None:
    assert redact(f"I live at {words} now", []) == "I live at [address] now"


@pytest.mark.parametrize("words", ["I have 3 tablets at 10 30", "it cost £1200", "bus 36 at 9", "we waited 45 minutes"])
def test_everyday_numbers_stay(words: str) -> None:
    assert redact(words, NAMES) == words


@given(st.lists(st.text(alphabet="abcdefgh' -", min_size=1, max_size=12), max_size=5), st.text(max_size=60))
def test_a_known_name_is_never_left_as_a_word_of_its_own(names: list[str], words: str) -> None:
    known = [name for name in names if name.isalpha()]
    left = redact(" ".join([words, *known]), names).lower()
    assert not set(known).intersection(left.split()[len(words.split()) :])


@given(st.text(max_size=80))
def test_redacting_twice_changes_nothing_more(words: str) -> None:
    once = redact(words, NAMES)
    assert redact(once, NAMES) == once


@pytest.mark.parametrize(
    ("names", "words", "plain"),
    [
        ({"Jo"}, "Jo helped me", "[name] helped me"),
        ({"Anne-Marie"}, "Marie and Anne-Marie came", "[name] and [name]-[name] came"),
        ({"Day Centre - North"}, "the day at the garden centre", "the day at the garden centre"),
        ({"Quince House"}, "I live in Quince House, a house", "I live in [name], a house"),
        (set(), "call 07700 900123", "call [number]"),
    ],
)
def test_many_names_are_taken_out_and_ordinary_words_stay(names: set[str], words: str, plain: str) -> None:
    assert Names(names).taken_out(words) == plain
