"""Runs a Whisper model, made ready for CTranslate2, on this machine's processor.

The model: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision". What it hears are mel
spectra of half a minute; how those are made is a part of the model, and so is each figure below.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learning_log.errors import SoundUnreadable

Floats = NDArray[np.float32]

RATE = 16_000  # samples a second
SECONDS = 30  # that the model hears at a time
EARLIEST_CUT = 20  # seconds; a longer message is parted at its quietest moment between this and SECONDS
LONGEST = 20 * 60  # seconds of a message; the rest is not heard
_QUIET = RATE // 5  # samples; as long as a short pause
_WINDOW, _HOP = 400, 160
_MOST_TOKENS = 448
_SILENT, _UNSURE = 0.6, -1.0  # Whisper's own limits: likely silence, and not sure of the words
_SOFTEST = 0.005  # of 1; below it the model is not asked, since of silence it makes a word


@dataclass(frozen=True)
class _Loaded:
    model: Any
    tokenizer: Any


class Whisper:
    """The model is loaded with the first message. One message at a time: each takes all the cores it is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    def transcribe(self, audio: bytes, mime: str) -> str:
        samples = _decoded(audio, mime)
        with self._lock:
            heard = [self._heard(part) for part in parts(samples) if part.size and np.abs(part).max() > _SOFTEST]
        return " ".join(words for words in heard if words)

    @cached_property
    def _loaded(self) -> _Loaded:
        # Loaded only here: most installations have no model, and it takes a second.
        from ctranslate2.models import Whisper as Model
        from tokenizers import Tokenizer

        model = Model(str(self.folder), device="cpu", compute_type="int8")
        return _Loaded(model, Tokenizer.from_file(str(self.folder / "tokenizer.json")))

    def _heard(self, samples: Floats) -> str:
        from ctranslate2 import StorageView

        model, tokenizer = self._loaded.model, self._loaded.tokenizer
        features = StorageView.from_array(np.ascontiguousarray(spectra(samples, model.n_mels)[None]))
        begin = ["<|startoftranscript|>"]
        if model.is_multilingual:
            begin += [model.detect_language(features)[0][0][0], "<|transcribe|>"]
        prompt = [tokenizer.token_to_id(token) for token in (*begin, "<|notimestamps|>")]
        (found,) = model.generate(
            features, [prompt], beam_size=5, max_length=_MOST_TOKENS, return_scores=True, return_no_speech_prob=True
        )
        if found.no_speech_prob > _SILENT and found.scores[0] < _UNSURE:
            return ""
        words: str = tokenizer.decode(found.sequences_ids[0], skip_special_tokens=True)
        return words.strip()


def parts(samples: Floats) -> Iterator[Floats]:
    """Each short enough for the model, cut where it is quiet."""
    while samples.size > SECONDS * RATE:
        room = np.square(samples[EARLIEST_CUT * RATE : SECONDS * RATE])
        loudness = np.convolve(room, np.ones(_QUIET, dtype=np.float32), mode="valid")
        cut = EARLIEST_CUT * RATE + int(loudness.argmin()) + _QUIET // 2
        yield samples[:cut]
        samples = samples[cut:]
    yield samples


def spectra(samples: Floats, bands: int) -> Floats:
    """One row a band, one column a hundredth of a second, of half a minute; silence after the end."""
    sound = np.zeros(SECONDS * RATE, dtype=np.float32)
    sound[: samples.size] = samples
    around = np.pad(sound, _WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(around, _WINDOW)[::_HOP][:-1]
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(frames * window, axis=1)))
    loud = np.log10(np.maximum(_bands(bands) @ power.T, 1e-10))
    loud = np.maximum(loud, loud.max() - 8)
    return np.asarray((loud + 4) / 4, dtype=np.float32)


def _bands(count: int) -> Floats:
    """Slaney's mel scale: even steps up to 1,000 Hz, even ratios above. Each band is a triangle of the same area."""
    edges = _hertz(np.linspace(0, _mel(RATE / 2), count + 2))
    frequencies = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    low, middle, high = (edges[at : at + count, None] for at in range(3))
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low), dtype=np.float32)


_STEP, _EVEN, _RATIO = 200 / 3, 15.0, np.log(6.4) / 27  # hertz a mel, mels of 1,000 Hz, and of each above in logarithms


def _mel(hertz: float) -> float:
    return float(_EVEN + np.log(hertz / 1000) / _RATIO)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mels < _EVEN, mels * _STEP, 1000 * np.exp(_RATIO * (mels - _EVEN)))


def _decoded(audio: bytes, mime: str) -> Floats:
    """One channel at RATE. mime is only said in the error: the sound itself tells what it is."""
    import av

    try:
        with av.open(BytesIO(audio), "r", metadata_errors="ignore") as file:
            resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
            pieces: list[Floats] = []
            for frame in file.decode(audio=0):
                pieces += [made.to_ndarray()[0] for made in resampler.resample(frame)]
                if sum(map(len, pieces)) > LONGEST * RATE:
                    break
            pieces += [made.to_ndarray()[0] for made in resampler.resample(None)]
    except (av.FFmpegError, IndexError, ValueError) as error:  # IndexError: no sound in it
        raise SoundUnreadable(f"This sound ({mime}) cannot be read. It is kept as it came.") from error
    return np.concatenate(pieces)[: LONGEST * RATE] if pieces else np.zeros(0, dtype=np.float32)
