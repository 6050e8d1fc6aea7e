"""What is sealed opens in its own place only, with its own key only."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_log.errors import WrongKey
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import Keyring, new_keyring

PLACE = (UUID(int=1), "reflection", "words", UUID(int=2))
vault = Vault(new_keyring())


@given(st.binary(max_size=200))
def test_what_is_sealed_can_be_opened_and_not_read(value: bytes) -> None:
    sealed = vault.seal(*PLACE, value)
    assert vault.open(*PLACE, sealed) == value
    assert len(value) < 4 or value not in sealed


@pytest.mark.parametrize(
    "elsewhere",
    [
        (UUID(int=9), *PLACE[1:]),
        (PLACE[0], "person", *PLACE[2:]),
        (*PLACE[:2], "note", PLACE[3]),
        (*PLACE[:3], UUID(int=9)),
    ],
    ids=["tenant", "table", "column", "row"],
)
def test_a_ciphertext_moved_elsewhere_is_refused(elsewhere: tuple[UUID, str, str, UUID]) -> None:
    sealed = vault.seal(*PLACE, b"I went out")
    with pytest.raises(WrongKey):
        vault.open(*elsewhere, sealed)


@given(st.data())
def test_a_changed_byte_is_refused(data: st.DataObject) -> None:
    sealed = bytearray(vault.seal(*PLACE, b"I went out"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(WrongKey):
        vault.open(*PLACE, bytes(sealed))


@given(st.binary(max_size=20))
def test_what_was_never_sealed_is_refused(junk: bytes) -> None:
    with pytest.raises(WrongKey):
        vault.open(*PLACE, junk)


def test_another_key_ring_opens_nothing() -> None:
    with pytest.raises(WrongKey):
        Vault(new_keyring()).open(*PLACE, vault.seal(*PLACE, b"I went out"))


def test_after_a_rotation_old_words_open_and_new_ones_use_the_new_key() -> None:
    turned: Keyring = vault.keyring.with_new_key()
    old, after = vault.seal(*PLACE, b"I went out"), Vault(turned)
    assert after.open(*PLACE, old) == b"I went out"
    assert not after.is_current(old)
    new = after.seal(*PLACE, b"I went in")
    only_new = Vault(turned.without_old_keys())
    assert only_new.open(*PLACE, new) == b"I went in"
    with pytest.raises(WrongKey):
        only_new.open(*PLACE, old)


def test_the_same_words_never_look_the_same() -> None:
    assert len({vault.seal(*PLACE, b"yes") for _ in range(50)}) == 50


def test_a_fingerprint_is_the_same_for_the_same_and_tells_kinds_apart() -> None:
    name = str(uuid4())
    assert vault.fingerprint("code", name) == vault.fingerprint("code", name)
    assert vault.fingerprint("code", name) != vault.fingerprint("name", name)
    assert Vault(new_keyring()).fingerprint("code", name) != vault.fingerprint("code", name)
