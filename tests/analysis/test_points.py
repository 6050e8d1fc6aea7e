"""One answer may make several points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_log.analysis.points import FEWEST_WORDS, MOST_POINTS, points_of


@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("The bus was late.", ["The bus was late."]),
        ("I like the cooking. I do not like the noise!", ["I like the cooking.", "I do not like the noise!"]),
        ("The bus was late but the driver was kind", ["The bus was late", "but the driver was kind"]),
        (
            "good food\nkind staff here\n- long waits for help",
            ["good food", "kind staff here", "- long waits for help"],
        ),
        ("Fish and chips and peas", ["Fish and chips and peas"]),
        ("Yes. I went swimming again.", ["Yes. I went swimming again."]),
        ("", []),
        ("   ", []),
    ],
)
def test_an_answer_is_parted_where_it_turns_to_something_else(words: str, points: list[str]) -> None:
    assert points_of(words) == points


@given(st.lists(st.sampled_from(["bus", "late", "but", "kind.", "and", "I", "went", "no!", "\n", ";"]), max_size=60))
def test_no_word_is_lost_and_none_is_told_twice(words: list[str]) -> None:
    said = " ".join(words)
    points = points_of(said)
    assert " ".join(points).split() == said.replace(";", " ").split()
    assert len(points) <= MOST_POINTS
    assert all(len(point.split()) >= FEWEST_WORDS for point in points[1:])
