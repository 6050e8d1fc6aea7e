"""A voice message as words. The model is a folder that the administrator supplies; nothing is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from learning_log.errors import ModelMissing

FILES = ("config.json", "model.bin", "tokenizer.json")  # of a Whisper model, made ready for CTranslate2


class Transcriber(Protocol):
    def transcribe(self, audio: bytes, mime: str) -> str:
        """The words; none where nobody speaks. Takes seconds: not for the event loop.

        Raises SoundUnreadable for what is no sound. What it heard may be wrong: it is a person's words only once
        somebody has looked.
        """


def transcriber_in(folder: Path | None) -> Transcriber | None:
    """None where no folder is set. Raises ModelMissing where it holds no model. It loads with the first message."""
    if folder is None:
        return None
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise ModelMissing(f"{folder} holds no {missing[0]}: it is no model for voice messages. Nothing was changed.")
    from learning_log.analysis.whisper import Whisper

    return Whisper(folder)
