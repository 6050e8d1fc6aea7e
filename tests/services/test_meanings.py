"""What words mean is kept sealed beside them, and only of what may be read."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import select

from learning_log.analysis.encoder import Vectors, of_length_one
from learning_log.services import meanings, organisation
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Reflection, ReflectionMeaning, Team
from tests.services.test_theming import WORKS, a_home, tell


class Letters:
    """An encoder that can be worked out in one's head: how often each letter comes."""

    name, size = "letters", 26

    def __init__(self) -> None:
        self.heard: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.heard += texts
        rows = [[text.lower().count(chr(97 + at)) for at in range(26)] for text in texts]
        return of_length_one(np.array(rows, dtype=np.float32).reshape(-1, 26))


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def home(records: Records) -> Team:
    return a_home(records)


def test_each_reflection_is_encoded_once(log: LearningLog, tenant: UUID, letters: Letters) -> None:
    with log.write(tenant) as records:
        home = a_home(records)
        tell(records, home, [(f"we made soup number {number}", WORKS) for number in range(450)])
    told: list[int] = []
    assert meanings.keep_all(log, tenant, letters, told.append) == 450
    assert told == [200, 400, 450]
    assert meanings.keep_all(log, tenant, letters) == 0
    assert len(letters.heard) == 450


def test_an_answer_that_makes_two_points_has_a_row_for_each_beside_the_whole(
    records: Records, home: Team, letters: Letters
) -> None:
    one, two = tell(records, home, [("We had cake.", WORKS), ("We had cake. The bus was on time.", WORKS)])
    words = {row.id: records.text(row, "words") for row in (one, two)}
    meanings.keep(records, letters, meanings.make(records, words, letters))
    kept = meanings.read(records, [one.id, two.id], letters)
    assert {id: len(rows) for id, rows in kept.items()} == {one.id: 1, two.id: 3}
    assert np.allclose(kept[two.id], letters.encode([words[two.id], "We had cake.", "The bus was on time."]), atol=1e-3)


def test_a_second_reading_takes_the_place_of_the_first(records: Records, home: Team, letters: Letters) -> None:
    (row,) = tell(records, home, [("soup", WORKS)])
    for said in ("soup", "bread"):
        meanings.keep(records, letters, {row.id: letters.encode([said])})
    assert np.allclose(meanings.read(records, [row.id], letters)[row.id], letters.encode(["bread"]), atol=1e-3)
    assert len(records.all(select(ReflectionMeaning))) == 1


def test_names_do_not_reach_the_encoder(log: LearningLog, tenant: UUID, letters: Letters) -> None:
    with log.write(tenant) as records:
        home = a_home(records)
        organisation.add_person(records, "Wilhelmina Fictional", home)
        tell(records, home, [("Wilhelmina and I baked at Quince House", WORKS)])
    meanings.keep_all(log, tenant, letters)
    assert letters.heard == ["[name] and I baked at [name]"]


def test_what_may_not_be_read_is_not_encoded(log: LearningLog, tenant: UUID, letters: Letters) -> None:
    with log.write(tenant) as records:
        home = a_home(records)
        tell(records, home, [("only for me", WORKS)], audience="me")
        tell(records, home, [("taken back", WORKS)], withdrawn_at=records.now)
    assert meanings.keep_all(log, tenant, letters) == 0
    assert letters.heard == []


def test_the_kept_bytes_are_sealed(records: Records, home: Team, letters: Letters) -> None:
    (row,) = tell(records, home, [("soup", WORKS)])
    meanings.keep(records, letters, {row.id: letters.encode(["soup"])})
    sealed = records.session.execute(select(ReflectionMeaning.vectors_sealed)).scalar_one()
    assert sealed is not None
    plain = letters.encode(["soup"]).astype("<f2").tobytes()
    assert plain not in sealed
    assert len(sealed) < len(plain) + 64


def test_another_encoder_reads_everything_again(log: LearningLog, tenant: UUID, letters: Letters) -> None:
    with log.write(tenant) as records:
        tell(records, a_home(records), [("soup", WORKS)])
    meanings.keep_all(log, tenant, letters)
    letters.name = "other letters"
    assert meanings.keep_all(log, tenant, letters) == 1
    with log.read(tenant) as records:
        ids = [row.id for row in records.all(select(Reflection.id))]
        assert len(meanings.read(records, ids, letters)) == 1
