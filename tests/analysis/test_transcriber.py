"""Voice messages to words: all but the model itself, which the administrator brings."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import av
import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from bot.speech import speak
from learning_log.analysis.transcriber import FILES, transcriber_in
from learning_log.analysis.whisper import RATE, Floats, _decoded, parts, spectra
from learning_log.errors import ModelMissing, SoundUnreadable

SPECIAL = ("<|startoftranscript|>", "<|cy|>", "<|transcribe|>", "<|notimestamps|>")
WORDS = ("we", "planted", "beans")


class FakeModel:
    """Hears the same words in each part."""

    loaded: ClassVar[list[FakeModel]] = []
    no_speech_prob, score, is_multilingual = 0.1, -0.3, False

    def __init__(self, folder: str, **options: Any) -> None:
        self.folder, self.options, self.n_mels = folder, options, 80
        self.asked: list[tuple[tuple[int, ...], list[list[int]]]] = []
        self.loaded.append(self)

    def detect_language(self, _features: Any) -> list[list[tuple[str, float]]]:
        return [[("<|cy|>", 0.9), ("<|en|>", 0.1)]]

    def generate(self, features: Any, prompts: list[list[int]], **_: Any) -> list[SimpleNamespace]:
        self.asked.append((features.shape, prompts))
        ids = [len(SPECIAL) + at for at in range(len(WORDS))]
        return [SimpleNamespace(sequences_ids=[ids], scores=[self.score], no_speech_prob=self.no_speech_prob)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a model, for an engine that is not there."""
    for name in FILES:
        (tmp_path / name).write_bytes(b"{}")
    known = {word: at for at, word in enumerate((*SPECIAL, *WORDS))}
    tokenizer = Tokenizer(WordLevel(known, unk_token=WORDS[0]))
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    engine, models = ModuleType("ctranslate2"), ModuleType("ctranslate2.models")
    engine.StorageView = SimpleNamespace(from_array=lambda array: array)  # type: ignore[attr-defined]
    models.Whisper = FakeModel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ctranslate2", engine)
    monkeypatch.setitem(sys.modules, "ctranslate2.models", models)
    monkeypatch.setattr(FakeModel, "loaded", [])
    return tmp_path


def spoken(text: str = "We planted beans.") -> bytes:
    made = speak(text, "en")
    assert made
    return made


def recorded(container: str, codec: str, seconds: float = 1.0, rate: int = 48_000) -> bytes:
    """A tone of 440 Hz, as a browser would record it: in two channels."""
    file = BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout="stereo")
        tone = np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate).astype(np.float32) / 2
        frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]), format="fltp", layout="stereo")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    return file.getvalue()


def test_without_a_folder_there_is_no_transcriber() -> None:
    assert transcriber_in(None) is None


@pytest.mark.parametrize("missing", FILES)
def test_a_folder_without_a_model_is_said(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(ModelMissing, match=missing):
        transcriber_in(folder)


def test_the_model_is_loaded_once_and_only_with_the_first_message(folder: Path) -> None:
    transcriber = transcriber_in(folder)
    assert transcriber
    assert FakeModel.loaded == []
    assert [transcriber.transcribe(spoken(), "audio/ogg") for _ in range(2)] == ["we planted beans"] * 2
    (model,) = FakeModel.loaded
    assert model.folder == str(folder)
    assert model.asked == [((1, 80, 3000), [[0, 3]])] * 2


def test_a_model_of_many_languages_is_told_which_one_it_heard(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeModel, "is_multilingual", True)
    transcriber = transcriber_in(folder)
    assert transcriber
    transcriber.transcribe(spoken(), "audio/ogg")
    assert FakeModel.loaded[0].asked[0][1] == [[0, 1, 2, 3]]


def test_where_nobody_speaks_there_are_no_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    transcriber = transcriber_in(folder)
    assert transcriber
    silence = BytesIO()
    with av.open(silence, "w", format="wav") as out:
        stream = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE), dtype=np.int16), format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in stream.encode(frame):
            out.mux(packet)
    assert transcriber.transcribe(silence.getvalue(), "audio/wav") == ""
    assert FakeModel.loaded == []
    monkeypatch.setattr(FakeModel, "no_speech_prob", 0.9)
    assert transcriber.transcribe(spoken(), "audio/ogg") == "we planted beans"
    monkeypatch.setattr(FakeModel, "score", -1.5)
    assert transcriber.transcribe(spoken(), "audio/ogg") == ""


def test_a_long_message_is_heard_to_its_end(folder: Path) -> None:
    transcriber = transcriber_in(folder)
    assert transcriber
    assert transcriber.transcribe(recorded("webm", "libopus", 65.0), "audio/webm") == " ".join(["we planted beans"] * 3)


def test_a_long_message_is_cut_where_it_is_quiet() -> None:
    sound = np.random.default_rng(7).normal(0, 0.2, 50 * RATE).astype(np.float32)
    sound[23 * RATE : 24 * RATE] = 0
    first, second = parts(sound)
    assert 23 * RATE < first.size < 24 * RATE
    assert np.array_equal(np.concatenate([first, second]), sound)
    assert [part.size for part in parts(sound[: 30 * RATE])] == [30 * RATE]


@pytest.mark.parametrize(
    ("container", "codec"), [("ogg", "libopus"), ("webm", "libopus"), ("mp4", "aac"), ("mp3", "libmp3lame")]
)
def test_what_telegram_and_browsers_record_is_read(container: str, codec: str) -> None:
    samples = _decoded(recorded(container, codec), f"audio/{container}")
    assert samples.dtype == np.float32
    assert samples.size == pytest.approx(RATE, rel=0.15)
    strongest = np.fft.rfftfreq(samples.size, 1 / RATE)[np.abs(np.fft.rfft(samples)).argmax()]
    assert strongest == pytest.approx(440, abs=3)


@pytest.mark.parametrize("content", [b"", b"OggS", b"no sound at all" * 50])
def test_what_is_no_sound_is_said(content: bytes) -> None:
    with pytest.raises(SoundUnreadable, match="audio/ogg"):
        _decoded(content, "audio/ogg")


def tone(hertz: float) -> Floats:
    return np.asarray(np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE), dtype=np.float32)


def test_a_higher_tone_is_heard_in_a_higher_band_and_the_rest_is_quiet() -> None:
    bands = [int(spectra(tone(hertz), 80)[:, 50].argmax()) for hertz in (200, 500, 1000, 2000, 4000, 7500)]
    assert bands == sorted(set(bands))
    heard = spectra(tone(500), 80)
    assert heard.shape == (80, 3000)
    assert heard.max() - heard.min() == pytest.approx(2)
    assert heard[:, 200:].max() == heard.min()
