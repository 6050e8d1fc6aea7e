"""Messages read aloud: speech made on this machine, as Telegram and browsers play it. Nothing goes over the network.

No speech is kept: it cannot be told here which words are of a catalogue and which are a person's own.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from io import BytesIO
from unicodedata import category

from bot import espeak
from bot.espeak import Wave

RATE = 24_000  # one of the few that Opus knows
LANGUAGES = ("en", "cy")  # what `python -m bot.speech` tries
_LINK = re.compile(r"https?://\S+")
_COMMAND = re.compile(r"(?<![\w/])/(?=[a-z])")
_CAPITALS = re.compile(r"\b[^\W\d_]{4,}\b")  # STOP is a word; NHS is not
_ENDED = re.compile(r"[.!?:;,…][\"'”’)]*$")
_GAP = re.compile(r"\s+(?=[.,!?;:])")  # where a picture was; a point that stands alone would be called "dot"
_UNSPOKEN = {"So", "Sk", "Cf", "Me"}  # categories of Unicode: emoji, and what joins and colours them
_VARIANT, _BULLET = "\ufe0f", "•"


def speak(text: str, language: str) -> bytes | None:
    """OGG/Opus. None where there is nothing to say, where nothing is installed, or where the language is not known."""
    words = spoken(text)
    if not words or not can_speak():
        return None
    wave = espeak.wave(words, language)
    return _opus(wave) if wave else None


def can_speak() -> bool:
    return espeak.is_there() and importlib.util.find_spec("soundfile") is not None


def spoken(text: str) -> str:
    """As it is said: without pictures and addresses, with words in capitals as words, each line ended."""
    text = _LINK.sub(" ", text)
    text = "".join(letter for letter in text if not _is_picture(letter))
    text = _COMMAND.sub("", text)
    text = _CAPITALS.sub(lambda found: found[0].lower() if found[0].isupper() else found[0], text)
    lines = (" ".join(_GAP.sub("", line).split()) for line in text.splitlines())
    return "\n".join(line if _ENDED.search(line) else f"{line}." for line in lines if line)


def _is_picture(letter: str) -> bool:
    number = ord(letter)
    arrow = 0x2190 <= number <= 0x21FF
    return letter in (_VARIANT, _BULLET) or arrow or (number > 0xFF and category(letter) in _UNSPOKEN)


def _opus(wave: Wave) -> bytes:
    # Loaded only here: most messages are not read aloud.
    import numpy as np
    import soundfile

    samples = np.frombuffer(wave.samples, "<i2").astype(np.float64) / 2**15
    wanted = round(samples.size * RATE / wave.rate)
    # The same sound at another rate: its frequencies stay. It begins and ends in silence, so the ends do not meet.
    louder = wanted / samples.size
    resampled = np.fft.irfft(np.fft.rfft(samples), wanted) * louder
    file = BytesIO()
    soundfile.write(file, np.clip(resampled, -1, 1), RATE, format="OGG", subtype="OPUS")
    return file.getvalue()


def main() -> int:
    """Ends with 0 when speech can be made here, for `whatmatters check`."""
    return 0 if all(speak("1", language) for language in LANGUAGES) else 1


if __name__ == "__main__":
    sys.exit(main())
