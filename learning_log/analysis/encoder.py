"""What an encoder of sentences gives: vectors that are near each other where words mean nearly the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # one row a text, each of length 1
_KEPT = np.dtype("<f2")  # half the room, and the cosines stay right to the third place


class Named(Protocol):
    """name: vectors of two encoders are never compared, so it is kept beside each. size: of one vector."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...


@dataclass(frozen=True)
class Reader:
    """The encoder that read what is kept, where only that is needed and not the encoder itself."""

    name: str
    size: int


class Encoder(Named, Protocol):
    def encode(self, texts: Sequence[str]) -> Vectors: ...


def packed(vectors: Vectors) -> bytes:
    """For keeping: little-endian half floats, row after row."""
    return vectors.astype(_KEPT).tobytes()


def unpacked(kept: bytes, size: int) -> Vectors:
    """The rows that were packed, at length 1 again. Raises ValueError when they are not of this size."""
    rows = np.frombuffer(kept, _KEPT).reshape(-1, size).astype(np.float32)
    return of_length_one(rows)


def of_length_one(rows: Vectors) -> Vectors:
    """Rows of nothing but zeros stay as they are."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)
