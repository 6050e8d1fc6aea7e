"""Words, names and media are sealed for one place only: a tenant, a table, a column and a row."""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from learning_log.errors import WrongKey
from learning_log.storage.keys import Keyring

NONCE_BYTES = 12
HEADER_BYTES = 4


class Vault:
    """Seals and opens values with AES-256-GCM.

    Each tenant has a key of its own, derived from the key ring, so that random nonces stay far below the
    2**32 messages that NIST SP 800-38D allows one key. Layout: key number (4 bytes), nonce (12), ciphertext.
    """

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self._cipher = lru_cache(maxsize=4096)(self._derive)

    def _derive(self, number: int, tenant: UUID) -> AESGCM:
        key = HKDFExpand(algorithm=SHA256(), length=32, info=b"data" + tenant.bytes).derive(self.keyring.data[number])
        return AESGCM(key)

    def seal(self, tenant: UUID, table: str, column: str, row: UUID, value: bytes) -> bytes:
        number, nonce = self.keyring.current, os.urandom(NONCE_BYTES)
        sealed = self._cipher(number, tenant).encrypt(nonce, value, _place(tenant, table, column, row))
        return number.to_bytes(HEADER_BYTES, "big") + nonce + sealed

    def open(self, tenant: UUID, table: str, column: str, row: UUID, sealed: bytes) -> bytes:
        """Raises WrongKey for another key, for changed bytes, and for bytes moved here from another place."""
        number = int.from_bytes(sealed[:HEADER_BYTES], "big")
        if number not in self.keyring.data:
            raise WrongKey
        nonce, body = sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES], sealed[HEADER_BYTES + NONCE_BYTES :]
        try:
            return self._cipher(number, tenant).decrypt(nonce, body, _place(tenant, table, column, row))
        except (InvalidTag, ValueError) as error:
            raise WrongKey from error

    def is_current(self, sealed: bytes) -> bool:
        return int.from_bytes(sealed[:HEADER_BYTES], "big") == self.keyring.current

    def fingerprint(self, kind: str, value: str) -> bytes:
        """A keyed hash to look a secret value up by: the same value gives the same 32 bytes, and tells nothing."""
        return hmac.new(self.keyring.index, f"{kind}\0{value}".encode(), hashlib.sha256).digest()

    def chain(self, previous: bytes, entry: bytes) -> bytes:
        """The next link of the audit log: 32 bytes."""
        return hmac.new(self.keyring.audit, previous + entry, hashlib.sha256).digest()


def _place(tenant: UUID, table: str, column: str, row: UUID) -> bytes:
    return tenant.bytes + row.bytes + f"{table}\0{column}".encode()
