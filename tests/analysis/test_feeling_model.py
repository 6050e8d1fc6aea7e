"""How words feel, learnt from what people said they feel like."""

import socket
from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from learning_log.analysis.encoder import Encoder
from learning_log.analysis.feeling_model import Answer, Example, FeelingModel, Kind, LayeredEncoder, learn

SAID: dict[Kind, tuple[str, ...]] = {
    "good": ("the garden is lovely", "I love the bus", "Jo is kind", "we laughed a lot", "the food is great"),
    "bad": ("the lift is broken", "I hate the noise", "they never listen", "it is always late", "the food is awful"),
    "mixed": ("the room is blue", "we meet on Mondays", "it was as usual", "there are two of them", "I had toast"),
}
EXAMPLES = [Example(Answer(words, "works"), kind) for kind, said in SAID.items() for words in said]


class Letters:
    """Stands in for the encoder where its weights do not matter: how often each letter comes."""

    def means(self, texts: Sequence[str], last: int) -> NDArray[np.float32]:
        return np.array([[text.lower().count(chr(97 + at)) for at in range(26)] for text in texts], dtype=np.float32)


def learnt(examples: Sequence[Example], encoder: LayeredEncoder | None = None) -> FeelingModel:
    model = learn(examples, encoder or Letters())
    assert model is not None
    return model


@pytest.fixture(scope="module")
def model() -> FeelingModel:
    return learnt(EXAMPLES)


@settings(max_examples=3, deadline=None)
@given(st.permutations(EXAMPLES))
def test_the_order_in_which_corrections_came_does_not_matter(model: FeelingModel, examples: list[Example]) -> None:
    assert learnt(examples).to_json() == model.to_json()


def test_a_model_that_was_kept_judges_as_before(model: FeelingModel) -> None:
    answers = [example.answer for example in EXAMPLES]
    again = FeelingModel.from_json(model.to_json())
    assert again.judge(answers, Letters()) == model.judge(answers, Letters())


def test_nothing_is_learnt_while_one_kind_is_hardly_there() -> None:
    assert learn([example for example in EXAMPLES if example.kind != "mixed"], Letters()) is None
    assert learn([], Letters()) is None


def test_what_it_keeps_holds_no_words(model: FeelingModel) -> None:
    assert not any(word in model.to_json() for word in ("garden", "toast", "noise"))


@given(words=st.text(max_size=60), direction=st.sampled_from([None, "works", "not_working"]))
@settings(max_examples=30, deadline=None)
def test_whatever_is_said_gets_a_sureness_and_under_the_bar_it_is_unsure(
    model: FeelingModel, words: str, direction: str | None
) -> None:
    (feeling,) = model.judge([Answer(words, direction)], Letters())
    assert 0 <= feeling.sureness <= 1
    assert -1 <= feeling.score <= 1
    assert (feeling.label == "unsure") == (feeling.sureness < 0.6) or feeling.sureness == 0.6


def test_it_learns_with_the_real_encoder_and_opens_no_socket(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    layered = cast(LayeredEncoder, encoder)
    model = learnt(EXAMPLES, layered)
    said = [Answer("the staff are wonderful", "works"), Answer("it is horrible and nobody helps", "works")]
    good, bad = model.judge(said, layered)
    assert good.score > bad.score
