"""Passwords of staff: only a slow, salted hash is kept."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from learning_log.errors import SettingsWrong

LEAST_CHARACTERS = 10
MOST_CHARACTERS = 200  # hashing a longer one would only keep the machine busy
# Letters and digits that are not taken for one another when they are read out.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher()


def hash_password(text: str) -> str:
    """An Argon2id hash. Raises SettingsWrong for a password that is too short or too long."""
    if not LEAST_CHARACTERS <= len(text) <= MOST_CHARACTERS:
        raise SettingsWrong(
            f"A password needs {LEAST_CHARACTERS} to {MOST_CHARACTERS} characters. Nothing was changed. Try another."
        )
    return _hasher.hash(text)


def matches(hash: str, text: str) -> bool:
    if len(text) > MOST_CHARACTERS:
        return False
    try:
        return _hasher.verify(hash, text)
    except (VerificationError, InvalidHashError):
        return False


def new_password() -> str:
    """About 79 bits, in four groups that can be read out."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
