"""The key file: made once, kept outside the database and outside backups of it."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from learning_log.errors import AlreadyThere, KeyMissing, SettingsWrong

KEY_BYTES = 32


@dataclass(frozen=True)
class Keyring:
    """`data` maps key numbers to 32-byte keys: the highest number seals, all of them open.

    `index` makes the look-up hashes and `audit` chains the audit log: neither is changed by a rotation.
    """

    data: dict[int, bytes]
    index: bytes
    audit: bytes

    @property
    def current(self) -> int:
        return max(self.data)

    def with_new_key(self) -> Keyring:
        return Keyring({**self.data, self.current + 1: secrets.token_bytes(KEY_BYTES)}, self.index, self.audit)

    def without_old_keys(self) -> Keyring:
        return Keyring({self.current: self.data[self.current]}, self.index, self.audit)


def new_keyring() -> Keyring:
    return Keyring({1: secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))


def make_keys(path: Path) -> Keyring:
    """Raises AlreadyThere rather than ever writing over a key."""
    if path.exists():
        raise AlreadyThere(f"There is a key file already: {path}. It was left as it is.")
    keyring = new_keyring()
    save_keys(path, keyring)
    return keyring


def save_keys(path: Path, keyring: Keyring) -> None:
    """Writes beside the file and renames, so that a crash leaves the old or the new file, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {
            "version": 1,
            "data": {str(number): b64encode(key).decode() for number, key in keyring.data.items()},
            "index": b64encode(keyring.index).decode(),
            "audit": b64encode(keyring.audit).decode(),
        },
        indent=2,
    )
    beside = path.with_suffix(".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    _keep_folder(path.parent)


def _keep_folder(folder: Path) -> None:
    """Without this a power cut can bring the earlier file back, whose keys do not open what was sealed since."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_keys(path: Path) -> Keyring:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        data = {int(number): b64decode(key, validate=True) for number, key in kept["data"].items()}
        keyring = Keyring(data, b64decode(kept["index"], validate=True), b64decode(kept["audit"], validate=True))
    except FileNotFoundError as error:
        raise KeyMissing(
            f"The key file {path} is missing. Put it back, or set WHATMATTERS_KEY_FILE. Nothing was changed."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsWrong(
            f"The key file {path} cannot be read. Put the right one back. Nothing was changed."
        ) from error
    if not data or any(len(key) != KEY_BYTES for key in [*data.values(), keyring.index, keyring.audit]):
        raise SettingsWrong(f"The key file {path} is damaged. Put the right one back. Nothing was changed.")
    return keyring
