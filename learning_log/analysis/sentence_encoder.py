"""Runs an encoder of BERT's shape, all-MiniLM-L6-v2 for one, with NumPy alone.

The shape: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers". The mean of the last layer as
the vector of a sentence: Reimers and Gurevych 2019, "Sentence-BERT".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learning_log.analysis.encoder import Vectors, of_length_one

Floats = NDArray[np.float32]
Tokens = NDArray[np.int64]  # one row a text, all of one length

TOKENS_AT_ONCE = 2048  # enough for the processor's matrix units, and a few megabytes of memory
_PIECE = 1 << 15  # numbers that stay in the processor's cache through the steps of GELU
_TINY = np.float32(1e-12)

# erf(x) by Abramowitz and Stegun 7.1.26, right to 1.5e-7; SciPy's own takes ten times as long.
_P = np.float32(0.3275911)
_A = tuple(np.float32(a) for a in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592))
_HALF, _ROOT = np.float32(0.5), np.float32(0.5**0.5)


@dataclass(frozen=True)
class _Dense:
    weight: Floats
    bias: Floats

    def __call__(self, rows: Floats) -> Floats:
        made: Floats = rows @ self.weight
        made += self.bias
        return made


@dataclass(frozen=True)
class _Norm:
    weight: Floats
    bias: Floats

    def __call__(self, rows: Floats) -> Floats:
        rows = rows - rows.mean(axis=1, keepdims=True)
        rows /= np.sqrt(np.square(rows).mean(axis=1, keepdims=True) + _TINY)
        rows *= self.weight
        rows += self.bias
        return rows


@dataclass(frozen=True)
class _Layer:
    """queries, keys and values are one matrix, side by side."""

    asked: _Dense
    said: _Dense
    after_attention: _Norm
    wide: _Dense
    narrow: _Dense
    after_all: _Norm


class SentenceEncoder:
    """Holds the weights; `encode` may be called from several threads."""

    def __init__(self, folder: Path, name: str, heads: int, most_tokens: int) -> None:
        """folder: holds model.safetensors and tokenizer.json."""
        # Loaded only here: without a model nobody waits for them.
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        weights = load_file(folder / "model.safetensors")
        self.name, self.heads = name, heads
        self.words = weights["embeddings.word_embeddings.weight"]
        self.places = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self.first = _norm(weights, "embeddings.LayerNorm")
        self.layers = [_layer(weights, f"encoder.layer.{number}") for number in range(_depth(weights))]
        self.size = int(self.words.shape[1])
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(most_tokens)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in their order."""
        return of_length_one(self.means(texts, 1))

    def means(self, texts: Sequence[str], last: int) -> Floats:
        """One row a text: the mean over its tokens of each of the last so many layers, side by side."""
        found = np.zeros((len(texts), self.size * last), dtype=np.float32)
        tokens = [encoded.ids for encoded in self.tokenizer.encode_batch(list(texts))]
        for places in _batches(tokens):
            read = self._read([np.array([tokens[at] for at in each]) for each in places], last)
            found[np.concatenate(places)] = read
        return found

    def _read(self, groups: Sequence[Tokens], last: int) -> Floats:
        """The means of each text's last layers. Rows of all texts stand below each other: nothing is padded."""
        rows = self.first(np.concatenate([self._opened(group) for group in groups]))
        means = []
        for depth, layer in enumerate(self.layers):
            rows = self._through(layer, rows, groups)
            if depth >= len(self.layers) - last:
                means.append(np.concatenate([part.mean(axis=1) for part in _apart(rows, groups)]))
        return np.concatenate(means, axis=1)

    def _opened(self, group: Tokens) -> Floats:
        opened: Floats = self.words[group] + self.places[: group.shape[1]]
        return opened.reshape(-1, self.size)

    def _through(self, layer: _Layer, rows: Floats, groups: Sequence[Tokens]) -> Floats:
        asked = layer.asked(rows)
        heard = np.concatenate([self._attended(part) for part in _apart(asked, groups)])
        rows = layer.after_attention(layer.said(heard) + rows)
        return layer.after_all(layer.narrow(_gelu(layer.wide(rows))) + rows)

    def _attended(self, part: Floats) -> Floats:
        """part: texts, their tokens, and queries, keys and values side by side."""
        texts, length, _ = part.shape
        queries, keys, values = part.reshape(texts, length, 3, self.heads, -1).transpose(2, 0, 3, 1, 4)
        weights = queries @ keys.swapaxes(-1, -2)
        weights *= np.float32(queries.shape[-1] ** -0.5)
        weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(axis=-1, keepdims=True)
        heard: Floats = (weights @ values).transpose(0, 2, 1, 3).reshape(-1, self.size)
        return heard


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[list[int]]]:
    """Places of texts, the short ones first: lists of one length each, about TOKENS_AT_ONCE tokens together."""
    batch: list[list[int]] = []
    length, room = -1, TOKENS_AT_ONCE
    for at in sorted(range(len(tokens)), key=lambda place: (len(tokens[place]), place)):
        if room < len(tokens[at]) and batch:
            yield batch
            batch, length, room = [], -1, TOKENS_AT_ONCE
        if len(tokens[at]) != length:
            batch.append([])
            length = len(tokens[at])
        batch[-1].append(at)
        room -= length
    if batch:
        yield batch


def _apart(rows: Floats, groups: Sequence[Tokens]) -> Iterator[Floats]:
    """The rows of each group, by text and token."""
    start = 0
    for group in groups:
        end = start + group.size
        yield rows[start:end].reshape(*group.shape, -1)
        start = end


def _gelu(rows: Floats) -> Floats:
    """x · Φ(x), in place: x for positive ones and 0 for negative ones, less |x|/2 · (1 − erf(|x|/√2))."""
    flat = rows.reshape(-1)
    for start in range(0, flat.size, _PIECE):
        piece = flat[start : start + _PIECE]
        far = np.abs(piece)
        t = 1 / (1 + _P * _ROOT * far)
        left = t * _A[0]
        for a in _A[1:]:
            left += a
            left *= t
        left *= np.exp(-_HALF * np.square(far))
        left *= far
        left *= _HALF
        np.maximum(piece, 0, out=piece)
        piece -= left
    return rows


def _depth(weights: dict[str, Any]) -> int:
    return 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))


def _layer(weights: dict[str, Any], name: str) -> _Layer:
    own = f"{name}.attention.self"
    three = [_dense(weights, f"{own}.{each}") for each in ("query", "key", "value")]
    side_by_side = _Dense(
        np.concatenate([each.weight for each in three], axis=1), np.concatenate([each.bias for each in three])
    )
    return _Layer(
        asked=side_by_side,
        said=_dense(weights, f"{name}.attention.output.dense"),
        after_attention=_norm(weights, f"{name}.attention.output.LayerNorm"),
        wide=_dense(weights, f"{name}.intermediate.dense"),
        narrow=_dense(weights, f"{name}.output.dense"),
        after_all=_norm(weights, f"{name}.output.LayerNorm"),
    )


def _dense(weights: dict[str, Any], name: str) -> _Dense:
    return _Dense(np.ascontiguousarray(weights[f"{name}.weight"].T), weights[f"{name}.bias"])


def _norm(weights: dict[str, Any], name: str) -> _Norm:
    return _Norm(weights[f"{name}.weight"], weights[f"{name}.bias"])
