from __future__ import annotations

import csv
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.services import joining
from learning_log.services.importing.reflections import import_reflections
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Reflection
from tests.sense_making_app.place import Place, agree, chat, make_place


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def test_an_imported_answer_is_for_the_team_alone_without_an_agreement_to_themes(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    with place.log.write(place.tenant) as records:
        references = [records.text(person, "reference") for person in place.people[:2]]
        for person in place.people[:2]:
            chat(records, person)
            agree(records, person, joining.TAKE_PART, True, records.now)
        agree(records, place.people[0], joining.THEMES, True, records.now)
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows(
            [
                ["id", "words", "direction", "audience", "person"],
                ["1", "Good food", "works", "themes", references[0]],
                ["2", "A quiet night", "works", "themes", references[1]],
            ]
        )
    with place.log.write(place.tenant) as records:
        made = import_reflections(records, file)
    with place.log.read(place.tenant) as records:
        kept = {records.text(one, "words"): one.audience for one in records.all(select(Reflection))}

    assert kept == {"Good food": "themes", "A quiet night": "team"}
    assert made.notices == ["Kept for the team alone, because the person has not agreed to themes: 1."]
