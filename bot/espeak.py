"""espeak-ng as a process of its own, which lives for one text: words go in at one end, a WAV file comes out.

It is GPL-3.0 and C: no part of this program is linked with it, and what goes wrong in it stays there. The words are
never on its command line, where others on the machine could read them. Where Debian's program is on the PATH it is
used. Else this file is run as a script: it speaks through the library of the package espeakng-loader, and needs
nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass

TEMPO = 140  # words a minute; espeak-ng's own is 175
SECONDS = 20.0  # for one text; a long message takes a fraction of one
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")  # of a WAV file
_SYNCHRONOUS, _NO_EXIT, _TEMPO, _UTF8 = 2, 0x8000, 1, 1  # from espeak-ng's speak_lib.h
_EVERY_LENGTH = 0x7FFFF000  # it is not known yet when the header is written; espeak-ng writes the same


@dataclass(frozen=True)
class Wave:
    """rate: samples a second. samples: 16 bits each, little-endian, one channel."""

    rate: int
    samples: bytes


def wave(words: str, voice: str) -> Wave | None:
    """None where there is no espeak-ng, or it does not know the voice. voice: a language as espeak-ng names it."""
    command = _command(voice)
    if command is None:
        return None
    try:
        ran = subprocess.run(  # noqa: S603 - the words are no part of the command
            command, input=words.encode(), capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):  # it has been ended by then
        return None
    if ran.returncode or len(ran.stdout) <= _HEADER.size:
        return None
    return Wave(_HEADER.unpack_from(ran.stdout)[7], ran.stdout[_HEADER.size :])


def is_there() -> bool:
    return _command("en") is not None


def _command(voice: str) -> list[str] | None:
    program = shutil.which("espeak-ng")
    if program:
        return [program, "-v", voice, "-s", str(TEMPO), "-b", "1", "--stdin", "--stdout"]
    if importlib.util.find_spec("espeakng_loader") is None:
        return None
    import espeakng_loader as loader

    # -I and -S: nothing of this program is loaded there.
    return [sys.executable, "-I", "-S", __file__, loader.get_library_path(), loader.get_data_path(), voice]


def _speak(library: str, data: str, voice: str) -> int:
    """What the process does. Returns what it ends with."""
    espeak = ctypes.CDLL(library)
    os.chdir(data)  # it takes no path of more than 160 letters
    rate = espeak.espeak_Initialize(_SYNCHRONOUS, 0, b".", _NO_EXIT)
    if rate <= 0 or espeak.espeak_SetVoiceByName(voice.encode()):
        return 1
    espeak.espeak_SetParameter(_TEMPO, TEMPO, 0)
    out = sys.stdout.buffer
    out.write(_header(rate))

    def take(samples: int | None, count: int, _events: int | None) -> int:
        if samples and count:
            out.write(ctypes.string_at(samples, 2 * count))
        return 0

    took = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(take)
    espeak.espeak_SetSynthCallback(took)
    words = sys.stdin.buffer.read()
    failed: int = espeak.espeak_Synth(words, ctypes.c_size_t(len(words) + 1), 0, 1, 0, _UTF8, None, None)
    return failed


def _header(rate: int) -> bytes:
    length = _EVERY_LENGTH
    return _HEADER.pack(b"RIFF", length + 36, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16, b"data", length)


if __name__ == "__main__":
    sys.exit(_speak(*sys.argv[1:]))
