"""Nobody is asked the same again before everything else was asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from learning_log.domain.rotation import subject_of

banks = st.lists(st.text(min_size=1), min_size=1, max_size=12, unique=True)
laps = st.integers(0, 50)


@given(banks, st.text(), laps)
def test_each_subject_is_asked_once_before_one_comes_again(bank: list[str], whose: str, lap: int) -> None:
    asked = [subject_of(lap * len(bank) + place, whose, bank) for place in range(len(bank))]
    assert sorted(asked) == sorted(bank)


@given(banks, st.text(), st.integers(0, 200))
def test_no_subject_is_asked_twice_running(bank: list[str], whose: str, asks: int) -> None:
    same = subject_of(asks, whose, bank) == subject_of(asks + 1, whose, bank)
    assert same == (len(bank) == 1)


@given(banks, st.text())
def test_the_first_round_is_about_the_first_subject(bank: list[str], whose: str) -> None:
    assert subject_of(0, whose, bank) == bank[0]


def test_people_have_orders_of_their_own() -> None:
    bank = [str(each) for each in range(8)]
    orders = {tuple(subject_of(place, str(who), bank) for place in range(8)) for who in range(20)}
    assert len(orders) > 10


@given(banks.filter(lambda bank: len(bank) > 1), st.text(), st.integers(0, 60))
def test_the_subject_of_the_month_has_every_second_round_and_leaves_room(bank: list[str], whose: str, lap: int) -> None:
    asked = [subject_of(asks, whose, bank, bank[-1]) for asks in range(2 * len(bank) * lap, 2 * len(bank) * (lap + 1))]
    assert asked[1::2] == [bank[-1]] * len(bank)
    assert set(asked) == set(bank)


def test_a_subject_that_is_in_no_bank_changes_nothing() -> None:
    assert [subject_of(asks, "a", ["x", "y"], "z") for asks in range(4)] == [
        subject_of(asks, "a", ["x", "y"]) for asks in range(4)
    ]
