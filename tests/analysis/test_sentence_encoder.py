"""The encoder puts near each other what means nearly the same, whatever it is encoded together with."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_log.analysis.encoder import Encoder, packed, unpacked

NEAR = [
    ("The bus never comes on time", "My transport is always late", "I love the dinners here"),
    ("Sarah explains things well", "the nurse told me clearly what happens", "the car park is full"),
    ("I feel lonely at night", "nobody to talk to in the evenings", "we planted tomatoes"),
]
WORDS = st.text(st.sampled_from("abc DÉ.!?'’🙂\n0"), max_size=40)


@pytest.mark.parametrize(("one", "near", "far"), NEAR)
def test_what_means_the_same_is_nearer_than_what_does_not(encoder: Encoder, one: str, near: str, far: str) -> None:
    rows = encoder.encode([one, near, far])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1


def test_the_vectors_are_those_of_the_published_model(encoder: Encoder) -> None:
    """The first numbers as sentence-transformers gives them for the same weights."""
    row = encoder.encode(["This is an example sentence"])[0]
    assert row[:4] == pytest.approx([0.0677, 0.0635, 0.0487, 0.0793], abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(WORDS, max_size=12), at=st.integers(0, 11))
def test_a_text_means_the_same_in_any_company(encoder: Encoder, texts: list[str], at: int) -> None:
    rows = encoder.encode(texts)
    assert rows.shape == (len(texts), encoder.size)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    if texts:
        alone = encoder.encode([texts[at % len(texts)]])[0]
        assert np.allclose(rows[at % len(texts)], alone, atol=1e-5)


def test_a_very_long_text_is_read_from_its_beginning(encoder: Encoder) -> None:
    """Nobody reads 256 word pieces and more of one answer for its theme; the words themselves stay whole."""
    start = "the heating is broken " * 100
    same, other = encoder.encode([start + "x" * 20_000, start + "and I am very happy"])
    assert np.allclose(same, other, atol=1e-5)


def test_kept_vectors_are_as_near_as_they_were(encoder: Encoder) -> None:
    rows = encoder.encode([text for three in NEAR for text in three])
    again = unpacked(packed(rows), encoder.size)
    assert len(packed(rows)) == rows.size * 2
    assert np.abs(rows @ rows.T - again @ again.T).max() < 2e-3


def test_vectors_of_another_size_are_refused(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="reshape"):
        unpacked(b"\0" * 10, encoder.size)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    opened: list[object] = []

    def refuse(self: socket.socket, *arguments: object, **more: object) -> None:
        opened.append(arguments)
        raise OSError("A socket was opened.")

    monkeypatch.setattr(socket.socket, "__init__", refuse)
    return opened


def test_no_socket_is_opened(encoder: Encoder, no_network: list[object]) -> None:
    encoder.encode(["We went to the allotment", "It rained"])
    assert no_network == []
