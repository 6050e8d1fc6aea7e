"""Speech is really made, and really decoded: in both languages, and by both ways to espeak-ng."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bot import espeak, speech
from bot.speech import can_speak, speak, spoken

HELLO = {
    "en": "Hello. What is working for you? You can tell me to stop at any time.",
    "cy": "Helo. Beth sy'n gweithio i chi? Cewch ddweud wrtha i am stopio unrhyw bryd.",
}
WORDS_A_SECOND = (1.0, 3.5)


@pytest.fixture(params=["package", "program"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """To espeak-ng: the library of the package, or a program on the PATH, which here is made of that library."""
    monkeypatch.setenv("PATH", str(tmp_path))
    if request.param == "program":
        own = espeak._command("VOICE")
        assert own
        run = " ".join(f'"{part}"' for part in own).replace('"VOICE"', '"$2"')
        program = tmp_path / "espeak-ng"
        program.write_text(f'#!/bin/sh\n[ "$7 $8" = "--stdin --stdout" ] || exit 1\nexec {run}\n')
        program.chmod(0o755)
    return str(request.param)


@pytest.mark.parametrize("language", HELLO)
def test_words_become_sound_that_is_long_enough_and_no_silence(way: str, language: str) -> None:
    made = speak(HELLO[language], language)
    assert made
    assert made.startswith(b"OggS")
    assert b"OpusHead" in made[:64]
    samples, rate = soundfile.read(BytesIO(made))
    assert (rate, samples.ndim) == (24_000, 1)
    slow, fast = WORDS_A_SECOND
    assert len(HELLO[language].split()) / fast < len(samples) / rate < len(HELLO[language].split()) / slow
    assert float(np.sqrt(np.mean(samples**2))) > 0.02
    assert 0.2 < float(np.abs(samples).max()) <= 1


def test_the_sound_keeps_its_pitch_at_its_new_rate() -> None:
    rate, seconds = 22_050, 2
    tone = np.sin(2 * np.pi * 440 * np.arange(rate * seconds) / rate) * 2**14
    samples, new_rate = soundfile.read(BytesIO(speech._opus(espeak.Wave(rate, tone.astype("<i2").tobytes()))))
    strongest = np.fft.rfftfreq(len(samples), 1 / new_rate)[np.abs(np.fft.rfft(samples)).argmax()]
    assert len(samples) == pytest.approx(new_rate * seconds, rel=0.01)
    assert strongest == pytest.approx(440, abs=2)


def test_each_language_has_a_voice_of_its_own() -> None:
    english, welsh = (espeak.wave(HELLO["cy"], language) for language in ("en", "cy"))
    assert english
    assert welsh
    assert english.samples != welsh.samples


def test_a_language_that_nobody_speaks_gives_nothing(way: str) -> None:
    assert speak("Hello", "none-such") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("🙂 Well?", "Well?"),
        ("Say STOP or HELP. Or NHS.", "Say stop or help. Or NHS."),
        ("Dywedwch DECHRAU neu /stop", "Dywedwch dechrau neu stop."),
        ("✋ Stop\n👍🏽 Yes\n1️⃣ One", "Stop.\nYes.\n1 One."),
        ("Open this: https://example.org/join#code 🙏.", "Open this:."),
        ("• one → two • three", "one two three."),
        ("It’s “fine”.", "It’s “fine”."),
        ("At 20°", "At 20°."),
    ],
)
def test_pictures_and_addresses_are_not_read_out_and_capitals_are_words(text: str, said: str) -> None:
    assert spoken(text) == said


@pytest.mark.parametrize("text", ["", " \n", "🙂", "👨‍👩‍👧 🇬🇧"])
def test_what_has_no_words_is_not_spoken(text: str) -> None:
    assert speak(text, "en") is None


def test_the_words_are_on_no_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[list[str]] = []
    real = subprocess.run

    def run(command: list[str], **options: object) -> object:
        lines.append(command)
        return real(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(espeak.subprocess, "run", run)
    assert speak("A secret", "en")
    assert len(lines) == 1
    assert "secret" not in " ".join(lines[0])


def test_without_espeak_nothing_is_spoken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    assert not can_speak()
    assert speak("Hello", "en") is None
    assert speech.main() == 1


@pytest.mark.parametrize("body", ["exit 1", "echo no wave", "kill -9 $$", "exec sleep 60"])
def test_a_program_that_fails_or_hangs_gives_nothing_and_is_gone(
    body: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "espeak-ng").write_text(f"#!/bin/sh\necho $$ >{tmp_path}/number\n{body}\n")
    (tmp_path / "espeak-ng").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(espeak, "SECONDS", 0.3)
    assert speak("Hello", "en") is None
    assert not Path(f"/proc/{(tmp_path / 'number').read_text().strip()}").exists()


def test_the_worker_can_say_that_it_speaks() -> None:
    assert speech.main() == 0
