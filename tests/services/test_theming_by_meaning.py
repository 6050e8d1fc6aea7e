"""Themes by meaning, kept: on both databases, with the installed model."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.analysis.encoder import Encoder
from learning_log.services import explaining, proposing, theme_rows, theming
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import OUT_OF_USE, Reflection, ReflectionMeaning, Team, Theme, ThemePlacement
from tests.analysis.test_themes_by_meaning import SAID
from tests.services.test_theming import NOT_WORKING, a_home, by_words, tell

EVERYTHING = [(words, NOT_WORKING) for each in SAID.values() for words in each]


@pytest.fixture
def told(log: LearningLog, tenant: UUID) -> LearningLog:
    with log.write(tenant) as records:
        tell(records, a_home(records), EVERYTHING)
    return log


def say(log: LearningLog, tenant: UUID, words: str) -> UUID:
    with log.write(tenant) as records:
        (row,) = tell(records, records.all(select(Team))[0], [(words, NOT_WORKING)])
        return row.id


def together(records: Records, one: str, other: str) -> bool:
    return any({one, other} <= texts for texts in by_words(records).values())


def test_answers_that_share_no_word_stand_in_one_theme(told: LearningLog, tenant: UUID, encoder: Encoder) -> None:
    assert theming.bring_up_to_date(told, tenant, encoder) == 24
    with told.read(tenant) as records:
        assert len(records.all(select(Theme))) == 3
        assert together(records, "My taxi never turned up", "The bus was late again")
        assert not together(records, "My taxi never turned up", "Loud music upstairs keeps me awake")
        assert len(records.all(select(ReflectionMeaning))) == 24


def test_a_new_answer_is_encoded_and_placed(told: LearningLog, tenant: UUID, encoder: Encoder) -> None:
    theming.bring_up_to_date(told, tenant, encoder)
    say(told, tenant, "The coach left without us")
    assert theming.bring_up_to_date(told, tenant, encoder) == 1
    assert theming.bring_up_to_date(told, tenant, encoder) == 0
    with told.read(tenant) as records:
        assert together(records, "The coach left without us", "The bus was late again")


def test_when_the_model_is_gone_what_is_new_waits_and_themes_stay(
    told: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    theming.bring_up_to_date(told, tenant, encoder)
    with told.read(tenant) as records:
        before = by_words(records)
    late = say(told, tenant, "The coach left without us")
    assert theming.bring_up_to_date(told, tenant, None) == 0
    with told.read(tenant) as records:
        assert by_words(records) == before
        assert theme_rows.waiting(records, 10) == [late]
    assert theming.bring_up_to_date(told, tenant, encoder) == 1


def test_a_model_that_comes_later_proposes_and_what_people_decided_stays(
    told: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    with told.write(tenant) as records:
        ours = records.add(
            Theme(key="0" * 16, direction=NOT_WORKING, found_at=records.now, state="confirmed"), label="Getting there"
        )
        records.session.flush()
        for row in records.all(select(Reflection)):
            if records.text(row, "words") in SAID["transport"]:
                placed = ThemePlacement(
                    theme_id=ours.id, reflection_id=row.id, strength=1.0, placed_by="machine", placed_at=records.now
                )
                records.add(placed)
    theming.find_anew(told, tenant)
    theming.bring_up_to_date(told, tenant, encoder)
    with told.write(tenant) as records:
        (proposal,) = proposing.open_proposals(records)
        proposing.apply(records, proposal.id)
    theming.bring_up_to_date(told, tenant, encoder)
    with told.read(tenant) as records:
        kept = records.get(Theme, ours.id)
        assert (records.text(kept, "label"), kept.state) == ("Getting there", "confirmed")
        in_use = [one for one in records.all(select(Theme)) if one.state not in OUT_OF_USE]
        assert len(in_use) == 3
        known = theme_rows.kept_model(records)
        assert known is not None
        assert known[0].encoder == encoder.name


def test_what_is_taken_back_leaves_neither_place_nor_meaning(told: LearningLog, tenant: UUID, encoder: Encoder) -> None:
    theming.bring_up_to_date(told, tenant, encoder)
    with told.write(tenant) as records:
        gone = records.all(select(Reflection))[0]
        gone.withdrawn_at = records.now
    theming.find_anew(told, tenant, encoder=encoder)
    with told.read(tenant) as records:
        for kind in (ThemePlacement, ReflectionMeaning):
            assert gone.id not in {row.reflection_id for row in records.all(select(kind))}


def test_why_an_answer_stands_where_it_does_can_be_told(told: LearningLog, tenant: UUID, encoder: Encoder) -> None:
    theming.bring_up_to_date(told, tenant, encoder)
    late = say(told, tenant, "The coach left without us")
    theming.bring_up_to_date(told, tenant, encoder)
    with told.read(tenant) as records:
        first, *others = explaining.why(records, late, encoder)
        behind = {str(row.theme_id) for row in records.all(select(ThemePlacement)) if row.reflection_id == late}
    assert first.placed_by == "machine"
    assert {str(first.theme)} == behind
    assert first.near is not None
    assert first.bar is not None
    assert first.near >= first.bar
    assert [one.placed_by for one in others] == ["", ""]
    assert all(one.near is not None and one.near < first.near for one in others)
